#[derive(Debug, Eq, PartialEq)]
pub struct Usage;
impl Clone for Usage {
    fn clone(&self) -> Self { Self }
}
