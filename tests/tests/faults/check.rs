//! Compares what came of a row with what it expects, and writes the report. [`crate::call`] makes the call.

use crate::call::{Actual, End, Failure};
use crate::row::{Case, Outcome};

/// Longer messages do not fit into a log. The longest one that is wanted holds 600 letters of the server.
const LONGEST_MESSAGE: usize = 1000;

/// The problems of a row under its name. `None` if there are none.
pub(crate) fn report(case: &Case, problems: &[String]) -> Option<String> {
    if problems.is_empty() {
        return None;
    }
    Some(format!("{}\n    {}", case.name(), problems.join("\n    ")))
}

/// Says what of a row is not as expected, one problem a line. Empty if the row passes.
pub(crate) fn problems(case: &Case, actual: &Actual, key: &str) -> Vec<String> {
    let mut problems = match &actual.end {
        End::Hang => vec![format!("the call was not over after {:?}", case.limit())],
        End::Text(text) => compare("text", case.expected.text.as_ref(), Some(text)),
        End::Error(failure) => problems_of(failure, &case.expected, key),
    };
    problems.extend(compare("requests", Some(&case.row.requests), Some(&actual.requests)));
    if case.row.delays.is_some() {
        problems.extend(compare("delays", case.row.delays.as_ref(), Some(&actual.delays)));
    }
    if !problems.is_empty() {
        problems.extend(shown(&actual.end));
    }
    problems
}

fn problems_of(failure: &Failure, expected: &Outcome, key: &str) -> Vec<String> {
    let mut problems = [
        compare("text", expected.text.as_ref(), None),
        compare("error", expected.error.as_ref(), failure.error.as_ref()),
        compare("ends", expected.ends.as_ref(), failure.ends.as_ref()),
    ]
    .concat();
    if expected.error.is_some() {
        problems.extend(compare("status", expected.status.as_ref(), failure.status.as_ref()));
    }
    if expected.partial.is_some() {
        problems.extend(compare("partial", expected.partial.as_ref(), failure.partial.as_ref()));
    }
    for piece in expected.says.iter().filter(|piece| !failure.chain.contains(*piece)) {
        problems.push(format!("the message does not say {piece:?}"));
    }
    let hidden = expected.hides.iter().map(String::as_str).chain([key]);
    for piece in hidden.filter(|piece| failure.everything.contains(piece)) {
        problems.push(format!("the error shows {piece:?}"));
    }
    problems.extend(form(&failure.display));
    problems
}

fn compare<T: std::fmt::Debug + PartialEq>(
    what: &str,
    expected: Option<&T>,
    actual: Option<&T>,
) -> Vec<String> {
    match expected == actual {
        true => Vec::new(),
        false => vec![format!("{what}: expected {expected:?}, but it is {actual:?}")],
    }
}

/// Every message is one short line for a terminal.
fn form(message: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if message.len() > LONGEST_MESSAGE {
        problems.push(format!("the message has {} bytes", message.len()));
    }
    if message.is_empty() || message.chars().any(char::is_control) {
        problems.push("the message is not one line of visible text".to_owned());
    }
    if message.contains("<unknown status code>") {
        problems.push("the message has `<unknown status code>`".to_owned());
    }
    problems
}

fn shown(end: &End) -> Option<String> {
    let End::Error(failure) = end else { return None };
    let start: String = failure.chain.trim().chars().take(LONGEST_MESSAGE).collect();
    Some(format!("its message: {}", start.replace('\n', " <- ")))
}
