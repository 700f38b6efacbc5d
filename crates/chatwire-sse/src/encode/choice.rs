//! One choice of a completion as the choices of its chunks. The chunks around them are
//! [`super`]'s work.

use chatwire_types::{
    Choice, ChunkChoice, Content, CustomCallDelta, CustomToolCall, Delta, FunctionCall,
    FunctionCallDelta, FunctionToolCall, Logprobs, ResponseMessage, Role, ToolCall, ToolCallDelta,
};

use super::Pieces;
use crate::rest::{rest, with_rest};

/// The choices of the chunks that stream one choice, in order.
pub(super) fn choice_chunks(choice: &Choice, index: i64, pieces: Pieces) -> Vec<ChunkChoice> {
    let mut deltas = Deltas { deltas: Vec::new(), pieces };
    if let Some(message) = &choice.message {
        deltas.message(message);
    }
    let mut chunks: Vec<ChunkChoice> = deltas.deltas.into_iter().map(part).collect();
    if let Some(logprobs) = &choice.logprobs {
        add_logprobs(&mut chunks, logprobs);
    }
    chunks.push(last_part(choice));
    for chunk in &mut chunks {
        chunk.index = Some(index);
    }
    chunks
}

fn part(delta: Delta) -> ChunkChoice {
    let mut part = ChunkChoice::default();
    part.delta = Some(delta);
    part
}

/// The chunk with the finish reason, and what else is about the choice and not its message.
fn last_part(choice: &Choice) -> ChunkChoice {
    let mut last = part(Delta::new());
    last.finish_reason.clone_from(&choice.finish_reason);
    let has_rule = |key: &str| matches!(key, "index" | "message" | "logprobs" | "finish_reason");
    // Perplexity's plain answers have a `delta` beside the message; here it is not put in twice.
    with_rest(last, rest(choice, &choice.extra, has_rule))
}

/// The deltas of one message.
struct Deltas {
    deltas: Vec<Delta>,
    pieces: Pieces,
}

impl Deltas {
    fn message(&mut self, message: &ResponseMessage) {
        self.opening(message);
        self.text(message.reasoning_content.as_deref(), Delta::reasoning_content);
        self.text(message.reasoning.as_deref(), Delta::reasoning);
        self.reasoning_details(message);
        self.content(message.content.as_ref());
        self.text(message.refusal.as_deref(), Delta::refusal);
        self.tool_calls(message);
        self.function_call(message);
        self.closing(message);
    }

    /// The first delta: the role, with empty content where content follows.
    fn opening(&mut self, message: &ResponseMessage) {
        let mut delta = Delta::new().role(message.role.clone().unwrap_or(Role::Assistant));
        if matches!(&message.content, Some(Content::Text(_))) {
            delta.content = Some(Content::from(""));
        }
        delta.name.clone_from(&message.name);
        self.deltas.push(delta);
    }

    fn text(&mut self, text: Option<&str>, set: fn(Delta, String) -> Delta) {
        let pieces = match text {
            None => Vec::new(),
            Some("") => vec![""],
            Some(text) => self.pieces.cut(text),
        };
        for piece in pieces {
            self.deltas.push(set(Delta::new(), piece.to_owned()));
        }
    }

    /// Text in pieces; a list of parts at once, as its parts would be joined otherwise.
    fn content(&mut self, content: Option<&Content>) {
        match content {
            None => {}
            Some(Content::Text(text)) if text.is_empty() => {}
            Some(Content::Text(text)) => {
                self.text(Some(text), |delta, piece| delta.content(piece));
            }
            Some(other) => self.deltas.push(Delta::new().content(other.clone())),
        }
    }

    fn reasoning_details(&mut self, message: &ResponseMessage) {
        let Some(details) = &message.reasoning_details else { return };
        if details.is_empty() {
            self.deltas.push(Delta::new().reasoning_details(Vec::new()));
        }
        for detail in details {
            self.deltas.push(Delta::new().reasoning_details(vec![detail.clone()]));
        }
    }

    /// One call after the other. A call that is no object has no pieces, and is left out.
    fn tool_calls(&mut self, message: &ResponseMessage) {
        let Some(calls) = &message.tool_calls else { return };
        let mut calls = calls.iter().filter(|call| is_object(call)).peekable();
        if calls.peek().is_none() {
            self.deltas.push(Delta::new().tool_calls(Vec::<ToolCallDelta>::new()));
        }
        (0..).zip(calls).for_each(|(index, call)| self.tool_call(index, call));
    }

    fn tool_call(&mut self, index: i64, call: &ToolCall) {
        let (opening, input) = opening_and_input(call);
        let is_custom = opening.custom.is_some();
        self.call_piece(index, opening);
        for piece in self.pieces.cut(input.unwrap_or_default()) {
            let delta = ToolCallDelta::default();
            let delta = if is_custom {
                delta.custom(CustomCallDelta::default().input(piece))
            } else {
                delta.function(FunctionCallDelta::default().arguments(piece))
            };
            self.call_piece(index, delta);
        }
    }

