//! Finds values of the chunks of a stream that their completion does not have.
//! [`compare`](super::compare) checks each chunk alone.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{brief, by_key};
use super::exact::Json;
use super::report::{FileReport, ProblemKind};

/// The values of a stream, by the place that they belong to.
#[derive(Debug, Default)]
pub(super) struct Values {
    by_place: BTreeMap<Place, Vec<Value>>,
}

/// The places of one key. Positions in lists make no difference, because parts of a list are merged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    scope: Scope,
    /// Such as `delta.tool_calls[].id`.
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// What stands beside the choices.
    Head,
    /// The choice with this index.
    Choice(i64),
}

/// A text, a number or a boolean.
#[derive(Clone, Debug)]
struct Value {
    /// Which chunk brought it.
    from: Source,
    json: Json,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    /// Counted from 1.
    chunk: usize,
    /// The `index` of the part of a list that it is in, if the part has one. Later chunks may replace the
    /// values of such a part.
    part: Option<i64>,
}

/// Padding, which says nothing, and positions, which a completion gives by the order of its lists.
const NOT_KEPT: [&str; 3] = ["obfuscation", "p", "index"];

/// Stands for the number of a chunk, because a completion is none of them.
const COMPLETION: usize = 0;

/// Keys that are sent again with every piece, or made up anew. The completion has one of their values.
const LABELS: [&str; 4] = ["format", "id", "name", "type"];

impl Values {
    /// Reports what the completion does not have: the first value of each place where one is lost.
    pub(super) fn report_lost(&self, completion: &Json, report: &mut FileReport) {
        let mut kept = Self::default();
        kept.add(COMPLETION, completion);
        for (place, values) in &self.by_place {
            if let Some(value) = kept.first_lost(place, values) {
                let at = format!("chunk {}, {}", value.from.chunk, place.shown());
                let detail = format!("{} is not in the completion", brief(&value.json));
                report.problem(ProblemKind::Lost, &at, detail);
            }
        }
    }

    /// The first value of a place that this completion does not have there. A value that another one of
    /// the same key replaced is not lost.
    fn first_lost<'a>(&self, place: &Place, values: &'a [Value]) -> Option<&'a Value> {
        let kept = self.by_place.get(&place.in_completion()).map_or(&[][..], Vec::as_slice);
        let is_head = place.scope == Scope::Head;
        match kept {
            [] if is_head && self.has_inside(place) => None,
            [] => values.iter().find(|value| !value.is_null_in_words()),
            _ if is_head || place.is_label() => None,
            _ if place.is_in_list() => first_lost_part(values, kept),
            _ => first_lost_piece(values, kept),
        }
    }

    /// Whether there is an object in this place.
    fn has_inside(&self, place: &Place) -> bool {
        let inside = Place { scope: place.scope, path: format!("{}.", place.path) };
        let mut following = self.by_place.range(&inside..);
        following.next().is_some_and(|(found, _)| found.path.starts_with(&inside.path))
    }

    /// Adds the values of a chunk or a completion. `chunk` counts chunks from 1.
    pub(super) fn add(&mut self, chunk: usize, json: &Json) {
        let from = Source { chunk, part: None };
        let Json::Object(entries) = json else { return };
        for (key, value) in by_key(entries) {
            match (key, value) {
                ("choices", Json::List(choices)) => {
                    choices.iter().for_each(|choice| self.add_choice(from, choice));
                }
                // A completion has another value under this key.
                ("choices" | "object", _) => {}
                _ => self.add_key(from, &mut Place::of(Scope::Head), key, value),
            }
        }
    }

    fn add_choice(&mut self, from: Source, choice: &Json) {
        let Json::Object(entries) = choice else { return };
        let index = index(choice).unwrap_or(0);
        for (key, value) in by_key(entries) {
            self.add_key(from, &mut Place::of(Scope::Choice(index)), key, value);
        }
    }

    fn add_key(&mut self, from: Source, place: &mut Place, key: &str, value: &Json) {
        if !NOT_KEPT.contains(&key) {
            let dot = if place.path.is_empty() { "" } else { "." };
            place.within(&[dot, key], |place| self.add_value(from, place, value));
        }
    }

    fn add_value(&mut self, from: Source, place: &mut Place, json: &Json) {
        match json {
            Json::Object(entries) => {
                for (key, value) in by_key(entries) {
                    self.add_key(from, place, key, value);
                }
            }
            Json::List(items) => place.within(&["[]"], |place| {
                for item in items {
                    let from = Source { part: index(item).or(from.part), ..from };
                    self.add_value(from, place, item);
                }
            }),
            Json::Null => {}
            Json::Text(text) if text.is_empty() => {}
            scalar => {
                let value = Value { from, json: scalar.clone() };
                self.by_place.entry(place.in_one_form()).or_default().push(value);
            }
        }
    }
}

