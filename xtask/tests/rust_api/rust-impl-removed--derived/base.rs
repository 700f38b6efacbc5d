#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Usage;
