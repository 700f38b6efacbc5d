#[cfg(feature = "usage")]
pub struct Usage { pub total: i64 }
