//! Decides to which tool call a piece belongs. [`crate::rules`] joins the pieces of one call.
//!
//! The documentation of [`super`] lists the cases.

use chatwire_types::{FunctionCallDelta, ToolCall, ToolCallDelta, ToolCallType};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::MAX_PARTS;
use super::resent_texts::only_new_of_call;
use crate::rules::{self, IntoWhole, Merge, SaysNothing, says};

/// The key in `extra` for arguments that are an object instead of a text.
const ARGUMENTS: &str = "arguments";

/// How often the arguments of one call are parsed at most, to find out whether they are complete. The limit
/// keeps hostile pieces in linear time. Real services need one or two attempts.
const MAX_PARSE_ATTEMPTS: u8 = 16;

/// The maximum length of white space around arguments that is skipped.
const MAX_SPACE: usize = 64;

/// The tool calls of one message, in order of arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
    /// The call that a piece without index and id continues: the call of the last piece.
    current: usize,
    /// The number of deltas so far.
    lists: u64,
    /// For each piece of the last delta, the position of its call.
    touched: Vec<Option<usize>>,
    pub(super) too_many: bool,
}

/// The merged pieces of one call.
#[derive(Clone, Debug, Default)]
struct Call {
    index: Option<i64>,
    /// The merged pieces.
    piece: ToolCallDelta,
    /// The number of the last delta with a piece of this call.
    list: u64,
    /// How often the arguments were parsed. It saturates.
    parse_attempts: u8,
}

impl ToolCalls {
    /// Adds the pieces of one delta.
    pub(super) fn push_all(&mut self, pieces: &[ToolCallDelta], are_resent: bool) {
        self.touched.clear();
        self.lists += 1;
        for piece in pieces {
            let call = self.push(piece, are_resent);
            self.touched.push(call);
        }
    }

    /// The merged pieces of each call.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &ToolCallDelta> {
        self.calls.iter().map(|call| &call.piece)
    }

    pub(super) fn touched(&self) -> &[Option<usize>] {
        &self.touched
    }

    /// A call as it is now, by its position in order of arrival.
    pub(super) fn tool_call(&self, call: usize) -> Option<ToolCall> {
        self.calls.get(call).map(|call| into_tool_call(call.piece.clone()))
    }

    /// The calls sorted by index. Calls without an index, or with a negative one, come last.
    ///
    /// A call without any value is left out, because some services send one beside a text. Returns `None` if no call is
    /// left, because services refuse an empty list in the next turn.
    pub(super) fn into_tool_calls(mut self) -> Option<Vec<ToolCall>> {
        let had_calls = !self.calls.is_empty();
        self.calls.retain(|call| !is_blank(&call.piece));
        let order = |call: &Call| call.index.filter(|index| *index >= 0).unwrap_or(i64::MAX);
        self.calls.sort_by_key(order);
        let calls: Vec<_> = self.calls.into_iter().map(|call| into_tool_call(call.piece)).collect();
        (!calls.is_empty() || !had_calls).then_some(calls)
    }

    fn push(&mut self, piece: &ToolCallDelta, are_resent: bool) -> Option<usize> {
        let found = self.find(piece, are_resent);
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
            if are_resent {
                call.push(&only_new_of_call(piece, &call.piece));
            } else {
                call.push(piece);
            }
        }
        Some(self.current)
    }

    /// The call to which a piece belongs. Returns `None` if it opens a new call.
    fn find(&mut self, piece: &ToolCallDelta, are_resent: bool) -> Option<usize> {
        let index = call_index(piece);
        if let Some(known) = self.find_id(piece, index) {
            let call = self.calls.get_mut(known)?;
            return (!call.is_followed_by_whole(piece)).then_some(known);
        }
        let candidate = match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index)?,
            None => self.current,
        };
        let call = self.calls.get_mut(candidate)?;
        // Two services send a new id with every piece, but the name only with the first.
        let has_other_id = says(&piece.id) && says(&call.piece.id) && call.has_begun();
        if are_resent && call.list != self.lists && call.is_begun_again_by(piece) {
            return Some(candidate);
        }
        let has_no_name = name(piece).is_none();
        let opens_by_id = has_other_id && !(has_no_name && (index.is_some() || call.takes(piece)));
        (!opens_by_id && !call.is_followed_by(piece, self.lists)).then_some(candidate)
    }

    fn find_id(&self, piece: &ToolCallDelta, index: Option<i64>) -> Option<usize> {
        let id = piece.id.as_deref().filter(|id| !id.is_empty())?;
        self.calls.iter().rposition(|call| {
            let is_here = index.is_none() || call.index == index;
            is_here && call.piece.id.as_deref() == Some(id)
        })
    }
}

