#[non_exhaustive]
pub struct Usage { pub total: i64 }
#[non_exhaustive]
pub enum Role { User }
