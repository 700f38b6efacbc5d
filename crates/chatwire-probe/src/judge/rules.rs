//! The named rules of case files, each a check that a place and a value cannot say. [`check`](super::check) has the
//! others.

use std::time::Duration;

use chatwire_types::{ChatCompletion, ChatCompletionChunk, FindingKind, Path, Unknown};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::events::lines;
use super::finding::cut;
use super::{Finding, Seen};
use crate::case::Rule;
use crate::wire::Ending;

/// What is wrong by one rule.
pub(crate) fn apply(rule: Rule, seen: &Seen) -> Vec<Finding> {
    let mut wrong = Vec::new();
    let find = match rule {
        Rule::Framing => framing,
        Rule::HeadSyntax => head_syntax,
        Rule::SmallHead => small_head,
        Rule::Delimited => delimited,
        Rule::Fits => fits,
        Rule::KnownValues => known_values,
        Rule::ChunksFit => chunks_fit,
        Rule::ChunksKnownValues => chunks_known_values,
        Rule::LoneComments => lone_comments,
        Rule::NoSilence => no_silence,
        Rule::NoStreamError => no_stream_error,
        Rule::Ends => ends,
        Rule::SseLines => sse_lines,
        Rule::SseUtf8 => sse_utf8,
        Rule::SseLastEvent => sse_last_event,
        Rule::SseData => sse_data,
        Rule::WholeCharacters => whole_characters,
        Rule::NotBuffered => not_buffered,
        Rule::UniqueKeys => unique_keys,
        Rule::UsageAddsUp => usage_adds_up,
        Rule::NoHtml => no_html,
        Rule::NoSecret => no_secret,
    };
    find(seen, &mut wrong);
    wrong.dedup();
    let finding = |found| Finding::new(rule.name(), rule.expects(), found);
    wrong.into_iter().take(MOST_FINDINGS).map(finding).collect()
}

/// More of the same kind say nothing new.
const MOST_FINDINGS: usize = 3;

fn framing(seen: &Seen, wrong: &mut Vec<String>) {
    wrong.extend(seen.head_error.iter().map(|error| format!("the head cannot be read: {error}")));
    match &seen.exchange.ending {
        Ending::Complete | Ending::Closed | Ending::Left => {}
        broken => wrong.push(broken.to_string()),
    }
    match &seen.answer {
        Some(answer) => {
            wrong.extend(answer.body.mistakes.iter().cloned());
            wrong.extend(answer.body.missing().filter(|_| seen.exchange.ending == Ending::Closed));
            if answer.version != 1 {
                wrong.push("the version of HTTP is 1.0".to_owned());
            }
        }
        None if seen.exchange.ending == Ending::Closed => {
            wrong.push("the connection was closed before the head was complete".to_owned());
        }
        None => {}
    }
}

fn head_syntax(seen: &Seen, wrong: &mut Vec<String>) {
    let Some(answer) = &seen.answer else { return };
    let head = seen.exchange.received.get(..answer.head_len).unwrap_or_default();
    if !head.starts_with(b"HTTP/") {
        wrong.push("a line before the status line".to_owned());
    }
    // `HTTP/1.1 200 `, also if no reason follows.
    let status_line = head.trim_ascii_start();
    if status_line.get(12).is_some_and(|byte| *byte != b' ') {
        wrong.push("a status line without a blank after the status".to_owned());
    }
    let pairs = std::iter::once(&0).chain(head).zip(head);
    if pairs.into_iter().any(|(before, byte)| *byte == b'\n' && *before != b'\r') {
        wrong.push("a line of the head ends with LF alone".to_owned());
    }
}

fn small_head(seen: &Seen, wrong: &mut Vec<String>) {
    let Some(answer) = &seen.answer else { return };
    if answer.headers.len() > MOST_HEADERS {
        wrong.push(format!("{} headers", answer.headers.len()));
    }
    if answer.head_len > LARGEST_HEAD {
        wrong.push(format!("{} bytes", answer.head_len));
    }
}

/// The default limits of hyper and Python, and of Node.js.
const MOST_HEADERS: usize = 100;
const LARGEST_HEAD: usize = 16 << 10;

fn delimited(seen: &Seen, wrong: &mut Vec<String>) {
    if seen.answer.as_ref().is_some_and(|answer| answer.body.ends_with_connection()) {
        wrong.push("a body that only the end of the connection ends".to_owned());
    }
}

fn fits(seen: &Seen, wrong: &mut Vec<String>) {
    fits_type::<ChatCompletion>(seen.body(), &FITS, wrong);
}

fn known_values(seen: &Seen, wrong: &mut Vec<String>) {
    fits_type::<ChatCompletion>(seen.body(), &VALUES, wrong);
}

fn chunks_fit(seen: &Seen, wrong: &mut Vec<String>) {
    of_chunks(seen, &FITS, wrong);
}

fn chunks_known_values(seen: &Seen, wrong: &mut Vec<String>) {
    of_chunks(seen, &VALUES, wrong);
}

