pub struct Usage { pub total: i64 }
pub enum Role { User }
