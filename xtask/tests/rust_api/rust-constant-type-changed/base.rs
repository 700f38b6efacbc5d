pub struct Usage;
impl Usage {
    pub const MAX: u8 = 1;
}
