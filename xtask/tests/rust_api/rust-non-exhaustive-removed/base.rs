#[non_exhaustive]
pub enum Role { User }
