pub struct Usage;
impl Usage {
    pub const MAX: u16 = 1;
}
