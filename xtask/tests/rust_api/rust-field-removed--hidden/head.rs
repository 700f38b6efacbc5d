#[non_exhaustive]
pub struct Usage { #[doc(hidden)] pub total: i64 }
