#[non_exhaustive]
pub struct Usage { pub total: Option<u32> }
