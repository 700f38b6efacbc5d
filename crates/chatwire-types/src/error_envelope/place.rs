//! Reads documented and undocumented parts of an error envelope in the same way. [`super`] decides
//! which keys count.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    ErrorBody, ErrorCode, ErrorDetail, ErrorObject, ErrorResponse, Extra, ValidationProblem,
};

/// One value in an envelope, or the envelope itself.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Envelope(&'a ErrorResponse),
    Error(&'a ErrorObject),
    Problem(&'a ValidationProblem),
    Problems(&'a [ValidationProblem]),
    Text(&'a str),
    Number(i64),
    List(&'a [Value]),
    Json(&'a Value),
}

pub(super) type Entry<'a> = (&'a str, Place<'a>);

impl<'a> Place<'a> {
    /// The keys and values of an object that can matter, documented keys first. Empty for any other
    /// value.
    pub(super) fn entries(self) -> Vec<Entry<'a>> {
        match self {
            Self::Envelope(envelope) => {
                let error = envelope.error.as_ref().map(Self::from);
                let detail = envelope.detail.as_ref().map(Self::from);
                let documented = [
                    ("error", error),
                    ("message", envelope.message.as_deref().map(Self::Text)),
                    ("type", envelope.type_.as_deref().map(Self::Text)),
                    ("code", envelope.code.as_ref().map(Self::from)),
                    ("param", envelope.param.as_deref().map(Self::Text)),
                    ("detail", detail),
                    ("title", envelope.title.as_deref().map(Self::Text)),
                ];
                with_extra(documented, &envelope.extra)
            }
            Self::Error(error) => {
                let documented = [
                    ("message", error.message.as_deref().map(Self::Text)),
                    ("type", error.type_.as_deref().map(Self::Text)),
                    ("code", error.code.as_ref().map(Self::from)),
                    ("param", error.param.as_deref().map(Self::Text)),
                ];
                with_extra(documented, &error.extra)
            }
            Self::Problem(problem) => {
                let documented = [
                    ("loc", problem.loc.as_deref().map(Self::List)),
                    ("msg", problem.msg.as_deref().map(Self::Text)),
                    ("type", problem.type_.as_deref().map(Self::Text)),
                ];
                with_extra(documented, &problem.extra)
            }
            Self::Json(Value::Object(object)) => {
                object.iter().map(|(key, value)| (key.as_str(), Self::Json(value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of a list. Any other value is its own only item.
    pub(super) fn items(self) -> Vec<Self> {
        match self {
            Self::Problems(problems) => problems.iter().map(Self::Problem).collect(),
            _ => match self.list() {
                Some(items) => items.iter().map(Self::Json).collect(),
                None => vec![self],
            },
        }
    }

    pub(super) fn list(self) -> Option<&'a [Value]> {
        match self {
            Self::List(items) => Some(items),
            Self::Json(Value::Array(items)) => Some(items),
            _ => None,
        }
    }

    pub(super) fn is_object(self) -> bool {
        matches!(self, Self::Error(_) | Self::Json(Value::Object(_)))
    }

    /// A text that is not blank, alone or as the first item of a list.
    pub(super) fn text(self) -> Option<&'a str> {
        let text = match self {
            Self::Text(text) => text,
            Self::Json(Value::String(text)) => text,
            _ => return Self::Json(self.list()?.first()?).only_text(),
        };
        Some(text).filter(|text| !text.trim().is_empty())
    }

    fn only_text(self) -> Option<&'a str> {
        if self.list().is_some() { None } else { self.text() }
    }

    pub(super) fn text_or_number(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Number(number) => Some(number.to_string().into()),
            Self::Json(Value::Number(number)) => Some(number.to_string().into()),
            _ => self.only_text().map(Cow::Borrowed),
        }
    }
}

impl<'a> From<&'a ErrorBody> for Place<'a> {
    fn from(error: &'a ErrorBody) -> Self {
        match error {
            ErrorBody::Object(error) => Self::Error(error),
            ErrorBody::Text(text) => Self::Text(text),
            // `_` instead of `Unknown`, because the document may give the union another form.
            _ => Self::Json(json_or_null(if let ErrorBody::Unknown(json) = error {
                Some(json.as_json())
            } else {
                None
            })),
        }
    }
}

impl<'a> From<&'a ErrorDetail> for Place<'a> {
    fn from(detail: &'a ErrorDetail) -> Self {
        match detail {
            ErrorDetail::Text(text) => Self::Text(text),
            ErrorDetail::Problems(problems) => Self::Problems(problems),
            ErrorDetail::Object(error) => Self::Error(error),
            // `_` instead of `Unknown`, because the document may give the union another form.
            _ => Self::Json(json_or_null(if let ErrorDetail::Unknown(json) = detail {
                Some(json.as_json())
            } else {
                None
            })),
        }
    }
}

impl<'a> From<&'a ErrorCode> for Place<'a> {
    fn from(code: &'a ErrorCode) -> Self {
        match code {
            ErrorCode::Text(text) => Self::Text(text),
            ErrorCode::Number(number) => Self::Number(*number),
            // `_` instead of `Unknown`, because the document may give the union another form.
            _ => Self::Json(json_or_null(if let ErrorCode::Unknown(json) = code {
                Some(json.as_json())
            } else {
                None
            })),
        }
    }
}

/// The JSON of a form that this code does not know.
fn json_or_null(json: Option<&Value>) -> &Value {
    static NULL: Value = Value::Null;
    json.unwrap_or(&NULL)
}

fn with_extra<'a, const N: usize>(
    documented: [(&'a str, Option<Place<'a>>); N],
    extra: &'a Extra,
) -> Vec<Entry<'a>> {
    let documented = documented.into_iter().filter_map(|(key, place)| Some((key, place?)));
    documented.chain(extra.iter().map(|(key, value)| (key, Place::Json(value)))).collect()
}
