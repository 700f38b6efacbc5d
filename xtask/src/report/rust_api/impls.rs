//! Compares the trait impls of a crate, derived ones included, and public items of kinds that the
//! generator did not write until now. [`super::types`] compares the types themselves.

use std::collections::BTreeMap;

use super::surface::{Impl, Surface};
use super::{Change, Pair, pointers};
use crate::report::rust_rules::{IMPL_ADDED, IMPL_CHANGED, IMPL_REMOVED, Rule, UNHANDLED};

pub(super) fn compare(pair: Pair<'_>, base: &Surface, head: &Surface, out: &mut Vec<Change>) {
    for (name, old) in &base.impls {
        match head.impls.get(name) {
            Some(new) => out.extend(changed(pair, name, old, new)),
            // What is said of the type says it of its impls.
            None if is_replaced(base, head, old) => {}
            None => out.push(removed(pair, name, old)),
        }
    }
    let added = head
        .impls
        .iter()
        .filter(|(name, new)| !base.impls.contains_key(*name) && !is_replaced(head, base, new));
    out.extend(added.map(|(name, new)| self::added(pair, name, new)));
}

/// Compares the items of other kinds by their tokens.
pub(super) fn compare_others(
    pair: Pair<'_>,
    base: &Surface,
    head: &Surface,
    out: &mut Vec<Change>,
) {
    let names = base.others.keys().chain(head.others.keys());
    let names: BTreeMap<&String, ()> = names.map(|name| (name, ())).collect();
    for name in names.into_keys() {
        let (old, new) = (base.others.get(name), head.others.get(name));
        if old != new {
            let sentence = format!("`{name}` changed, which this report cannot judge.");
            let mut change = Change::new(UNHANDLED, pair, name.as_str()).says(sentence);
            (change.base, change.head) = (old.cloned(), new.cloned());
            out.push(change);
        }
    }
}

/// Whether the type of an impl is in `mine`, but is not in `theirs` or is of another kind there.
fn is_replaced(mine: &Surface, theirs: &Surface, implemented: &Impl) -> bool {
    let Some(own) = mine.type_named(&implemented.owner) else { return false };
    let other = theirs.type_named(&implemented.owner);
    other.is_none_or(|other| other.kind_word() != own.kind_word())
}

fn added(pair: Pair<'_>, name: &str, new: &Impl) -> Change {
    change(IMPL_ADDED, pair, name, new).head(signature(name, new)).says(format!("`{name}` is new."))
}

fn removed(pair: Pair<'_>, name: &str, old: &Impl) -> Change {
    change(IMPL_REMOVED, pair, name, old)
        .base(signature(name, old))
        .says(format!("`{name}` is gone, so code that needs it does not compile."))
}

fn changed(pair: Pair<'_>, name: &str, old: &Impl, new: &Impl) -> Option<Change> {
    (old.types != new.types).then(|| {
        change(IMPL_CHANGED, pair, name, old)
            .base(signature(name, old))
            .head(signature(name, new))
            .says(format!("An associated type of `{name}` changed."))
    })
}

fn signature(name: &str, implemented: &Impl) -> String {
    match implemented.types.is_empty() {
        true => name.to_owned(),
        false => format!("{name} {{ {} }}", implemented.types.join("; ")),
    }
}

fn change(rule: &'static Rule, pair: Pair<'_>, name: &str, implemented: &Impl) -> Change {
    let owner = &implemented.owner;
    Change::new(rule, pair, name).at(pair, |model| pointers::of_type(model, owner))
}
