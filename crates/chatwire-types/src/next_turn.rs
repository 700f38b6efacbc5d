//! Turns the message of an answer into a message of the next request. [`crate::message`] has the short
//! ways to build any other message.

use serde_core::de::Deserialize;
use serde_json::Value;

use crate::{
    AssistantMessage, AudioReference, FunctionCall, Message, ResponseMessage, Role, ToolCall,
};

/// What a call without arguments sends, because servers refuse a call that has none.
const NO_ARGUMENTS: &str = "{}";

/// Makes the answer a part of the next request. Every key is sent back, unknown keys included, so that
/// reasoning and its signatures survive the turn. Four things change, because servers refuse them in
/// a request:
///
/// - The role becomes `assistant`.
/// - An empty list, such as `tool_calls: []`, is left out.
/// - A function call without the key `arguments` gets `{}`.
/// - Audio becomes a reference to its id. The service keeps the sound itself.
///
/// ```
/// use chatwire_types::{Message, ResponseMessage};
///
/// let answer: ResponseMessage = serde_json::from_str(
///     r#"{"role":"assistant","content":"Hi","tool_calls":[],"thought_signature":"c2ln"}"#,
/// )?;
/// assert_eq!(
///     serde_json::to_string(&Message::from(answer))?,
///     r#"{"role":"assistant","content":"Hi","thought_signature":"c2ln"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
impl From<ResponseMessage> for AssistantMessage {
    // Inlined like everything that goes through JSON: it pulls in the decoder of every type below,
    // which is compiled where it is needed instead of with the crate.
    #[inline]
    fn from(mut message: ResponseMessage) -> Self {
        let audio = message.audio.take().and_then(|audio| audio.id).map(AudioReference::new);
        message.role = Some(Role::Assistant);
        add_missing_arguments(&mut message);
        // By way of JSON, a key that only one of the two types documents is carried as well.
        let mut json = serde_json::to_value(&message).unwrap_or_default();
        remove_empty_lists(&mut json);
        let mut converted = Self::deserialize(json).unwrap_or_default();
        converted.audio = audio;
        converted
    }
}

impl From<ResponseMessage> for Message {
    #[inline]
    fn from(message: ResponseMessage) -> Self {
        Self::Assistant(message.into())
    }
}

#[allow(deprecated, reason = "old answers have one call outside of the list")]
fn add_missing_arguments(message: &mut ResponseMessage) {
    let functions = message.tool_calls.iter_mut().flatten().filter_map(|call| match call {
        ToolCall::Function(call) => call.function.as_mut(),
        _ => None,
    });
    for function in functions.chain(message.function_call.as_deref_mut()) {
        if !has_arguments(function) {
            function.arguments = Some(NO_ARGUMENTS.to_owned());
        }
    }
}

/// Some services send the arguments as an object. The type keeps that among the unknown keys.
fn has_arguments(function: &FunctionCall) -> bool {
    function.arguments.is_some() || function.extra.contains_key("arguments")
}

/// Removes the empty lists of the message itself. Those inside of its values stay, because a value with
/// a signature must go back unchanged.
fn remove_empty_lists(message: &mut Value) {
    if let Value::Object(keys) = message {
        keys.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    }
}
