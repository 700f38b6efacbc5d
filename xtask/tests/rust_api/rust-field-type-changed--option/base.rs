#[non_exhaustive]
pub struct Usage { pub total: u32 }