impl Value {
    /// Some services write the word `null` in place of a null.
    fn is_null_in_words(&self) -> bool {
        self.json.as_text() == Some("null")
    }
}

impl Place {
    fn of(scope: Scope) -> Self {
        Self { scope, path: String::new() }
    }

    /// Runs `then` with these at the end of the path.
    fn within(&mut self, steps: &[&str], then: impl FnOnce(&mut Self)) {
        let outer = self.path.len();
        self.path.extend(steps.iter().copied());
        then(self);
        self.path.truncate(outer);
    }

    /// Content is a text or a list of parts with texts, and a stream may have both.
    fn in_one_form(&self) -> Self {
        let path = match self.path.as_str() {
            "delta.content[].text" => "delta.content",
            "message.content[].text" => "message.content",
            path => path,
        };
        Self { scope: self.scope, path: path.to_owned() }
    }

    /// A delta becomes a part of the message. Some services send the message beside it, with the same text.
    fn in_completion(&self) -> Self {
        let path = match self.path.strip_prefix("delta.") {
            Some(rest) if self.scope != Scope::Head => format!("message.{rest}"),
            _ => self.path.clone(),
        };
        Self { scope: self.scope, path }
    }

    fn shown(&self) -> String {
        match self.scope {
            Scope::Head => self.path.clone(),
            Scope::Choice(index) => format!("choices[{index}].{}", self.path),
        }
    }

    fn is_in_list(&self) -> bool {
        self.path.contains("[]")
    }

    fn is_label(&self) -> bool {
        let key = self.path.rsplit('.').next();
        key.is_some_and(|key| LABELS.contains(&key))
    }
}

/// The `index` of an object. Some services put it in quotes, or give it a fraction.
fn index(object: &Json) -> Option<i64> {
    let (Json::Number(digits) | Json::Text(digits)) = object.get("index")? else { return None };
    let digits = digits.trim();
    digits.parse().ok().or_else(|| Some(digits.parse::<f64>().ok()? as i64))
}

/// For a key that an answer has once: its texts are joined, or one value stays.
fn first_lost_piece<'a>(values: &'a [Value], kept: &[Value]) -> Option<&'a Value> {
    let kept = texts(kept).concat();
    if texts(values).contains(&kept.as_str()) {
        return None;
    }
    let mut rest = kept.as_str();
    values.iter().find(|value| match value.json.as_text().map(|text| rest.strip_prefix(text)) {
        Some(Some(after)) => {
            rest = after;
            false
        }
        Some(None) => true,
        // A number or a boolean was replaced by the one that stays.
        None => false,
    })
}

/// For a key of parts of a list: each value is the value of a part, or in its text.
fn first_lost_part<'a>(values: &'a [Value], kept: &[Value]) -> Option<&'a Value> {
    let whole: BTreeSet<String> = kept.iter().map(|value| comparable(&value.json)).collect();
    let is_whole = |value: &&Value| whole.contains(&comparable(&value.json));
    let last_of_parts: BTreeMap<i64, usize> = values
        .iter()
        .filter(is_whole)
        .filter_map(|value| Some((value.from.part?, value.from.chunk)))
        .collect();
    let mut joined = Joined { text: texts(kept).join("\0"), position: 0 };
    values.iter().find(|value| {
        let last = value.from.part.and_then(|part| last_of_parts.get(&part));
        let was_replaced = last.is_some_and(|last| *last > value.from.chunk);
        let is_kept = is_whole(value) || value.json.as_text().is_some_and(|text| joined.has(text));
        !is_kept && !was_replaced
    })
}