impl Call {
    fn push(&mut self, piece: &ToolCallDelta) {
        self.index = self.index.or_else(|| call_index(piece));
        let id = self.piece.id.clone().filter(|id| !id.is_empty());
        let name = self.joined_name(piece);
        self.piece.merge(piece);
        if let Some(other) = piece.extra.get("index").filter(|_| call_index(piece).is_none()) {
            self.piece.extra.insert("index", other.clone());
        }
        // The id that came with the name stays.
        if id.is_some() {
            self.piece.id = id;
        }
        if name.is_some() {
            self.set_name(name);
        }
    }

    /// The whole name, if the piece brings the rest of it.
    fn joined_name(&self, piece: &ToolCallDelta) -> Option<String> {
        let (known, new) = (name(&self.piece)?, name(piece)?);
        let is_rest = self.has_no_arguments() && !new.starts_with(known);
        is_rest.then(|| known.to_owned() + new)
    }

    fn set_name(&mut self, name: Option<String>) {
        if let Some(function) = &mut self.piece.function {
            function.name = name;
        } else if let Some(custom) = &mut self.piece.custom {
            custom.name = name;
        }
    }

    /// Whether there is a name, or a part of the arguments.
    fn has_begun(&self) -> bool {
        name(&self.piece).is_some() || !self.has_no_arguments()
    }

    /// Whether a piece has the same name, and arguments that begin with those of this call.
    fn is_begun_again_by(&self, piece: &ToolCallDelta) -> bool {
        let known = arguments(&self.piece).unwrap_or_default();
        name(piece) == name(&self.piece)
            && arguments(piece).is_some_and(|new| new.starts_with(known))
    }

    /// Whether a piece brings arguments that this call lacks.
    fn takes(&mut self, piece: &ToolCallDelta) -> bool {
        !has_no_arguments(piece) && !self.is_complete()
    }

    /// Whether a piece with the id of this call is another call. Some services count the ids of each chunk from 0,
    /// or use the name as the id.
    fn is_followed_by_whole(&mut self, piece: &ToolCallDelta) -> bool {
        let Some(new) = name(piece) else { return false };
        let differs = arguments(piece) != arguments(&self.piece) || name(&self.piece) != Some(new);
        differs && piece.function.as_ref().is_some_and(opens_arguments) && self.is_complete()
    }

    /// Whether a piece that could continue this call opens the next one instead. Some services send parallel
    /// calls without index and id in one list. Gemini sends whole calls without ids, all with index 0.
    fn is_followed_by(&mut self, piece: &ToolCallDelta, list: u64) -> bool {
        let Some(new) = name(piece) else { return false };
        self.list == list
            || (piece.function.as_ref().is_some_and(opens_arguments) && self.is_complete())
            || (self.has_other_name(new)
                && !self.is_continued_by_name(piece)
                && (self.has_no_arguments() || self.is_complete()))
    }

    /// Whether `new` differs from the known name and does not begin with it.
    fn has_other_name(&self, new: &str) -> bool {
        name(&self.piece).is_some_and(|known| !new.starts_with(known))
    }

    /// Whether a piece can be the rest of the name of this call. A service that sends ids sends one with every
    /// call, so a piece without an id belongs to a call that has one.
    fn is_continued_by_name(&self, piece: &ToolCallDelta) -> bool {
        let has_only_name = !says(&piece.type_) && has_no_arguments(piece);
        self.has_no_arguments()
            && !says(&piece.id)
            && (says(&self.piece.id) || (says(&self.piece.type_) && has_only_name))
    }

