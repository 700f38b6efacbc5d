//! Compares what only people read: descriptions, summaries, examples. Nothing here changes a
//! message.

use super::walk::{Pair, Walk};

/// Compares the texts under these keys.
pub(super) fn compare(walk: &mut Walk<'_>, pair: &Pair<'_>, keys: &[&str]) {
    for key in keys.iter().filter(|key| pair.differs(key)) {
        let rule = match *key {
            "description" | "summary" => "description",
            "example" | "examples" => "example",
            "tags" => "tags",
            _ => "information",
        };
        let verb = match pair.values(key) {
            (None, _) => "was added",
            (_, None) => "was removed",
            _ => "changed",
        };
        let what = format!("`{key}` of `{}` {verb}", pair.subject);
        walk.report(rule, &pair.narrowed(key), what);
    }
}

/// Compares a named example.
pub(super) fn example<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    if pair.keys().iter().any(|key| pair.differs(key)) {
        walk.report("example", pair, format!("the example `{}` changed", pair.subject));
    }
}
