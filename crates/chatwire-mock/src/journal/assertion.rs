//! Compares what a test expects with the requests that came, and shows the difference.
//! [`ring`](super::ring) keeps the requests.

use std::fmt::Write as _;

use serde_json::Value;

use super::received::Received;
use crate::asked::Asked;
use crate::script::Rule;

/// What to tell the user if too few requests meet the conditions of a rule; `None` if enough do.
pub(crate) fn failure(received: &[Received], expected: &Rule) -> Option<String> {
    let chats: Vec<_> = received.iter().filter(|request| request.is_chat()).collect();
    let misses: Vec<_> = chats.iter().map(|request| misses(request, expected)).collect();
    let met = misses.iter().filter(|misses| misses.is_empty()).count() as u64;
    let wanted = expected.last_number();
    if met >= wanted {
        return None;
    }
    let mut text = String::new();
    let nearest = chats.iter().zip(&misses).filter(|(_, misses)| !misses.is_empty());
    match nearest.min_by_key(|(_, misses)| misses.len()) {
        _ if chats.is_empty() => text += "the server received no chat request",
        Some((request, misses)) if met == 0 => {
            let (number, count) = (request.number, chats.len());
            let of = if count == 1 {
                "the only one".to_owned()
            } else {
                format!("the nearest of {count}")
            };
            text += &format!("no chat request is as expected; in {of}, which is number {number},");
            misses.iter().for_each(|miss| text += &format!("\n  - {miss}"));
        }
        _ => text += &format!("{met} of the chat requests are as expected, not {wanted}"),
    }
    list(&mut text, received);
    Some(text)
}

fn misses(request: &Received, expected: &Rule) -> Vec<String> {
    let body = request.json().unwrap_or(Value::Null);
    expected.misses(&Asked { request: &body, headers: &request.headers })
}

/// The latest requests, one a line.
fn list(text: &mut String, received: &[Received]) {
    let skipped = received.len().saturating_sub(MOST_LISTED);
    if !received.is_empty() {
        *text += "\nthe requests that came:";
    }
    if skipped > 0 {
        let _ = write!(text, "\n  … {skipped} more");
    }
    for request in received.iter().skip(skipped) {
        let (number, seconds) = (request.number, request.at.as_secs_f64());
        let (method, target) = (request.method(), request.target());
        // Writing to a string does not fail.
        let _ = write!(text, "\n  {number}. {seconds:.3} s  {method} {target}");
        if let Some(body) = request.json() {
            let body = body.to_string();
            let shown: String = body.chars().take(LONGEST).collect();
            let end = if shown.len() < body.len() { "…" } else { "" };
            let _ = write!(text, "  {shown}{end}");
        }
    }
}

/// The requests that a message lists.
const MOST_LISTED: usize = 10;

/// The characters of a body in that list.
const LONGEST: usize = 120;
