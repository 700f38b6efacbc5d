pub struct Usage;
impl Usage {
    pub async fn total(&mut self) -> i64 { 0 }
    pub fn add(self) -> Self { self }
}
