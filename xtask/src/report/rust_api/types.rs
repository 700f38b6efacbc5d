//! Compares the types of a crate: which there are, and of what kind. [`super::members`] and
//! [`super::methods`] compare what is in them.

use super::surface::{Surface, TypeApi, TypeKind};
use super::{Change, Pair, members, methods, notices, pointers};
use crate::model::Model;
use crate::report::rust_rules::{
    ALIAS_CHANGED, NON_EXHAUSTIVE_ADDED, NON_EXHAUSTIVE_REMOVED, TYPE_ADDED, TYPE_KIND_CHANGED,
    TYPE_REMOVED,
};

pub(super) fn compare(pair: Pair<'_>, base: &Surface, head: &Surface, out: &mut Vec<Change>) {
    for old in &base.types {
        match head.type_named(&old.name) {
            Some(new) => compare_type(pair, old, new, out),
            None => out.push(removed(pair, old)),
        }
    }
    let new = head.types.iter().filter(|new| base.type_named(&new.name).is_none());
    out.extend(new.map(|new| added(pair, new)));
}

fn compare_type(pair: Pair<'_>, old: &TypeApi, new: &TypeApi, out: &mut Vec<Change>) {
    let is_alias = |each: &TypeApi| matches!(each.kind, TypeKind::Alias(_));
    if old.kind_word() != new.kind_word() || old.generics != new.generics {
        out.push(kind_changed(pair, old, new));
        return;
    }
    if is_alias(old) && old.kind != new.kind {
        out.extend(alias_changed(pair, old, new));
    }
    out.extend(exhaustiveness(pair, old, new));
    members::compare(pair, old, new, out);
    members::compare_constants(pair, old, new, out);
    methods::compare(pair, old, new, out);
    let (path, place) = (old.name.as_str(), |model: &Model| pointers::of_type(model, &old.name));
    notices::compare(pair, path, &place, [&old.attributes, &new.attributes], out);
}

fn added(pair: Pair<'_>, new: &TypeApi) -> Change {
    change(TYPE_ADDED, pair, new).head(new.signature()).says(format!(
        "The {} `{}` is new.",
        new.kind_word(),
        new.name
    ))
}

fn removed(pair: Pair<'_>, old: &TypeApi) -> Change {
    let (kind, name) = (old.kind_word(), &old.name);
    change(TYPE_REMOVED, pair, old)
        .base(old.signature())
        .says(format!("The {kind} `{name}` is gone, so code that names it does not compile."))
}

fn kind_changed(pair: Pair<'_>, old: &TypeApi, new: &TypeApi) -> Change {
    let (from, to) = (old.signature(), new.signature());
    change(TYPE_KIND_CHANGED, pair, old)
        .says(format!("`{}` was `{from}` and is now `{to}`.", old.name))
        .base(from)
        .head(to)
}

fn alias_changed(pair: Pair<'_>, old: &TypeApi, new: &TypeApi) -> Option<Change> {
    let (TypeKind::Alias(from), TypeKind::Alias(to)) = (&old.kind, &new.kind) else { return None };
    let what = format!("`{}` stood for `{from}` and now stands for `{to}`", old.name);
    (!pair.is_same_type(from, to)).then(|| {
        change(ALIAS_CHANGED, pair, old)
            .base(old.signature())
            .head(new.signature())
            .says(format!("{what}, so every place that uses it has another type."))
    })
}

fn exhaustiveness(pair: Pair<'_>, old: &TypeApi, new: &TypeApi) -> Option<Change> {
    let marked = |each: &TypeApi| match each.attributes.non_exhaustive {
        true => format!("#[non_exhaustive] {}", each.signature()),
        false => each.signature(),
    };
    let name = &old.name;
    let (rule, sentence) = match (old.attributes.non_exhaustive, new.attributes.non_exhaustive) {
        (false, true) => (
            NON_EXHAUSTIVE_ADDED,
            format!(
                "`{name}` became `#[non_exhaustive]`, so code that builds it or matches all of it \
                 does not compile."
            ),
        ),
        (true, false) => (
            NON_EXHAUSTIVE_REMOVED,
            format!(
                "`{name}` is no longer `#[non_exhaustive]`, so the next addition to it would break \
                 users, against the promise of the crate."
            ),
        ),
        _ => return None,
    };
    Some(change(rule, pair, old).base(marked(old)).head(marked(new)).says(sentence))
}

fn change(rule: &'static crate::report::rust_rules::Rule, pair: Pair<'_>, of: &TypeApi) -> Change {
    Change::new(rule, pair, of.name.as_str()).at(pair, |model| pointers::of_type(model, &of.name))
}
