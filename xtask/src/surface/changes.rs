//! Compares two states and lists every change, each path, value and fact for itself.
//! [`super::facts`] compares the facts about one place.

use std::collections::{BTreeMap, BTreeSet};

use super::differences::{Difference, differences};
use super::facts::{Arms, Facts};
use super::operations::OperationFacts;
use super::roots::Root;
use super::state::{Body, State};

/// Where something changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An operation, by its key.
    Operation(String),
    /// A parameter, by the key of its operation and its own.
    Parameter(String, String),
    /// A wire path of a body.
    Path(Root, String),
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It is new. The texts are its facts.
    New(Vec<String>),
    /// It is gone. If an operation has the same id elsewhere, the text is its new path.
    Removed(Option<String>),
    /// The enum has more values.
    NewValues(Vec<String>),
    /// The enum lacks some values.
    RemovedValues(Vec<String>),
    /// More forms of the object have the key. They are tags such as `role=user`.
    NewForms(Vec<String>),
    /// Some forms of the object lack the key now.
    RemovedForms(Vec<String>),
    /// Another fact is different.
    Changed(Difference),
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub what: What,
}

/// Lists everything in which `new` differs from `old`: operations, parameters, then the bodies.
pub fn changes(old: &State, new: &State) -> Vec<Change> {
    let mut found = Vec::new();
    each(&old.operations, &new.operations, |key, old_one, new_one| {
        operation(key, (old_one, new_one), &new.operations, &mut found);
    });
    for root in Root::ALL {
        match (old.bodies.get(&root), new.bodies.get(&root)) {
            (Some(_), None) => {
                let place = Place::Path(root, String::new());
                found.push(Change { place, what: What::Removed(None) });
            }
            (old, Some(new)) => body(root, old.unwrap_or(&Body::new()), new, &mut found),
            (None, None) => {}
        }
    }
    found
}

fn body(root: Root, old: &Body, new: &Body, found: &mut Vec<Change>) {
    each(old, new, |path, old_arms, new_arms| {
        let place = Place::Path(root, path.to_owned());
        arms(place.clone(), old_arms, new_arms, found);
        if let (Some(old_arms), Some(new_arms)) = (old_arms, new_arms) {
            let more = forms(path, old, (old_arms, new_arms)).map(What::NewForms);
            let fewer = forms(path, new, (new_arms, old_arms)).map(What::RemovedForms);
            let what = more.into_iter().chain(fewer);
            found.extend(what.map(|what| Change { place: place.clone(), what }));
        }
    });
}

/// Calls `visit` for each key of either map, in order.
fn each<'a, T>(
    old: &'a BTreeMap<String, T>,
    new: &'a BTreeMap<String, T>,
    mut visit: impl FnMut(&str, Option<&'a T>, Option<&'a T>),
) {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter().for_each(|key| visit(key, old.get(key), new.get(key)));
}

fn operation(
    key: &str,
    (old, new): (Option<&OperationFacts>, Option<&OperationFacts>),
    all: &BTreeMap<String, OperationFacts>,
    found: &mut Vec<Change>,
) {
    let place = Place::Operation(key.to_owned());
    let none = OperationFacts::default();
    match (old, new) {
        (Some(old), None) => {
            let what = What::Removed(new_path(old, all));
            return found.push(Change { place, what });
        }
        (None, Some(new)) => {
            let facts = new.told.iter().map(|(name, value)| format!("{name}={value}"));
            found.push(Change { place, what: What::New(facts.collect()) });
        }
        (Some(old), Some(new)) => {
            let change =
                |difference| Change { place: place.clone(), what: What::Changed(difference) };
            found.extend(old.differences(new).into_iter().map(change));
        }
        (None, None) => {}
    }
    each(&old.unwrap_or(&none).parameters, &new.unwrap_or(&none).parameters, |name, old, new| {
        arms(Place::Parameter(key.to_owned(), name.to_owned()), old, new, found);
    });
}

/// The path of an operation that has another one now.
fn new_path(old: &OperationFacts, all: &BTreeMap<String, OperationFacts>) -> Option<String> {
    let id = old.told.get("id")?;
    let same = |(_, new): &(&String, &OperationFacts)| new.told.get("id") == Some(id);
    all.iter().find(same).map(|(key, _)| key.clone())
}

/// Compares the facts about one path or parameter.
fn arms(place: Place, old: Option<&Arms>, new: Option<&Arms>, found: &mut Vec<Change>) {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(new)) => {
            let what = What::New(Facts::merged(new).summary());
            return found.push(Change { place, what });
        }
        (Some(_), None) => return found.push(Change { place, what: What::Removed(None) }),
        (None, None) => return,
    };
    let mut add = |what| found.push(Change { place: place.clone(), what });
    let (more, fewer) = values(old, new);
    if !more.is_empty() {
        add(What::NewValues(more));
    }
    if !fewer.is_empty() {
        add(What::RemovedValues(fewer));
    }
    differences(old, new).into_iter().for_each(|difference| add(What::Changed(difference)));
}

/// The forms that have the key only in the second document, although the first has them, too.
/// `None` if there are none.
fn forms(path: &str, body: &Body, (first, second): (&Arms, &Arms)) -> Option<Vec<String>> {
    let before = path.rfind('.').map_or("", |dot| path.get(..=dot).unwrap_or_default());
    let is_known = |arm: &&String| {
        let tag = arm.split('=').next().unwrap_or_default();
        let arms = body.get(&format!("{before}{tag}"));
        arms.is_some_and(|arms| arms.contains_key(*arm))
    };
    let more = second.keys().filter(|arm| !arm.is_empty() && !first.contains_key(*arm));
    let more: Vec<_> = more.filter(is_known).cloned().collect();
    (!more.is_empty()).then_some(more)
}

/// The enum values that only one side has, in any form of the object.
fn values(old: &Arms, new: &Arms) -> (Vec<String>, Vec<String>) {
    let mut pairs = vec![(Facts::merged(old).values, Facts::merged(new).values)];
    for (arm, old) in old {
        if let Some(new) = new.get(arm) {
            pairs.push((old.values.clone(), new.values.clone()));
        }
    }
    let only = |one: &BTreeSet<String>, two: &BTreeSet<String>| -> Vec<String> {
        one.difference(two).cloned().collect()
    };
    let more: BTreeSet<_> = pairs.iter().flat_map(|(old, new)| only(new, old)).collect();
    let fewer: BTreeSet<_> = pairs.iter().flat_map(|(old, new)| only(old, new)).collect();
    (more.into_iter().collect(), fewer.into_iter().collect())
}