fn of_chunks(seen: &Seen, kinds: &[FindingKind], wrong: &mut Vec<String>) {
    let Some(events) = &seen.events else { return wrong.push("no event stream".to_owned()) };
    // A chunk without choices that comes before the others has blank values, and a case of its own.
    let is_judged = |chunk: &&Value| kinds == FITS || chunk.pointer("/choices/0").is_some();
    for chunk in events.chunks().iter().filter(is_judged) {
        fits_type::<ChatCompletionChunk>(chunk.to_string().as_bytes(), kinds, wrong);
    }
    wrong.dedup();
}

const FITS: [FindingKind; 2] = [FindingKind::Deviation, FindingKind::UnknownVariant];
const VALUES: [FindingKind; 1] = [FindingKind::UnknownValue];

fn fits_type<T: DeserializeOwned + Unknown>(
    body: &[u8],
    kinds: &[FindingKind],
    wrong: &mut Vec<String>,
) {
    let value: T = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) if kinds.contains(&FindingKind::Deviation) => {
            return wrong.push(format!("it cannot be decoded: {error}"));
        }
        // The other rule says so.
        Err(_) => return,
    };
    value.visit_unknown(&mut Path::new(), &mut |path, finding| {
        // `object` has a case of its own.
        let path = path.to_string();
        if kinds.contains(&finding.kind) && !(path == "object" && kinds == VALUES) {
            let json = finding.json.map(Value::to_string);
            let shown = finding.text.map(|text| format!("{text:?}")).or(json).unwrap_or_default();
            wrong.push(format!("`{path}` is {}", cut(&shown)));
        }
    });
}

/// A comment in the middle of an event is legal, but readers that look at the first line of a block lose the event.
fn lone_comments(seen: &Seen, wrong: &mut Vec<String>) {
    let text = String::from_utf8_lossy(seen.body());
    let lines: Vec<&str> = lines(&text).collect();
    for pair in lines.windows(2) {
        let [first, second] = pair else { continue };
        let is_comment = |line: &str| line.starts_with(':');
        let is_field = |line: &str| !line.is_empty() && !is_comment(line);
        if (is_comment(first) && is_field(second)) || (is_field(first) && is_comment(second)) {
            wrong.push(format!(
                "{} follows {}",
                cut(&format!("{second:?}")),
                cut(&format!("{first:?}"))
            ));
        }
    }
}

fn no_silence(seen: &Seen, wrong: &mut Vec<String>) {
    let mut before = Duration::ZERO;
    for (_, time) in &seen.exchange.marks {
        let silence = time.saturating_sub(before);
        if silence > LONGEST_SILENCE {
            wrong.push(format!("nothing between {before:.0?} and {time:.0?}"));
        }
        before = *time;
    }
}

/// The standard suggests a comment "every 15 seconds or so".
const LONGEST_SILENCE: Duration = Duration::from_millis(15_500);

fn no_stream_error(seen: &Seen, wrong: &mut Vec<String>) {
    match &seen.events {
        Some(events) => wrong.extend(events.errors.iter().map(|error| cut(error))),
        None => wrong.push("no event stream".to_owned()),
    }
}

fn ends(seen: &Seen, wrong: &mut Vec<String>) {
    match &seen.events {
        Some(events) => wrong.extend(events.ending.clone()),
        None => wrong.push("no event stream".to_owned()),
    }
}

fn sse_lines(seen: &Seen, wrong: &mut Vec<String>) {
    let text = String::from_utf8_lossy(seen.body());
    let is_known = |line: &str| {
        let name = line.split(':').next().unwrap_or_default();
        line.is_empty() || ["", "data", "event", "id", "retry"].contains(&name)
    };
    let unknown = lines(&text).filter(|line| !is_known(line));
    wrong.extend(unknown.map(|line| format!("the line {}", cut(&format!("{line:?}")))));
}

fn sse_utf8(seen: &Seen, wrong: &mut Vec<String>) {
    let body = seen.body();
    if let Err(error) = std::str::from_utf8(body) {
        wrong.push(error.to_string());
    }
    if body.starts_with(b"\xEF\xBB\xBF") {
        wrong.push("the body begins with a byte order mark".to_owned());
    }
    if body.contains(&0) {
        wrong.push("the body has a NUL".to_owned());
    }
}

fn sse_last_event(seen: &Seen, wrong: &mut Vec<String>) {
    let text = String::from_utf8_lossy(seen.body());
    let ends = ["\n\n", "\r\r", "\r\n\r\n", "\n\r\n"];
    if !ends.iter().any(|end| text.ends_with(end)) {
        let start = text.char_indices().rev().nth(20).map_or(0, |(at, _)| at);
        wrong.push(format!("the body ends with {:?}", text.get(start..).unwrap_or_default()));
    }
}

/// The official clients raise an error on an event without data, and take one with blank data for broken JSON.
fn sse_data(seen: &Seen, wrong: &mut Vec<String>) {
    let text = String::from_utf8_lossy(seen.body());
    let mut block: Vec<&str> = Vec::new();
    for line in lines(&text) {
        if !line.is_empty() {
            block.extend((!line.starts_with(':')).then_some(line));
            continue;
        }
        let has_data = block.iter().any(|line| is_data(line));
        if !block.is_empty() && !has_data {
            wrong.push(format!("the event {}", cut(&format!("{:?}", block.join("\n")))));
        }
        block.clear();
    }
}

