pub struct Usage { pub total: i64, count: u8, pub cached: Option<i64> }
