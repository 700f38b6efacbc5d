//! Applies overlay files (Overlay Specification 1.0 and 1.1), which hold what one service adds to
//! the document or changes. Every value keeps the file and line that it came from.
//!
//! It is stricter than the specification, so that an overlay cannot rot: a target that selects nothing
//! is an error, unless the action has `x-optional: true`, and so is an action whose result is already in
//! the document. [`crate::lint`] checks the result afterwards.

mod extends;
mod merge;
mod select;

use crate::lint;
use crate::load::{Document, Node};
use crate::problem::{Position, Problem};
use select::Step;

/// The versions of the specification, which differ in what an action may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edition {
    /// 1.0: objects are merged, and a list gets one more entry.
    First,
    /// 1.1: lists are joined, scalars replaced, and nodes copied.
    Second,
}

/// Applies overlays to a document in order. Each action sees the result of the one before.
///
/// ```
/// use xtask::{load::Document, overlay::apply};
///
/// let spec = Document::parse("spec.yaml", "info: {title: A}").unwrap();
/// let overlay = "overlay: 1.1.0\ninfo: {title: B, version: '1'}\n\
///                actions: [{target: $.info.title, update: B}]";
/// let overlay = Document::parse("overlay.yaml", overlay).unwrap();
/// let title = apply(spec, &[overlay]).unwrap().node_at("/info/title").unwrap().clone();
/// assert_eq!((title.as_str(), &*title.at.file), (Some("B"), "overlay.yaml"));
/// ```
///
/// # Errors
///
/// Returns all problems of the first overlay with a problem. It tries all actions of an overlay,
/// even after one has failed.
pub fn apply(mut document: Document, overlays: &[Document]) -> Result<Document, Vec<Problem>> {
    for overlay in overlays {
        let problems = apply_one(&mut document, overlay);
        if !problems.is_empty() {
            return Err(problems);
        }
    }
    Ok(document)
}

fn apply_one(document: &mut Document, overlay: &Document) -> Vec<Problem> {
    let mut problems = lint::overlay_keys(overlay);
    problems.extend(extends::check(document, overlay));
    let Some(edition) = edition(overlay, &mut problems) else { return problems };
    if !problems.is_empty() {
        return problems;
    }
    let actions = overlay.root.entry("actions");
    for action in actions.map(|entry| entry.value.items()).unwrap_or_default() {
        problems.extend(act(document, action, edition).err());
    }
    if let Some(empty) = actions.filter(|entry| entry.value.items().is_empty()) {
        let problem = Problem::error("overlay-action", "an overlay without actions")
            .why("it changes nothing")
            .fix("add an action with `target` and `update`, or remove the file");
        problems.push(problem.at(&empty.at));
    }
    problems
}

fn edition(overlay: &Document, problems: &mut Vec<Problem>) -> Option<Edition> {
    let entry = overlay.root.entry("overlay");
    let version = entry.and_then(|entry| entry.value.as_str()).unwrap_or_default();
    match version {
        _ if version.starts_with("1.0.") => Some(Edition::First),
        _ if version.starts_with("1.1.") => Some(Edition::Second),
        _ => {
            let problem = Problem::error("overlay-version", format!("`overlay: {version}`"))
                .why("the generator knows Overlay 1.0 and 1.1")
                .fix("write `overlay: 1.1.0`");
            problems.push(problem.at(entry.map_or(&overlay.root.at, |entry| &entry.value.at)));
            None
        }
    }
}

/// Applies one action: exactly one of `update`, `copy` and `remove`, to everything that `target`
/// selects.
fn act(document: &mut Document, action: &Node, edition: Edition) -> Result<(), Problem> {
    let Some(target) = action.get("target") else { return Ok(()) };
    let remove = action.get("remove").filter(|flag| flag.as_bool() == Some(true));
    let is_optional = action.get("x-optional").and_then(Node::as_bool) == Some(true);
    let selected = match select::all(document, target) {
        Err(problem) if is_optional && problem.rule == select::NOTHING => return Ok(()),
        selected => selected?,
    };
    let before = document.to_json();
    match (action.get("update"), action.get("copy"), remove) {
        (Some(update), None, None) => {
            let update = update.clone();
            each(document, &selected, &mut |node| merge::into(node, &update, edition))?;
        }
        (None, Some(from), None) if edition == Edition::Second => {
            let update = select::one(document, from)?;
            each(document, &selected, &mut |node| merge::into(node, &update, edition))?;
        }
        (None, None, Some(_)) => remove_all(document, &selected, &target.at)?,
        _ => return Err(no_verb(action)),
    }
    match document.to_json() == before {
        true => Err(no_effect(target)),
        false => Ok(()),
    }
}

fn each(
    document: &mut Document,
    selected: &[Vec<Step>],
    change: &mut dyn FnMut(&mut Node) -> Result<(), Problem>,
) -> Result<(), Problem> {
    for steps in selected {
        if let Some(node) = select::get_mut(&mut document.root, steps) {
            change(node)?;
        }
    }
    Ok(())
}

/// Later items are removed first, so that the positions of the earlier ones stay valid.
fn remove_all(
    document: &mut Document,
    selected: &[Vec<Step>],
    at: &Position,
) -> Result<(), Problem> {
    let mut selected = selected.to_vec();
    selected.sort();
    selected.dedup();
    for steps in selected.iter().rev() {
        let Some((last, parent)) = steps.split_last() else {
            return Err(Problem::error("overlay-action", "an action that removes the document")
                .why("the document would be empty")
                .fix("select the part to remove")
                .at(at));
        };
        if let Some(parent) = select::get_mut(&mut document.root, parent) {
            merge::remove(parent, last);
        }
    }
    Ok(())
}

fn no_verb(action: &Node) -> Problem {
    Problem::error("overlay-action", "an action without exactly one change")
        .why("an action has one of `update`, `remove: true` and, in Overlay 1.1, `copy`")
        .fix("write one of them, and the other one in a second action")
        .at(&action.at)
}

fn no_effect(target: &Node) -> Problem {
    Problem::error("overlay-no-effect", "an action that changes nothing")
        .why("the document already says what the overlay says, so the action has expired")
        .fix("remove the action")
        .at(&target.at)
}
