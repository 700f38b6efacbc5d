//! Judges facts on which the documents disagree: whether ours takes less than theirs, or more.
//! [`crate::surface`] finds the differences, and [`super::compare`] makes rows of them.

use std::collections::BTreeSet;

use crate::surface::{Difference, Fact, Site, is_stream};

/// What a difference means for our document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing, or our document says why.
    Fine,
    /// Ours does not say what theirs says.
    Differs,
    /// Ours takes everything that theirs takes, and more.
    Wider,
}

/// Judges a difference, from ours to theirs. `ours` are the schemas in our document.
pub(super) fn judge(difference: &Difference, ours: &[Site<'_>]) -> Verdict {
    let Difference { fact, from, to, arm } = difference;
    match fact {
        Fact::Types => types(from, to),
        // The generator makes every enum open.
        Fact::Open => Verdict::Fine,
        Fact::Nullable | Fact::Deprecated if to.is_empty() => Verdict::Wider,
        Fact::Required if !to.is_empty() && gives_reason(ours, arm) => Verdict::Fine,
        Fact::Forms | Fact::Nullable | Fact::Required | Fact::Deprecated | Fact::DeprecatedArms => {
            Verdict::Differs
        }
        Fact::Told(name) => bound(name, from, to),
    }
}

/// Judges a difference in a parameter.
pub(super) fn judge_parameter(difference: &Difference) -> Verdict {
    match &difference.fact {
        // A query has no way to write null.
        Fact::Nullable => Verdict::Fine,
        Fact::Required => Verdict::Differs,
        _ => judge(difference, &[]),
    }
}

/// Judges a difference in an operation: whether it takes or sends what ours does not.
pub(super) fn judge_operation(difference: &Difference) -> Verdict {
    let Difference { fact, from, to, .. } = difference;
    let (ours, theirs) = (kinds(from), kinds(to));
    match fact.as_str() {
        "deprecated" if to.is_empty() => Verdict::Wider,
        "deprecated" => Verdict::Differs,
        "request" | "responses" if !theirs.is_subset(&ours) => Verdict::Differs,
        _ => Verdict::Fine,
    }
}

/// The media types of bodies. All that are JSON count as one, and so do all streams.
fn kinds(told: &str) -> BTreeSet<&str> {
    let kind = |word| match word {
        _ if is_stream(word) => Some("stream"),
        _ if word.contains("json") || word.ends_with("*/*") => Some("json"),
        _ if word.contains('/') => word.rsplit(':').next(),
        _ => None,
    };
    told.split([' ', ',']).filter_map(kind).collect()
}

/// If they say nothing about the type, there is nothing to compare.
fn types(ours: &str, theirs: &str) -> Verdict {
    let has = |list: &str, name: &str| list.split(',').any(|one| one == name);
    let takes = |name: &str| has(ours, name) || (name == "integer" && has(ours, "number"));
    if has(ours, "any") || has(theirs, "any") {
        Verdict::Fine
    } else if theirs.split(',').all(takes) {
        Verdict::Wider
    } else {
        Verdict::Differs
    }
}

/// Whether `x-wire-optional` says why the key is not mandatory.
fn gives_reason(ours: &[Site<'_>], arm: &str) -> bool {
    let mut sites = ours.iter().filter(|site| arm.is_empty() || site.arm == arm);
    sites.all(|site| site.required || site.schema.get("x-wire-optional").is_some())
}

fn bound(name: &str, ours: &str, theirs: &str) -> Verdict {
    let is_ours_alone = match name {
        // Our dialect has its own formats, and no defaults.
        "format" | "default" => true,
        // Most documents leave out the style of a map.
        "style" => theirs.is_empty(),
        // It marks an unsigned integer, as most counts are.
        "minimum" => theirs.is_empty() && ours == "0",
        _ => false,
    };
    if is_ours_alone { Verdict::Fine } else { Verdict::Differs }
}
