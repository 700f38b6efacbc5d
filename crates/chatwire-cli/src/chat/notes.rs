//! Notes about an answer, on stderr, because stdout is for the answer alone. [`printer`](super::printer)
//! prints the answer.

use std::io::{self, Write as _};
use std::time::Duration;

use chatwire::types::terminal;
use chatwire::{ChatCompletion, Error, FinishReason, Usage};
use console::Style;

/// How notes and reasoning look, so that they differ from the answer.
pub(super) fn dim() -> Style {
    Style::new().dim().for_stderr()
}

pub(super) fn note(text: &str) {
    // The answer matters more than a note that cannot be written.
    let _ = writeln!(io::stderr(), "{}", dim().apply_to(terminal::one_line(text)));
}

/// Explains a wait before a retry; `None` if it is too short to notice.
pub(super) fn wait(delay: Duration, asked_by_server: bool, error: &Error) -> Option<String> {
    let why = if asked_by_server { ", as the server asked" } else { "" };
    (delay >= NOTED_WAIT).then(|| format!("waiting {:.0} s{why} ({error})", delay.as_secs_f64()))
}

/// Shorter waits are not noticed.
const NOTED_WAIT: Duration = Duration::from_secs(2);

/// Notes answers that were cut, and answers that are missing.
pub(super) fn report_ends(completion: &ChatCompletion, asked: u64) {
    let given = completion.choices.as_ref().map_or(0, Vec::len);
    if u64::try_from(given).is_ok_and(|given| given < asked) {
        note(&format!("the server returned {given} of {asked} answers"));
    }
    for choice in completion.choices.iter().flatten() {
        let why = match &choice.finish_reason {
            Some(FinishReason::Length) => "was cut at the token limit",
            Some(FinishReason::ContentFilter) => "was cut by the content filter",
            _ => continue,
        };
        note(&format!("answer {} {why}", choice.index.unwrap_or(0).saturating_add(1)));
    }
}

pub(super) fn usage_line(usage: Option<&Usage>) -> String {
    let Some(usage) = usage else { return "usage: not reported by the server".to_owned() };
    let count = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
    format!(
        "usage: {} prompt + {} completion = {} tokens",
        count(usage.prompt_tokens),
        count(usage.completion_tokens),
        count(usage.total_tokens)
    )
}
