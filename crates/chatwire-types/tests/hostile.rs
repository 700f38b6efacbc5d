//! Tests payloads that no service should send: real ones with keys added, removed and repeated, and
//! with values of any other kind. An outermost object decodes with any content, and encodes
//! unchanged.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::fmt;
use std::path::Path;

use crate::support::{files, own, same, texts, thorough};
use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ChatCompletionDeleted, ChatCompletionList,
    ChatCompletionMessageList, CreateChatCompletionRequest, ErrorResponse, Unknown,
    UpdateChatCompletionRequest,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// JSON that may repeat a key.
#[derive(Clone, Debug)]
enum Json {
    /// Any scalar, as it is written.
    Leaf(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// A change at one place of a payload.
#[derive(Clone, Debug)]
enum Change {
    /// Another value, of the same or another kind.
    Replace(&'static str),
    /// A key that may already exist, or in a list an element.
    Add(&'static str, &'static str),
    /// An existing key again, with another value, at the end.
    Double(Index, &'static str),
    /// The same, at the start.
    DoubleBefore(Index, &'static str),
    Remove(Index),
    /// This many lists around the value.
    Nest(usize),
}

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "-0.0",
    "1.0",
    "1.5",
    "1e300",
    "1e-320",
    "0.1",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    r#""""#,
    r#""x""#,
    r#""stop""#,
    r#""text""#,
    r#""function""#,
    r#""\u0000\ud83d\ude00\"""#,
    "[]",
    "[null]",
    r#"["a",1,{}]"#,
    r#"[{"type":"text","text":"a"},null]"#,
    "{}",
    r#"{"":null}"#,
    r#"{"type":null}"#,
    r#"{"type":7,"text":[]}"#,
    r#"{"text":"a","type":"text","vendor":{"b":1,"a":[2.50]}}"#,
    r#"{"role":"user"}"#,
    r#"{"message":"m","code":1.5}"#,
    r#"{"type":"text","type":"image_url"}"#,
    r#"{"type":"image_url","type":"text","text":"a"}"#,
    r#"{"role":"x","role":"user","content":"a"}"#,
    r#"{"a":"x","b":2,"a":1}"#,
    r#"{"role":"user","content":"x","$serde_json::private::Number":"5"}"#,
];

const KEYS: &[&str] = &[
    "",
    "vendor",
    "type",
    "role",
    "object",
    "id",
    "index",
    "content",
    "text",
    "error",
    "code",
    "function",
    "custom",
    "name",
    "arguments",
    "choices",
    "delta",
    "message",
    "usage",
    "tool_calls",
    "created",
    "data",
    "deleted",
    "extra",
    "a.b[0]",
    "$serde_json::private::Number",
];

fn change() -> impl Strategy<Value = Change> {
    let value = || select(VALUES);
    prop_oneof![
        4 => value().prop_map(Change::Replace),
        2 => (select(KEYS), value()).prop_map(|(key, value)| Change::Add(key, value)),
        1 => (any::<Index>(), value()).prop_map(|(entry, value)| Change::Double(entry, value)),
        1 => (any::<Index>(), value()).prop_map(|(entry, value)| Change::DoubleBefore(entry, value)),
        2 => any::<Index>().prop_map(Change::Remove),
        1 => (1..100_usize).prop_map(Change::Nest),
    ]
}

impl Json {
    fn new(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.iter().map(Self::new).collect()),
            Value::Object(entries) => Self::Object(
                entries.iter().map(|(key, value)| (key.clone(), Self::new(value))).collect(),
            ),
            leaf => Self::Leaf(leaf.to_string()),
        }
    }

    fn size(&self) -> usize {
        1 + match self {
            Self::Leaf(_) => 0,
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Object(entries) => entries.iter().map(|(_, value)| value.size()).sum(),
        }
    }

    /// Changes the value at a position, counted from the outside in. The outermost value stays an
    /// object.
    fn change(&mut self, position: usize, change: &Change) {
        let mut left = position;
        self.visit(&mut left, &mut |json| json.apply(change, position == 0));
    }

    fn visit(&mut self, left: &mut usize, then: &mut dyn FnMut(&mut Self)) {
        if *left == 0 {
            then(self);
        }
        *left = left.wrapping_sub(1);
        match self {
            Self::Leaf(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.visit(left, then)),
            Self::Object(entries) => {
                entries.iter_mut().for_each(|(_, value)| value.visit(left, then));
            }
        }
    }

    fn apply(&mut self, change: &Change, outermost: bool) {
        let leaf = |text: &str| Self::Leaf(text.to_owned());
        match (change, self) {
            (Change::Replace(value), json) if !outermost => *json = leaf(value),
            (Change::Nest(depth), json) if !outermost => {
                let (open, close) = ("[".repeat(*depth), "]".repeat(*depth));
                *json = Self::Leaf(format!("{open}{json}{close}"));
            }
            (Change::Add(key, value), Self::Object(entries)) => {
                entries.push(((*key).to_owned(), leaf(value)));
            }
            (Change::Add(_, value), Self::List(items)) => items.push(leaf(value)),
            (Change::Double(entry, value), Self::Object(entries)) if !entries.is_empty() => {
                let key = entries.get(entry.index(entries.len())).unwrap().0.clone();
                entries.push((key, leaf(value)));
            }
            (Change::DoubleBefore(entry, value), Self::Object(entries)) if !entries.is_empty() => {
                let key = entries.get(entry.index(entries.len())).unwrap().0.clone();
                entries.insert(0, (key, leaf(value)));
            }
            (Change::Remove(entry), Self::Object(entries)) if !entries.is_empty() => {
                entries.remove(entry.index(entries.len()));
            }
            (Change::Remove(entry), Self::List(items)) if !items.is_empty() => {
                items.remove(entry.index(items.len()));
            }
            _ => {}
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: Vec<String>| parts.join(",");
        match self {
            Self::Leaf(text) => f.write_str(text),
            Self::List(items) => {
                write!(f, "[{}]", joined(items.iter().map(Self::to_string).collect()))
            }
            Self::Object(entries) => {
                let entry =
                    |(key, value): &(String, Self)| format!("{}:{value}", Value::from(&**key));
                write!(f, "{{{}}}", joined(entries.iter().map(entry).collect()))
            }
        }
    }
}

/// Every payload that is an object. The hand-made ones hold each part of the document.
fn payloads() -> Vec<Json> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/examples");
    let paths = [own("hand-made"), own("seed"), examples];
    let texts = paths.iter().flat_map(|folder| files(folder)).flat_map(|path| texts(&path));
    let values = texts.filter_map(|text| serde_json::from_str::<Value>(&text).ok());
    let objects = values.filter(Value::is_object);
    objects.map(|object| Json::new(&object)).collect()
}

fn changed_payload() -> impl Strategy<Value = String> {
    let changes = prop::collection::vec((any::<Index>(), change()), 0..6);
    (select(payloads()), changes).prop_map(|(mut payload, changes)| {
        for (place, change) in &changes {
            payload.change(place.index(payload.size()), change);
        }
        payload.to_string()
    })
}

/// Decodes, and encodes to equal JSON in which no key is repeated and which decodes to the same
/// value again. If no key was repeated, JSON in memory decodes to the same value too.
fn check<T>(text: &str, sent: &Value) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + PartialEq + fmt::Debug + Unknown + Clone,
{
    let typed: T = match serde_json::from_str(text) {
        Ok(typed) => typed,
        Err(error) => return Err(TestCaseError::fail(format!("refused: {error}\n{text}"))),
    };
    let encoded = serde_json::to_string(&typed).unwrap();
    let back: Value = serde_json::from_str(&encoded).unwrap();
    prop_assert!(same(sent, &back), "sent {}\nback {}", text, encoded);
    let reader: T = serde_json::from_reader(text.as_bytes()).unwrap();
    prop_assert_eq!(&reader, &typed);
    prop_assert_eq!(&serde_json::from_str::<T>(&encoded).unwrap(), &typed, "{}", text);
    prop_assert_eq!(keys(&encoded), keys(&back.to_string()), "a key twice: {}", encoded);
    if keys(text) == keys(&sent.to_string()) {
        let value: T = serde_json::from_value(sent.clone()).unwrap();
        prop_assert_eq!(&value, &typed, "{}", text);
    }
    check_stripped(typed)
}

/// The number of keys, where repeated keys count twice. Two writings of the same strings can be
/// compared with it.
fn keys(text: &str) -> usize {
    text.matches("\":").count()
}

/// After everything unknown is removed, everything is known.
fn check_stripped<T: DeserializeOwned + Serialize + Unknown>(
    mut typed: T,
) -> Result<(), TestCaseError> {
    typed.strip_unknown();
    let text = serde_json::to_string(&typed).unwrap();
    prop_assert!(serde_json::from_str::<T>(&text).is_ok(), "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if thorough() { 1500 } else { 300 }, failure_persistence: None, ..Default::default() })]

    /// Each payload is read as each of the types, because a caller may use the wrong one.
    #[test]
    fn any_object_is_kept(text in changed_payload()) {
        // Too deep for every reader.
        prop_assume!(serde_json::from_str::<Value>(&text).is_ok());
        let sent: Value = serde_json::from_str(&text).unwrap();
        check::<CreateChatCompletionRequest>(&text, &sent)?;
        let request: CreateChatCompletionRequest = serde_json::from_str(&text).unwrap();
        let read = CreateChatCompletionRequest::from_body(text.as_bytes());
        prop_assert_eq!(read.err(), request.validate().err());
        check::<ChatCompletion>(&text, &sent)?;
        check::<ChatCompletionChunk>(&text, &sent)?;
        check::<ChatCompletionList>(&text, &sent)?;
        check::<ChatCompletionMessageList>(&text, &sent)?;
        check::<ChatCompletionDeleted>(&text, &sent)?;
        check::<UpdateChatCompletionRequest>(&text, &sent)?;
        check::<ErrorResponse>(&text, &sent)?;
    }
}

/// Any keys in any order: each text is the same pattern `count` times. No clock is read, because a busy machine
/// would make the test fail.
#[test]
fn keys_are_read_in_linear_time() {
    let unknown = |count: usize, value: &str| -> String {
        (0..count).map(|number| format!("\"k{number}\":{value},")).collect()
    };
    let patterns: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("unknown", &|count| unknown(count, "1")),
        ("twice", &|count| unknown(count, "1").repeat(2)),
        ("misfits", &|count| unknown(count, "1") + &r#""id":1,"#.repeat(count)),
        ("misfits that fit", &|count| {
            unknown(count, "1") + &r#""id":1,"id":"a","model":1,"model":"m","#.repeat(count)
        }),
        ("a map", &|count| format!(r#""logit_bias":{{{}"k1":"x","k1":1}},"#, unknown(count, "1"))),
        ("tags", &|count| {
            let tags = r#""role":"user","role":"system","#.repeat(count);
            format!(r#""messages":[{{{tags}{}"content":"a"}}],"#, unknown(count, "1"))
        }),
    ];
    // Quadratic time would be a minute for each pattern, which nobody would wait for.
    for (name, pattern) in patterns {
        let text = format!(r#"{{{}"end":1}}"#, pattern(30_000));
        let request = serde_json::from_str::<CreateChatCompletionRequest>(&text);
        let completion = serde_json::from_str::<ChatCompletion>(&text);
        assert!(request.is_ok() && completion.is_ok(), "{name}");
    }
}
