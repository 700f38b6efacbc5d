#[non_exhaustive]
pub struct Usage { pub total: i64, #[doc(hidden)] pub nulls: Nulls }