fn whole_characters(seen: &Seen, wrong: &mut Vec<String>) {
    let text = String::from_utf8_lossy(seen.body());
    if text.contains('\u{FFFD}') || text.contains("\\ufffd") || text.contains("\\uFFFD") {
        wrong.push("a text has U+FFFD".to_owned());
    }
    let Some(events) = &seen.events else { return };
    let broken = events.view.get("completion").map(Value::to_string).unwrap_or_default();
    if broken.contains('\u{FFFD}') && wrong.is_empty() {
        wrong.push("half of a surrogate pair".to_owned());
    }
}

fn is_data(line: &str) -> bool {
    line.strip_prefix("data:").is_some_and(|data| !data.trim().is_empty())
}

/// A server that is too fast shows nothing, and a server that waits for the whole answer sends all events at its end.
fn not_buffered(seen: &Seen, wrong: &mut Vec<String>) {
    let Some(events) = &seen.events else { return wrong.push("no event stream".to_owned()) };
    let (Some(first), Some(last)) = (events.times.first(), events.times.last()) else { return };
    let is_slow = events.times.len() >= ENOUGH_EVENTS && *last >= ENOUGH_MS;
    if is_slow && last - first < last / 20 {
        wrong.push(format!(
            "all {} events came between {first} ms and {last} ms",
            events.times.len()
        ));
    }
}

const ENOUGH_EVENTS: usize = 8;
const ENOUGH_MS: u64 = 1_000;

fn unique_keys(seen: &Seen, wrong: &mut Vec<String>) {
    let twice = |text: &str| super::repeated::first_repeated_key(text);
    match &seen.events {
        None => wrong.extend(twice(&String::from_utf8_lossy(seen.body()))),
        Some(events) => {
            let events = events.view.get("events").and_then(Value::as_array);
            let texts =
                events.into_iter().flatten().filter_map(|event| event.get("data")?.as_str());
            wrong.extend(texts.filter_map(twice));
        }
    }
}

fn usage_adds_up(seen: &Seen, wrong: &mut Vec<String>) {
    let of_body = seen.view.pointer("/json/usage");
    let of_stream = seen.view.pointer("/stream/usages/0");
    let Some(usage) = of_body.or(of_stream) else { return };
    let part = |name: &str| usage.get(name).and_then(Value::as_u64);
    let parts = [part("prompt_tokens"), part("completion_tokens"), part("total_tokens")];
    if let [Some(prompt), Some(completion), Some(total)] = parts
        && prompt + completion != total
    {
        wrong.push(format!("{prompt} + {completion} is not {total}"));
    }
}

fn no_html(seen: &Seen, wrong: &mut Vec<String>) {
    let media = seen.view.pointer("/headers/content-type").and_then(Value::as_str);
    let body = seen.body().trim_ascii_start().to_ascii_lowercase();
    let is_page = body.starts_with(b"<!doctype") || body.starts_with(b"<html");
    if media.is_some_and(|media| media.starts_with("text/html")) || is_page {
        wrong.push("an HTML page".to_owned());
    }
}

fn no_secret(seen: &Seen, wrong: &mut Vec<String>) {
    let received = String::from_utf8_lossy(&seen.exchange.received);
    if seen.sent.secrets.iter().any(|secret| received.contains(secret.as_str())) {
        wrong.push("the key, which reports show as ***".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Exchange, Sent, Stop};

    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

    fn wrong(rule: Rule, pieces: &[(&str, u64)]) -> usize {
        let sent = Sent { bytes: vec![], is_head: false, stop: Stop::AtEnd, secrets: vec![] };
        let pieces = pieces.iter().map(|(piece, time)| (*piece, Duration::from_secs(*time)));
        let pieces: Vec<_> = std::iter::once((HEAD, Duration::ZERO)).chain(pieces).collect();
        apply(rule, &Seen::new(sent, Exchange::received(&pieces))).len()
    }

    #[test]
    fn comments_stand_alone() {
        let wrong = |body| wrong(Rule::LoneComments, &[(body, 0)]);
        assert_eq!(wrong(": PROCESSING\n\ndata: {}\n\n:\n\n"), 0);
        assert_eq!(wrong(": one\r\n: two\r\n\r\ndata: {}\r\n\r\n"), 0);
        assert_eq!(wrong(": PROCESSING\ndata: {}\n\n"), 1);
        assert_eq!(wrong("data: {}\n: PROCESSING\n\n"), 1);
    }

    #[test]
    fn silence_is_counted_between_pieces() {
        let wrong = |pieces: &[(&str, u64)]| wrong(Rule::NoSilence, pieces);
        assert_eq!(wrong(&[(":\n\n", 15), (":\n\n", 30), ("data: {}\n\n", 45)]), 0);
        assert_eq!(wrong(&[(":\n\n", 15), ("data: {}\n\n", 31)]), 1);
        assert_eq!(wrong(&[("data: {}\n\n", 60)]), 1);
    }
}