    fn has_no_arguments(&self) -> bool {
        has_no_arguments(&self.piece)
    }

    /// Whether the arguments are a complete object. They are parsed only if they end with a brace, and only
    /// [`MAX_PARSE_ATTEMPTS`] times.
    fn is_complete(&mut self) -> bool {
        let Some(text) = arguments(&self.piece) else { return has_json_arguments(&self.piece) };
        if !ends_with_brace(text) {
            return false;
        }
        self.parse_attempts = self.parse_attempts.saturating_add(1);
        self.parse_attempts <= MAX_PARSE_ATTEMPTS
            && serde_json::from_str::<IgnoredAny>(text).is_ok()
    }
}

fn into_tool_call(piece: ToolCallDelta) -> ToolCall {
    match &piece.type_ {
        Some(ToolCallType::Function) => function(piece),
        Some(ToolCallType::Custom) => custom(piece),
        Some(_) if says(&piece.type_) => {
            ToolCall::from(serde_json::to_value(piece).unwrap_or(Value::Null))
        }
        _ if piece.custom.is_some() => custom(piece),
        _ => function(piece),
    }
}

fn function(mut piece: ToolCallDelta) -> ToolCall {
    piece.type_ = Some(ToolCallType::Function);
    ToolCall::Function(piece.into_whole())
}

fn custom(mut piece: ToolCallDelta) -> ToolCall {
    piece.type_ = Some(ToolCallType::Custom);
    ToolCall::Custom(piece.into_whole())
}

/// The index of the call to which a piece belongs.
fn call_index(piece: &ToolCallDelta) -> Option<i64> {
    rules::index_or_extra(piece.index, &piece.extra)
}

/// The name of the tool, if it is not empty.
pub(super) fn name(piece: &ToolCallDelta) -> Option<&str> {
    let function = piece.function.as_ref().and_then(|function| function.name.as_deref());
    let name = function.or_else(|| piece.custom.as_ref()?.name.as_deref());
    name.filter(|name| !name.is_empty())
}

/// The arguments of a function, or the input of a custom tool.
fn arguments(piece: &ToolCallDelta) -> Option<&str> {
    let function = piece.function.as_ref().and_then(|function| function.arguments.as_deref());
    function.or_else(|| piece.custom.as_ref()?.input.as_deref())
}

/// Whether a call has no value, except that it is a call of a function or of a custom tool.
fn is_blank(piece: &ToolCallDelta) -> bool {
    let kind = piece.type_.as_ref().filter(|kind| !kind.says_nothing());
    kind.is_none_or(|kind| matches!(kind, ToolCallType::Function | ToolCallType::Custom))
        && !says(&piece.id)
        && name(piece).is_none()
        && !piece.brings_something()
        && !rules::has_content(&piece.extra)
        && !has_json_arguments(piece)
}

fn has_json_arguments(piece: &ToolCallDelta) -> bool {
    piece.function.as_ref().is_some_and(|function| function.extra.contains_key(ARGUMENTS))
}

fn has_no_arguments(piece: &ToolCallDelta) -> bool {
    let is_blank = |text: &str| text.len() <= MAX_SPACE && text.trim().is_empty();
    arguments(piece).is_none_or(is_blank) && !has_json_arguments(piece)
}

/// Whether a piece has the beginning of arguments.
fn opens_arguments(function: &FunctionCallDelta) -> bool {
    match &function.arguments {
        Some(text) => text.trim_start().starts_with('{'),
        None => function.extra.get(ARGUMENTS).is_some_and(Value::is_object),
    }
}

fn ends_with_brace(text: &str) -> bool {
    let start = text.len().saturating_sub(MAX_SPACE);
    let end = text.as_bytes().get(start..).unwrap_or_default();
    end.trim_ascii_end().ends_with(b"}")
}
