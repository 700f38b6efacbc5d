pub struct Usage { pub total: i64, count: u8 }
