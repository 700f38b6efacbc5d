//! Compares two documents part by part: every key of every object has one rule or more, and a key
//! that no rule knows is reported as such. [`super::rules`] says what each rule means.

mod bodies;
mod bounds;
mod document;
mod enums;
mod extensions;
mod kinds;
mod objects;
mod operations;
mod parameters;
mod reach;
mod schemas;
mod texts;
mod unions;
mod walk;

use super::item::Item;
use crate::load::Document;
use crate::problem::Problem;
use walk::Walk;

/// Returns every difference, in the order of the newer document.
///
/// # Errors
///
/// Returns the references of either document that lead nowhere.
pub(super) fn compare(base: &Document, head: &Document) -> Result<Vec<Item>, Vec<Problem>> {
    let mut walk = Walk::new(base, head);
    document::compare(&mut walk);
    let mut items = walk.finish()?;
    items.sort_by_key(|item| {
        let at = item.head.as_ref().or(item.base.as_ref()).map(|place| place.at.clone());
        (at.map(|at| (at.line, at.col)), item.rule, item.what.clone())
    });
    items.dedup();
    Ok(items)
}