    fn call_piece(&mut self, index: i64, delta: ToolCallDelta) {
        self.deltas.push(Delta::new().tool_calls(vec![delta.index(index)]));
    }

    #[expect(deprecated, reason = "old clients ask for functions")]
    fn function_call(&mut self, message: &ResponseMessage) {
        let Some(call) = &message.function_call else { return };
        self.deltas.push(Delta::new().function_call(function_delta(call)));
        for piece in self.pieces.cut(call.arguments.as_deref().unwrap_or_default()) {
            let delta = FunctionCallDelta::default().arguments(piece);
            self.deltas.push(Delta::new().function_call(delta));
        }
    }

    /// What comes whole: sound, annotations and every key without a rule of its own.
    fn closing(&mut self, message: &ResponseMessage) {
        let rest = rest(message, &message.extra, message_rule);
        if !rest.is_empty() {
            self.deltas.push(with_rest(Delta::new(), rest));
        }
    }
}

/// The keys of a message that [`Deltas`] gives to deltas one by one.
fn message_rule(key: &str) -> bool {
    matches!(
        key,
        "content"
            | "function_call"
            | "name"
            | "reasoning"
            | "reasoning_content"
            | "reasoning_details"
            | "refusal"
            | "role"
            | "tool_calls"
    )
}

/// The first delta of a call, and the text that is to follow it in pieces.
fn opening_and_input(call: &ToolCall) -> (ToolCallDelta, Option<&str>) {
    match call {
        ToolCall::Function(call) => {
            let input = call.function.as_ref().and_then(|call| call.arguments.as_deref());
            (function_opening(call), input)
        }
        ToolCall::Custom(call) => {
            let input = call.custom.as_ref().and_then(|call| call.input.as_deref());
            (custom_opening(call), input)
        }
        other => (whole_call(other), None),
    }
}

fn function_opening(call: &FunctionToolCall) -> ToolCallDelta {
    let mut opening = ToolCallDelta::default();
    opening.id.clone_from(&call.id);
    opening.type_.clone_from(&call.type_);
    opening.function = call.function.as_ref().map(function_delta);
    with_rest(opening, rest(call, &call.extra, |key| call_rule(key, "function")))
}

/// Everything but the arguments, which are empty if there are any.
fn function_delta(call: &FunctionCall) -> FunctionCallDelta {
    let mut delta = FunctionCallDelta::default();
    delta.name.clone_from(&call.name);
    delta.arguments = call.arguments.as_ref().map(|_| String::new());
    with_rest(delta, rest(call, &call.extra, |key| matches!(key, "name" | "arguments")))
}

fn custom_opening(call: &CustomToolCall) -> ToolCallDelta {
    let mut opening = ToolCallDelta::default();
    opening.id.clone_from(&call.id);
    opening.type_.clone_from(&call.type_);
    opening.custom = call.custom.as_ref().map(|call| {
        let mut delta = CustomCallDelta::default();
        delta.name.clone_from(&call.name);
        delta.input = call.input.as_ref().map(|_| String::new());
        with_rest(delta, rest(call, &call.extra, |key| matches!(key, "name" | "input")))
    });
    with_rest(opening, rest(call, &call.extra, |key| call_rule(key, "custom")))
}

/// The keys of a call that its opening has; the index is the place in the list.
fn call_rule(key: &str, kind: &str) -> bool {
    matches!(key, "id" | "type" | "index") || key == kind
}

fn is_object(call: &ToolCall) -> bool {
    match call {
        ToolCall::Unknown(call) => call.as_json().is_object(),
        _ => true,
    }
}

/// A call of a type that the document does not know goes whole, with the keys that it has.
fn whole_call(call: &ToolCall) -> ToolCallDelta {
    let json = serde_json::to_value(call).unwrap_or_default();
    serde_json::from_value(json).unwrap_or_default()
}

/// Gives the log-probabilities to the first chunk that has content or a refusal, all at once: pieces
/// need not be tokens.
fn add_logprobs(chunks: &mut [ChunkChoice], logprobs: &Logprobs) {
    let says_something = |part: &ChunkChoice| {
        part.delta.as_ref().is_some_and(|delta| {
            let text = delta.content.as_ref().and_then(Content::text);
            text.is_some_and(|text| !text.is_empty()) || delta.refusal.is_some()
        })
    };
    let place = chunks.iter().position(says_something).unwrap_or(0);
    if let Some(part) = chunks.get_mut(place) {
        part.logprobs = Some(logprobs.clone());
    }
}
