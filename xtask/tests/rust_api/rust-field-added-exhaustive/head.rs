pub struct Usage { pub total: i64, pub cached: Option<i64> }
