//! The keys of a case file, and what each becomes. [`file`](super::file) reads them, and says where a mistake is.
//!
//! | key of a check | holds if |
//! | --- | --- |
//! | `is` | the value is of this kind, or of one of these: `null`, `boolean`, `integer`, `number`, `string`, `words` (a text that is not blank), `array`, `object` |
//! | `equals`, `one_of` | the value is this one, or one of these |
//! | `matches`, `contains`, `lacks` | the text matches this pattern, contains this text, or does not contain it |
//! | `min`, `max` | the number is within the bound |
//! | `min_length`, `max_length` | the text has as many characters, or the list as many items |
//! | `count`, `min_count` | the place matches as many values |
//! | `same_as` | the value is the one at another place |
//! | `all_same`, `unique` | all values are equal, or all differ |
//! | `absent` | the place has no value, or a null |
//! | `keys` | the object has exactly these keys in this order |
//! | `lacks_keys` | the object has none of these keys, not even with a null |
//! | `parses` | the text is JSON, for which these checks hold |
//! | `optional` | the rest holds, or the place has no value |
//! | `some` | the rest holds for one of the values |

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::check::{Check, Kind, Predicate};
use super::{Level, Otherwise, Request, RequestBody};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileKeys {
    pub(super) group: String,
    /// What a case needs that does not say it itself.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    pub(super) cases: Vec<Spanned<CaseKeys>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseKeys {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) level: Level,
    pub(super) why: String,
    pub(super) source: String,
    #[serde(default)]
    pub(super) breaks: Vec<String>,
    pub(super) needs: Option<Vec<String>>,
    #[serde(default)]
    pub(super) stores: bool,
    #[serde(default)]
    pub(super) needs_key: bool,
    #[serde(default)]
    pub(super) large: bool,
    pub(super) steps: Option<Vec<Spanned<StepKeys>>>,
    // The keys of the only step.
    pub(super) request: Option<RequestKeys>,
    #[serde(rename = "if")]
    pub(super) only_if: Option<Vec<Spanned<CheckKeys>>>,
    #[serde(rename = "else")]
    pub(super) otherwise: Option<OtherwiseKey>,
    pub(super) expect: Option<Vec<Spanned<CheckKeys>>>,
    pub(super) rules: Option<Vec<Spanned<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepKeys {
    pub(super) request: Option<RequestKeys>,
    #[serde(rename = "if")]
    pub(super) only_if: Option<Vec<Spanned<CheckKeys>>>,
    #[serde(rename = "else")]
    pub(super) otherwise: Option<OtherwiseKey>,
    pub(super) expect: Option<Vec<Spanned<CheckKeys>>>,
    pub(super) rules: Option<Vec<Spanned<String>>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OtherwiseKey {
    Unsupported,
    Skipped,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestKeys {
    method: Option<String>,
    path: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    chat: Option<Value>,
    #[serde(default)]
    without: Vec<String>,
    json: Option<Value>,
    text: Option<String>,
    times: Option<usize>,
    #[serde(default)]
    chunked: bool,
    #[serde(default)]
    leaves: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckKeys {
    at: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    some: bool,
    #[serde(default)]
    is: OneOrMany,
    #[serde(default, deserialize_with = "present")]
    equals: Option<Value>,
    one_of: Option<Vec<Value>>,
    matches: Option<String>,
    contains: Option<String>,
    lacks: Option<String>,
    min: Option<f64>,
    max: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    count: Option<usize>,
    min_count: Option<usize>,
    same_as: Option<String>,
    #[serde(default)]
    all_same: bool,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    absent: bool,
    keys: Option<Vec<String>>,
    lacks_keys: Option<Vec<String>>,
    parses: Option<Vec<Spanned<CheckKeys>>>,
}

/// A null is a value, too.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl From<OtherwiseKey> for Otherwise {
    fn from(key: OtherwiseKey) -> Self {
        match key {
            OtherwiseKey::Unsupported => Self::Unsupported,
            OtherwiseKey::Skipped => Self::Skipped,
        }
    }
}

impl RequestKeys {
    pub(super) fn request(self) -> Result<Request, String> {
        let body = match (self.chat, self.json, self.text) {
            (None, Some(json), None) => RequestBody::Json(json),
            (None, None, Some(text)) => RequestBody::Text(text),
            (None, None, None) if self.method.as_deref().is_some_and(|method| method != "POST") => {
                RequestBody::None
            }
            (with, None, None) => RequestBody::Chat {
                with: with.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
                without: self.without,
            },
            _ => return Err("a request has one of `chat`, `json` and `text`: keep one".to_owned()),
        };
        if matches!(&body, RequestBody::Chat { with, .. } if !with.is_object()) {
            return Err("`chat` is not a map: write keys of the request".to_owned());
        }
        let times = self.times.unwrap_or(1);
        if !(1..=MOST_TIMES).contains(&times) {
            return Err(format!("`times` is {times}: write a number from 1 to {MOST_TIMES}"));
        }
        Ok(Request {
            method: self.method.unwrap_or_else(|| "POST".to_owned()),
            path: self.path.unwrap_or_else(|| "/chat/completions".to_owned()),
            headers: self.headers.into_iter().collect(),
            body,
            times,
            is_chunked: self.chunked,
            leaves: self.leaves,
        })
    }
}

impl CheckKeys {
    pub(super) fn check(self) -> Result<Check, String> {
        if !self.at.is_empty() && !self.at.starts_with('/') {
            let at = &self.at;
            return Err(format!("`at: {at}` is not a JSON Pointer: begin it with `/`"));
        }
        let mut predicates = Vec::new();
        predicates.extend(self.is.kinds()?);
        predicates.extend(self.equals.map(Predicate::Equals));
        predicates.extend(self.one_of.map(Predicate::OneOf));
        if let Some(pattern) = self.matches {
            let pattern = Regex::new(&pattern).map_err(|error| {
                let why = reason(&error);
                format!("`matches` is not a pattern ({why}): write a regular expression")
            })?;
            predicates.push(Predicate::Matches(pattern.into()));
        }
        predicates.extend(self.contains.map(Predicate::Contains));
        predicates.extend(self.lacks.map(Predicate::Lacks));
        predicates.extend(self.min.map(Predicate::Min));
        predicates.extend(self.max.map(Predicate::Max));
        predicates.extend(self.min_length.map(Predicate::MinLength));
        predicates.extend(self.max_length.map(Predicate::MaxLength));
        predicates.extend(self.count.map(Predicate::Count));
        predicates.extend(self.min_count.map(Predicate::MinCount));
        predicates.extend(self.same_as.map(Predicate::SameAs));
        predicates.extend(self.all_same.then_some(Predicate::AllSame));
        predicates.extend(self.unique.then_some(Predicate::Unique));
        predicates.extend(self.absent.then_some(Predicate::Absent));
        predicates.extend(self.keys.map(Predicate::Keys));
        predicates.extend(self.lacks_keys.map(Predicate::LacksKeys));
        if let Some(inside) = self.parses {
            let inside = inside.into_iter().map(|check| check.value.check());
            predicates.push(Predicate::Parses(inside.collect::<Result<_, _>>()?));
        }
        if predicates.is_empty() {
            return Err("a check says only where: add what has to be there, such as `is: string`"
                .to_owned());
        }
        Ok(Check { at: self.at, optional: self.optional, some: self.some, predicates })
    }
}

impl OneOrMany {
    fn kinds(self) -> Result<Option<Predicate>, String> {
        let names = match self {
            Self::None => return Ok(None),
            Self::One(name) => vec![name],
            Self::Many(names) => names,
        };
        let kinds = names.iter().map(|name| kind(name)).collect::<Result<_, _>>()?;
        Ok(Some(Predicate::Is(kinds)))
    }
}

fn kind(name: &str) -> Result<Kind, String> {
    let found = Kind::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        let names: Vec<_> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
        format!("there is no kind `{name}`: use one of {}", names.join(", "))
    })
}

/// The last line says it; those before it show the pattern.
fn reason(error: &regex::Error) -> String {
    error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

const MOST_TIMES: usize = 16;
