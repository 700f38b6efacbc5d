//! Compares the fields of a struct, the variants of an enum and the constants of a type.
//! [`super::methods`] compares the setters of the fields.

use super::surface::{Member, TypeApi, TypeKind};
use super::{Change, Pair, notices, pointers};
use crate::model::Model;
use crate::report::rust_rules::{
    CONSTANT_ADDED, CONSTANT_REMOVED, CONSTANT_TYPE_CHANGED, FIELD_ADDED, FIELD_ADDED_EXHAUSTIVE,
    FIELD_REMOVED, FIELD_TYPE_CHANGED, ORDER_CHANGED, Rule, VARIANT_ADDED,
    VARIANT_ADDED_EXHAUSTIVE, VARIANT_CONTENT_CHANGED, VARIANT_REMOVED,
};

/// Compares fields or variants.
pub(super) fn compare(pair: Pair<'_>, old: &TypeApi, new: &TypeApi, out: &mut Vec<Change>) {
    let kind = match old.kind {
        TypeKind::Enum => variants(old),
        _ => fields(old),
    };
    compare_lists(pair, &kind, [&old.members, &new.members], out);
    out.extend(order_changed(pair, &kind, [&old.members, &new.members]));
}

/// Compares constants.
pub(super) fn compare_constants(
    pair: Pair<'_>,
    old: &TypeApi,
    new: &TypeApi,
    out: &mut Vec<Change>,
) {
    let kind = Words {
        owner: &old.name,
        noun: "constant",
        nouns: "constants",
        rules: [CONSTANT_ADDED, CONSTANT_REMOVED, CONSTANT_TYPE_CHANGED],
        when_gone: "code that names it does not compile",
        when_new: "",
        when_changed: "code that uses it may not compile",
    };
    compare_lists(pair, &kind, [&old.constants, &new.constants], out);
}

/// The rules and the words for one kind of member.
struct Words<'a> {
    owner: &'a str,
    noun: &'a str,
    nouns: &'a str,
    /// For a member that is new, gone, and changed.
    rules: [&'static Rule; 3],
    when_new: &'a str,
    when_gone: &'a str,
    when_changed: &'a str,
}

fn fields(owner: &TypeApi) -> Words<'_> {
    let (added, when_new) = match owner.is_exhaustive {
        true => (FIELD_ADDED_EXHAUSTIVE, ", so a literal of the struct does not compile"),
        false => (FIELD_ADDED, ""),
    };
    Words {
        owner: &owner.name,
        noun: "field",
        nouns: "fields",
        rules: [added, FIELD_REMOVED, FIELD_TYPE_CHANGED],
        when_new,
        when_gone: "code that reads it does not compile",
        when_changed: "code that reads it may not compile",
    }
}

fn variants(owner: &TypeApi) -> Words<'_> {
    let (added, when_new) = match owner.is_exhaustive {
        true => (VARIANT_ADDED_EXHAUSTIVE, ", so a match on the enum does not compile"),
        false => (VARIANT_ADDED, ""),
    };
    Words {
        owner: &owner.name,
        noun: "variant",
        nouns: "variants",
        rules: [added, VARIANT_REMOVED, VARIANT_CONTENT_CHANGED],
        when_new,
        when_gone: "code that names it does not compile",
        when_changed: "code that builds or matches it may not compile",
    }
}

impl Words<'_> {
    fn change(&self, rule: &'static Rule, pair: Pair<'_>, member: &Member) -> Change {
        let find = |model: &Model| pointers::of_member(model, self.owner, &member.name);
        let of_type = |model: &Model| pointers::of_type(model, self.owner);
        Change::new(rule, pair, self.path(member)).at(pair, find).or_at(pair, of_type)
    }

    fn path(&self, member: &Member) -> String {
        format!("{}::{}", self.owner, member.name)
    }

    fn signature(&self, member: &Member) -> String {
        let Member { name, content, .. } = member;
        match self.noun {
            "variant" => format!("{name}{content}"),
            "constant" => format!("const {name}: {content}"),
            _ => format!("{name}: {content}"),
        }
    }

    fn added(&self, pair: Pair<'_>, new: &Member) -> Change {
        let [rule, ..] = self.rules;
        let (noun, path) = (self.noun, self.path(new));
        let sentence = format!("The {noun} `{path}` is new{}.", self.when_new);
        self.change(rule, pair, new).head(self.signature(new)).says(sentence)
    }

    fn removed(&self, pair: Pair<'_>, old: &Member) -> Change {
        let [_, rule, _] = self.rules;
        let (noun, path) = (self.noun, self.path(old));
        let sentence = format!("The {noun} `{path}` is gone, so {}.", self.when_gone);
        self.change(rule, pair, old).base(self.signature(old)).says(sentence)
    }

    fn changed(&self, pair: Pair<'_>, old: &Member, new: &Member) -> Change {
        let [_, _, rule] = self.rules;
        let (noun, path) = (self.noun, self.path(old));
        let (from, to) = match self.noun {
            "variant" => (self.signature(old), self.signature(new)),
            _ => (old.content.clone(), new.content.clone()),
        };
        let what = format!("The {noun} `{path}` was `{from}` and is now `{to}`");
        let sentence = format!("{what}, so {}.", self.when_changed);
        self.change(rule, pair, old)
            .base(self.signature(old))
            .head(self.signature(new))
            .says(sentence)
    }
}

fn compare_lists(
    pair: Pair<'_>,
    words: &Words<'_>,
    [old, new]: [&[Member]; 2],
    out: &mut Vec<Change>,
) {
    for member in old {
        let Some(now) = named(new, &member.name) else {
            out.push(words.removed(pair, member));
            continue;
        };
        if !pair.is_same_type(&member.content, &now.content) {
            out.push(words.changed(pair, member, now));
        }
        let place = |model: &Model| pointers::of_member(model, words.owner, &member.name);
        let attributes = [&member.attributes, &now.attributes];
        notices::compare(pair, &words.path(member), &place, attributes, out);
    }
    let added = new.iter().filter(|member| named(old, &member.name).is_none());
    out.extend(added.map(|member| words.added(pair, member)));
}

/// Only members that both have count, so that an addition in the middle is no other order.
fn order_changed(pair: Pair<'_>, words: &Words<'_>, [old, new]: [&[Member]; 2]) -> Option<Change> {
    let common = |these: &[Member], others: &[Member]| -> Vec<String> {
        let common = these.iter().filter(|member| named(others, &member.name).is_some());
        common.map(|member| member.name.clone()).collect()
    };
    let (before, after) = (common(old, new), common(new, old));
    let moved = |mine: &[String], theirs: &[String]| -> String {
        let pairs = mine.iter().zip(theirs);
        let moved: Vec<&str> =
            pairs.filter(|(a, b)| a != b).map(|(name, _)| name.as_str()).collect();
        moved.join(", ")
    };
    (before != after).then(|| {
        let sentence = format!("The {} of `{}` are in another order.", words.nouns, words.owner);
        Change::new(ORDER_CHANGED, pair, words.owner)
            .base(moved(&before, &after))
            .head(moved(&after, &before))
            .at(pair, |model| pointers::of_type(model, words.owner))
            .says(sentence)
    })
}

fn named<'a>(members: &'a [Member], name: &str) -> Option<&'a Member> {
    members.iter().find(|member| member.name == name)
}
