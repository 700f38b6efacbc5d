pub struct Usage;
impl Usage {
    pub fn total(&self) -> i64 { 0 }
    pub fn add(mut self) -> Self { self }
}
