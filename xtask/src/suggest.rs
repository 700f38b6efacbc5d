//! Finds the closest right name for a wrong one, for "did you mean …?". The stages that report
//! problems write the sentence.

/// Returns the name among `candidates` that is closest to `name`, if one is close enough.
///
/// ```
/// assert_eq!(xtask::suggest::closest("desciption", ["type", "description"]), Some("description"));
/// assert_eq!(xtask::suggest::closest("colour", ["type", "description"]), None);
/// ```
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const CLOSE_ENOUGH: f32 = 0.6;
    let near = |candidate: &str| similar::TextDiff::from_chars(name, candidate).ratio();
    let scored = candidates.into_iter().map(|candidate| (near(candidate), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= CLOSE_ENOUGH).then_some(best.1)
}
