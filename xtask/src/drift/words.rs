//! The words for a change, for people and for programs. [`super::render`] and [`super::json`] put
//! them together.

use crate::surface::{Difference, Place, What};

/// The body or operation, and the name within it.
pub(super) fn place(place: &Place) -> (String, String) {
    match place {
        Place::Operation(key) => ("operation".to_owned(), key.clone()),
        Place::Parameter(operation, key) => {
            ("parameter".to_owned(), format!("{} of {operation}", key.trim_start_matches('?')))
        }
        Place::Path(root, path) if path.is_empty() => {
            (root.as_str().to_owned(), "the whole body".to_owned())
        }
        Place::Path(root, path) => (root.as_str().to_owned(), path.clone()),
    }
}

/// The sign of a change, and what it says.
pub(super) fn what(what: &What) -> (char, String) {
    let list = |texts: &[String]| texts.join(", ");
    match what {
        What::New(facts) => ('+', facts.join(" ")),
        What::Removed(None) => ('-', String::new()),
        What::Removed(Some(to)) => ('-', format!("moved to {to}")),
        What::NewValues(values) => ('~', format!("new values {}", list(values))),
        What::RemovedValues(values) => ('~', format!("no more {}", list(values))),
        What::NewForms(forms) => ('~', format!("new with {}", list(forms))),
        What::RemovedForms(forms) => ('~', format!("no more with {}", list(forms))),
        What::Changed(difference) => ('~', changed(difference)),
    }
}

fn changed(difference: &Difference) -> String {
    let Difference { arm, fact, from, to } = difference;
    let name = fact.as_str();
    let told = match (from.as_str(), to.as_str()) {
        ("", "true") => format!("now {name}"),
        ("true", "") => format!("no longer {name}"),
        ("", to) => format!("new {name} {to}"),
        (from, "") => format!("no {name} any more, was {from}"),
        (from, to) => format!("{name} {from} is now {to}"),
    };
    if arm.is_empty() { told } else { format!("with {arm}, {told}") }
}
