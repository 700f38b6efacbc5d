//! Tool calls that arrive in pieces: which call a piece belongs to, and the calls they make.
//! Every other field of a message is [`super::choice`]'s work.

use std::borrow::Cow;

use chatwire_types::{
    CustomCall, CustomToolCall, FunctionCall, FunctionCallDelta, FunctionToolCall, ToolCall,
    ToolCallDelta, ToolCallType,
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::MAX_PARTS;
use super::extra::ExtraParts;
use super::merge::{join, last_text};
use crate::rest::{self, rest, with_rest};

/// Where services put arguments that are no text, but an object.
const ARGUMENTS: &str = "arguments";

/// How often the arguments of one call are parsed to see whether a piece opens the next. A
/// service that writes the name on every piece comes here only where one ends with a brace and the
/// next begins with one.
const MAX_LOOKS: u8 = 16;

/// Arguments are looked at past so much space around them, so that it costs nothing to look.
const MOST_SPACE: usize = 64;

/// The tool calls of one message, in order of arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolCallParts {
    calls: Vec<Call>,
    /// The call that a piece without index and id continues.
    current: usize,
    /// How many lists of pieces came.
    lists: u64,
    /// For each piece of the last delta, the call that it went into.
    touched: Vec<Option<usize>>,
    pub(super) too_many: bool,
}

/// One call, as far as it is known. Keys of both kinds are kept: the type may come late.
#[derive(Clone, Debug, Default)]
struct Call {
    index: Option<i64>,
    id: Option<String>,
    kind: Option<ToolCallType>,
    name: Option<String>,
    /// Arguments of a function, or input of a custom tool.
    input: Option<String>,
    is_function: bool,
    is_custom: bool,
    /// The last list that a piece of this call was in.
    list: u64,
    /// How often the input was parsed to see whether it is a whole object.
    looks: u8,
    /// Unknown keys of the `function` or `custom` object.
    inner: ExtraParts,
    extra: ExtraParts,
}

impl ToolCallParts {
    /// Adds the pieces of one delta.
    pub(super) fn push_all(&mut self, deltas: &[ToolCallDelta]) {
        self.touched.clear();
        self.lists += 1;
        for delta in deltas {
            let call = self.push(delta);
            self.touched.push(call);
        }
    }

    /// Names and inputs of the calls.
    pub(super) fn texts(&self) -> impl Iterator<Item = Option<&String>> {
        self.calls.iter().flat_map(|call| [call.name.as_ref(), call.input.as_ref()])
    }

    pub(super) fn touched(&self) -> &[Option<usize>] {
        &self.touched
    }

    /// A call as it stands; they are counted in order of arrival.
    pub(super) fn tool_call(&self, call: usize) -> Option<ToolCall> {
        self.calls.get(call).map(|call| call.clone().into_tool_call())
    }

    fn push(&mut self, delta: &ToolCallDelta) -> Option<usize> {
        let found = self.find(delta);
        if found.is_none() && self.calls.len() >= MAX_PARTS {
            self.too_many = true;
            return None;
        }
        self.current = found.unwrap_or(self.calls.len());
        if found.is_none() {
            self.calls.push(Call::default());
        }
        if let Some(call) = self.calls.get_mut(self.current) {
            call.list = self.lists;
            call.push(delta);
        }
        Some(self.current)
    }

    /// The calls by index; those without one, or with a negative one, last.
    pub(super) fn into_tool_calls(mut self) -> Vec<ToolCall> {
        let place = |call: &Call| call.index.filter(|index| *index >= 0).unwrap_or(i64::MAX);
        self.calls.sort_by_key(place);
        self.calls.into_iter().map(Call::into_tool_call).collect()
    }

    /// The call that a piece belongs to; `None` for a new one.
    fn find(&mut self, delta: &ToolCallDelta) -> Option<usize> {
        let id = delta.id.as_deref().filter(|id| !id.is_empty());
        let index = index(delta);
        if let Some(id) = id
            && let Some(known) = self.find_id(id, index)
        {
            return Some(known);
        }
        let candidate = match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index)?,
            None => self.current,
        };
        let call = self.calls.get_mut(candidate)?;
        let other_id = id.is_some() && call.has_id();
        (!other_id && !call.is_followed_by(delta, self.lists)).then_some(candidate)
    }

    fn find_id(&self, id: &str, index: Option<i64>) -> Option<usize> {
        self.calls.iter().rposition(|call| {
            let here = index.is_none() || call.index == index;
            here && call.id.as_deref() == Some(id)
        })
    }
}

impl Call {
    fn push(&mut self, delta: &ToolCallDelta) {
        self.index = self.index.or_else(|| index(delta));
        last_text(&mut self.id, delta.id.as_ref());
        last_text(&mut self.kind, delta.type_.as_ref());
        if let Some(function) = &delta.function {
            self.is_function = true;
            last_text(&mut self.name, function.name.as_ref());
            join(&mut self.input, function.arguments.as_ref());
        }
        if let Some(custom) = &delta.custom {
            self.is_custom = true;
            last_text(&mut self.name, custom.name.as_ref());
            join(&mut self.input, custom.input.as_ref());
        }
        let [function, custom, call] = rests(delta);
        let inner = function.into_iter().chain(custom).flatten();
        inner.for_each(|(key, value)| self.inner.join(&key, Cow::Owned(value)));
        let own = call.into_iter().flatten();
        own.for_each(|(key, value)| self.extra.join(&key, Cow::Owned(value)));
    }

    fn has_id(&self) -> bool {
        self.id.as_ref().is_some_and(|id| !id.is_empty())
    }

