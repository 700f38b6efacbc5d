pub struct Usage { pub total: i64 }
