pub struct Usage;
impl Usage {}
