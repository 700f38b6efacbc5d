pub struct Stop;
impl FromStr for Stop {
    type Err = Infallible;
}