    /// Whether a piece that could continue this call opens the next one instead. It does if it brings
    /// a name, and
    ///
    /// - an earlier piece of the same list is of this call, as services send parallel calls without
    ///   index and id; or
    /// - the arguments here are complete, and it brings some of its own, as Gemini sends calls whole,
    ///   without ids and all under index 0; or
    /// - the name is another, and the arguments here are complete or there are none.
    fn is_followed_by(&mut self, delta: &ToolCallDelta, list: u64) -> bool {
        let (function, custom) = (delta.function.as_ref(), delta.custom.as_ref());
        let name = function.and_then(|function| function.name.as_ref());
        let Some(name) = name.or_else(|| custom?.name.as_ref()).filter(|name| !name.is_empty())
        else {
            return false;
        };
        self.list == list
            || (function.is_some_and(opens_arguments) && self.is_whole())
            || (self.has_other_name(name) && (self.has_no_input() || self.is_whole()))
    }

    /// Whether the name is another, and not a longer form of the same.
    fn has_other_name(&self, name: &str) -> bool {
        let known = self.name.as_deref().filter(|known| !known.is_empty());
        known.is_some_and(|known| !name.starts_with(known))
    }

    fn has_no_input(&self) -> bool {
        let is_blank = |input: &String| input.len() <= MOST_SPACE && input.trim().is_empty();
        self.input.as_ref().is_none_or(is_blank) && !self.inner.contains(ARGUMENTS)
    }

    /// Whether the input is a whole object. It is parsed only if it ends like one, which the usual
    /// text does not, and so often only that hostile pieces cost linear time.
    fn is_whole(&mut self) -> bool {
        if self.input.is_none() && self.inner.contains(ARGUMENTS) {
            return true;
        }
        let Some(text) = self.input.as_deref().filter(|text| ends_with_brace(text)) else {
            return false;
        };
        self.looks = self.looks.saturating_add(1);
        self.looks <= MAX_LOOKS && is_object(text)
    }

    fn into_tool_call(self) -> ToolCall {
        match &self.kind {
            Some(ToolCallType::Custom) => self.into_custom(),
            Some(ToolCallType::Function) => self.into_function(),
            Some(other) if !other.as_str().is_empty() => self.into_unknown(),
            _ if self.is_custom => self.into_custom(),
            _ => self.into_function(),
        }
    }

    fn into_function(self) -> ToolCall {
        let mut function = FunctionCall::default();
        function.name = self.name;
        function.arguments = self.input;
        let function = with_rest(function, self.inner.into_rest());
        let mut call = FunctionToolCall::default();
        call.id = self.id;
        call.type_ = Some(ToolCallType::Function);
        call.function = self.is_function.then_some(function);
        ToolCall::Function(with_rest(call, self.extra.into_rest()))
    }

    fn into_custom(self) -> ToolCall {
        let mut custom = CustomCall::default();
        custom.name = self.name;
        custom.input = self.input;
        let custom = with_rest(custom, self.inner.into_rest());
        let mut call = CustomToolCall::default();
        call.id = self.id;
        call.type_ = Some(ToolCallType::Custom);
        call.custom = self.is_custom.then_some(custom);
        ToolCall::Custom(with_rest(call, self.extra.into_rest()))
    }

    /// A type that the document does not know has its keys where its pieces had them.
    fn into_unknown(self) -> ToolCall {
        let kind = self.kind.as_ref().map(|kind| kind.as_str().to_owned());
        let inner =
            [("name", self.name), (if self.is_custom { "input" } else { "arguments" }, self.input)];
        let mut inner: Map<String, Value> = inner
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
            .collect();
        fill(&mut inner, self.inner);
        let mut call = Map::new();
        call.extend(self.id.map(|id| ("id".to_owned(), id.into())));
        call.extend(kind.map(|kind| ("type".to_owned(), kind.into())));
        if self.is_function || self.is_custom {
            let key = if self.is_custom { "custom" } else { "function" };
            call.insert(key.to_owned(), inner.into());
        }
        fill(&mut call, self.extra);
        ToolCall::from(Value::Object(call))
    }
}

/// Adds what has no rule; a key that is there stays as it is.
fn fill(object: &mut Map<String, Value>, extra: ExtraParts) {
    for (key, value) in extra.into_rest() {
        object.entry(key).or_insert(value);
    }
}

/// The keys of a piece without a rule: of its function, of its custom tool, and its own.
fn rests(delta: &ToolCallDelta) -> [Option<Map<String, Value>>; 3] {
    let function = delta
        .function
        .as_ref()
        .map(|function| rest(function, &function.extra, |key| matches!(key, "name" | "arguments")));
    let custom = delta
        .custom
        .as_ref()
        .map(|custom| rest(custom, &custom.extra, |key| matches!(key, "name" | "input")));
    let mut call = rest(delta, &delta.extra, has_rule);
    if index(delta).is_some() {
        call.shift_remove("index");
    }
    [function, custom, Some(call)]
}

/// The keys of a piece for which [`Call::push`] has a rule.
fn has_rule(key: &str) -> bool {
    matches!(key, "index" | "id" | "type" | "function" | "custom")
}

/// The place of the call that a piece belongs to.
fn index(delta: &ToolCallDelta) -> Option<i64> {
    rest::index(delta.index, &delta.extra)
}

/// Whether a piece brings arguments from their beginning on.
fn opens_arguments(function: &FunctionCallDelta) -> bool {
    match &function.arguments {
        Some(text) => text.trim_start().starts_with('{'),
        None => function.extra.get(ARGUMENTS).is_some_and(Value::is_object),
    }
}

fn ends_with_brace(text: &str) -> bool {
    let start = text.len().saturating_sub(MOST_SPACE);
    let end = text.as_bytes().get(start..).unwrap_or_default();
    end.trim_ascii_end().ends_with(b"}")
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