/// Texts of a completion in which pieces are looked for.
struct Joined {
    text: String,
    /// Where the last piece ended. Pieces come in the order of the text, so that the next one is mostly
    /// found here at once.
    position: usize,
}

impl Joined {
    fn has(&mut self, piece: &str) -> bool {
        let after = self.text.get(self.position..).and_then(|rest| rest.find(piece));
        let found = after.map(|found| self.position + found).or_else(|| self.text.find(piece));
        if let Some(found) = found {
            self.position = found + piece.len();
        }
        found.is_some()
    }
}

fn texts(values: &[Value]) -> Vec<&str> {
    values.iter().filter_map(|value| value.json.as_text()).collect()
}

/// The same for two numbers that are read as the same one.
fn comparable(json: &Json) -> String {
    match json {
        Json::Number(digits) => digits
            .parse::<f64>()
            // A sum with zero has no sign if it is zero.
            .map_or_else(|_| digits.clone(), |number| (number + 0.0).to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chunks, a completion that may or may not be right, and what is reported.
    #[track_caller]
    fn check(chunks: &[&str], completion: &str, expected: &[&str]) {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        let mut values = Values::default();
        for (chunk, number) in chunks.iter().zip(1..) {
            values.add(number, &json(chunk));
        }
        let mut report = FileReport::default();
        values.report_lost(&json(completion), &mut report);
        let lines: Vec<_> =
            report.problems().map(|(place, detail)| format!("{place}: {detail}")).collect();
        assert_eq!(lines, expected);
    }

    /// The same for the deltas of one choice, and its message.
    #[track_caller]
    fn check_message(deltas: &[&str], message: &str, expected: &[&str]) {
        let chunk = |delta: &&str| format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#);
        let chunks: Vec<String> = deltas.iter().map(chunk).collect();
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        let completion = format!(r#"{{"choices":[{{"index":0,"message":{message}}}]}}"#);
        check(&chunks, &completion, expected);
    }

    #[test]
    fn pieces_of_a_text() {
        let deltas = [r#"{"content":"a"}"#, r#"{"content":"null"}"#, r#"{"content":"a"}"#];
        check_message(&deltas, r#"{"content":"anulla"}"#, &[]);
        let lost = r#"chunk 2, choices[0].delta.content: "null" is not in the completion"#;
        check_message(&deltas, r#"{"content":"aa"}"#, &[lost]);
        let lost = r#"chunk 3, choices[0].delta.content: "a" is not in the completion"#;
        check_message(&deltas, r#"{"content":"anull"}"#, &[lost]);
        let lost = r#"chunk 1, choices[0].delta.content: "a" is not in the completion"#;
        check_message(&deltas, r#"{"content":null}"#, &[lost]);
    }

    #[test]
    fn texts_of_parts_and_of_no_parts() {
        let deltas = [r#"{"content":"a"}"#, r#"{"content":[{"type":"text","text":"b"}]}"#];
        check_message(&deltas, r#"{"content":[{"type":"text","text":"ab"}]}"#, &[]);
        let lost = r#"chunk 2, choices[0].delta.content: "b" is not in the completion"#;
        check_message(&deltas, r#"{"content":[{"type":"text","text":"a-"}]}"#, &[lost]);
    }

    #[test]
    fn values_that_are_sent_again() {
        let deltas = [r#"{"role":"assistant","n":1}"#, r#"{"role":"assistant","n":2}"#];
        check_message(&deltas, r#"{"role":"assistant","n":2}"#, &[]);
        let lost = "chunk 1, choices[0].delta.n: 1 is not in the completion";
        check_message(&deltas, r#"{"role":"assistant"}"#, &[lost]);
    }

    #[test]
    fn what_says_nothing() {
        let nothing = r#"{"content":"","refusal":null,"a":[],"b":{},"c":[null,""],"p":"x"}"#;
        check_message(&[nothing], "{}", &[]);
        let chunk = r#"{"object":"chat.completion.chunk","obfuscation":"x","choices":[{"finish_reason":"null"}]}"#;
        check(&[chunk], r#"{"object":"chat.completion","choices":[]}"#, &[]);
    }

    #[test]
    fn unknown_lists() {
        let deltas = [
            r#"{"tools":[{"index":0,"type":"search","arguments":"a"}]}"#,
            r#"{"tools":[{"index":1,"type":"visit","arguments":"b"}]}"#,
        ];
        let message = r#"{"tools":[{"arguments":"a","type":"search"},{"arguments":"b"}]}"#;
        check_message(&deltas, message, &[]);
        let lost = r#"chunk 1, choices[0].delta.tools[].arguments: "a" is not in the completion"#;
        check_message(&deltas, r#"{"tools":[{"type":"visit","arguments":"b"}]}"#, &[lost]);
        let lost = "chunk 1, choices[0].delta.ids[]: 1 is not in the completion";
        check_message(&[r#"{"ids":[1]}"#, r#"{"ids":[2]}"#], r#"{"ids":[2]}"#, &[lost]);
        check_message(&[r#"{"ids":[1]}"#, r#"{"ids":[2.0,1e0]}"#], r#"{"ids":[1.0,2]}"#, &[]);
    }

    #[test]
    fn parts_that_are_replaced() {
        let deltas = [
            r#"{"tools":[{"index":0,"progress":0.5,"note":"busy"}]}"#,
            r#"{"tools":[{"index":0,"progress":1.0,"note":"done"}]}"#,
        ];
        check_message(&deltas, r#"{"tools":[{"progress":1,"note":"done"}]}"#, &[]);
        let lost = r#"chunk 2, choices[0].delta.tools[].note: "done" is not in the completion"#;
        check_message(&deltas, r#"{"tools":[{"progress":1,"note":"busy"}]}"#, &[lost]);
    }

    #[test]
    fn calls_with_made_up_ids() {
        let deltas = [
            r#"{"tool_calls":[{"index":0,"id":"a1","function":{"name":"f","arguments":"{\""}}]}"#,
            r#"{"tool_calls":[{"index":0,"id":"b2","function":{"arguments":"q\":1}"}}]}"#,
        ];
        let call =
            r#"{"tool_calls":[{"id":"a1","function":{"name":"f","arguments":"{\"q\":1}"}}]}"#;
        check_message(&deltas, call, &[]);
        let cut = r#"{"tool_calls":[{"id":"a1","function":{"name":"f","arguments":"{\""}}]}"#;
        let place = "chunk 2, choices[0].delta.tool_calls[].function.arguments";
        let lost = format!(r#"{place}: "q\":1}}" is not in the completion"#);
        check_message(&deltas, cut, &[&lost]);
    }

    #[test]
    fn choices_are_kept_apart() {
        let chunk =
            r#"{"choices":[{"index":"1","text":"b"},{"text":"a"},{"index":2.0,"text":"c"}]}"#;
        let right =
            r#"{"choices":[{"index":0,"text":"a"},{"index":1,"text":"b"},{"index":2,"text":"c"}]}"#;
        check(&[chunk], right, &[]);
        let wrong = r#"{"choices":[{"index":0,"text":"b"},{"index":2,"text":"c"}]}"#;
        let lost = [
            r#"chunk 1, choices[0].text: "a" is not in the completion"#,
            r#"chunk 1, choices[1].text: "b" is not in the completion"#,
        ];
        check(&[chunk], wrong, &lost);
    }

    #[test]
    fn beside_the_choices_one_value_stays() {
        let chunks =
            [r#"{"id":"a","usage":"x"}"#, r#"{"id":"b","usage":{"total_tokens":1},"v":[1]}"#];
        check(&chunks, r#"{"id":"a","usage":{"total_tokens":1},"v":[2]}"#, &[]);
        let lost = [
            "chunk 2, usage.total_tokens: 1 is not in the completion",
            "chunk 2, v[]: 1 is not in the completion",
        ];
        check(&chunks, r#"{"id":"a","usage":"x"}"#, &lost);
    }
}
