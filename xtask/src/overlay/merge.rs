//! Merges an update into a value, and removes values. [`super::select`] finds the values.

use super::Edition;
use super::select::Step;
use crate::load::{Entry, Node, Value};
use crate::problem::Problem;

/// Merges `update` into a value that an action has selected.
pub(super) fn into(target: &mut Node, update: &Node, edition: Edition) -> Result<(), Problem> {
    match (&mut target.value, &update.value) {
        (Value::Object(entries), Value::Object(updates)) => object(entries, updates),
        (Value::Array(items), Value::Array(more)) if edition >= Edition::Second => {
            append(items, more)
        }
        (Value::Array(items), _) => append(items, std::slice::from_ref(update)),
        _ => scalar(target, update).and_then(|()| match edition {
            Edition::First => Err(scalar_in_first_edition(update)),
            Edition::Second => Ok(()),
        }),
    }
}

/// Removes the value at `step` from a list or an object.
pub(super) fn remove(parent: &mut Node, step: &Step) {
    match (&mut parent.value, step) {
        (Value::Object(entries), Step::Key(key)) => entries.retain(|entry| entry.key != *key),
        (Value::Array(items), Step::Item(index)) if *index < items.len() => {
            items.remove(*index);
        }
        _ => {}
    }
}

fn object(entries: &mut Vec<Entry>, updates: &[Entry]) -> Result<(), Problem> {
    for update in updates {
        match entries.iter_mut().find(|entry| entry.key == update.key) {
            Some(entry) => property(&mut entry.value, &update.value)?,
            None => entries.push(update.clone()),
        }
    }
    Ok(())
}

/// Merges what is inside an update. In every version, lists are joined and scalars replaced there.
fn property(target: &mut Node, update: &Node) -> Result<(), Problem> {
    match (&mut target.value, &update.value) {
        (Value::Object(entries), Value::Object(updates)) => object(entries, updates),
        (Value::Array(items), Value::Array(more)) => append(items, more),
        _ => scalar(target, update),
    }
}

/// Joins two lists. The lists of OpenAPI repeat no item, so one that is already there has expired.
fn append(items: &mut Vec<Node>, more: &[Node]) -> Result<(), Problem> {
    for new in more {
        let json = new.to_json();
        if let Some(old) = items.iter().find(|old| old.to_json() == json) {
            let what = format!("an item that the list already has ({})", old.at);
            return Err(Problem::error("overlay-no-effect", what)
                .why("the list would have it twice, so this part of the action has expired")
                .fix("remove the item from the overlay")
                .at(&new.at));
        }
        items.push(new.clone());
    }
    Ok(())
}

fn scalar(target: &mut Node, update: &Node) -> Result<(), Problem> {
    let is_scalar = |node: &Node| !node.is_object() && !node.is_array();
    if !is_scalar(target) || !is_scalar(update) {
        return Err(unfit(target, update));
    }
    *target = update.clone();
    Ok(())
}

fn scalar_in_first_edition(update: &Node) -> Problem {
    Problem::error("overlay-merge", "an update of a single value")
        .why("Overlay 1.0 can update only objects and lists")
        .fix("write `overlay: 1.1.0`, or select the object around it")
        .at(&update.at)
}

fn unfit(target: &Node, update: &Node) -> Problem {
    let what = format!("{} for {} ({})", update.kind(), target.kind(), target.at);
    Problem::error("overlay-merge", what)
        .why("the two cannot be merged")
        .fix("select the object around it, or remove the old value in an action before this one")
        .at(&update.at)
}
