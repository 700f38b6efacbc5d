//! Says in one sentence what a report is about, for a change file that nobody has written yet.
//! [`super::summary`] says how large the change is.

use super::Report;
use super::item::Item;
use super::render::capital;
use crate::changes::{Change, slug};

/// The change file for a report: the bumps that it demands, and `text` or else a sentence about the
/// heaviest item. `None` if nothing changed.
pub(super) fn change(report: &Report, text: Option<&str>) -> Option<Change> {
    let heaviest = heaviest(report)?;
    let change = match text {
        Some(text) => Change::new(slug(text), report.demanded(), text),
        None => Change::new(slug(&heaviest.subject), report.demanded(), sentence(heaviest)),
    };
    Some(change)
}

fn sentence(item: &Item) -> String {
    format!("{}.", capital(&item.what))
}

/// The first item of the highest level. The wire comes before the Rust API, because it is the reason.
fn heaviest(report: &Report) -> Option<&Item> {
    let level = report.level()?;
    let mut items = report.wire.iter().chain(&report.rust).chain(&report.stream);
    items.find(|item| item.level == level)
}
