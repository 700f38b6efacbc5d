//! What of a completion comes whole: keys that a part of a chunk has in the same type, and keys
//! without a rule. What comes in pieces is [`super::choice`]'s work.

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, Delta, Extra, ResponseMessage,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::rest::{rest, with_rest};

/// Puts what comes whole of a part of a completion into a part of a chunk that has none of it.
///
/// The way by JSON costs several times the value, and so the keys of the same type, some of which are
/// long lists, are copied.
pub(super) fn with_whole<T: Whole>(target: T::Target, part: &T) -> T::Target {
    // A value of another shape is in `extra`, and has its place there among all the others.
    if part.extra().keys().any(|key| T::SAME.contains(&key)) {
        return T::place(target, rest(part, part.extra(), |key| T::RULE.contains(&key)));
    }
    let has_rule = |key: &str| T::RULE.contains(&key) || T::SAME.contains(&key);
    let mut target = T::place(target, rest(part, part.extra(), has_rule));
    part.copy_same(&mut target);
    target
}

/// A part of a completion, whose keys go to a part of a chunk.
pub(super) trait Whole: Serialize {
    type Target;
    /// The keys that are put elsewhere, or do not come at all.
    const RULE: &'static [&'static str];
    /// The keys that the target has in the same type.
    const SAME: &'static [&'static str];

    fn extra(&self) -> &Extra;
    fn copy_same(&self, target: &mut Self::Target);
    fn place(target: Self::Target, rest: Map<String, Value>) -> Self::Target;
}

macro_rules! whole {
    ($part:ident => $target:ident, rule: [$($rule:ident),*], same: [$($same:ident),*]) => {
        impl Whole for $part {
            type Target = $target;
            const RULE: &'static [&'static str] = &[$(stringify!($rule)),*];
            const SAME: &'static [&'static str] = &[$(stringify!($same)),*];

            fn extra(&self) -> &Extra {
                &self.extra
            }

            fn copy_same(&self, target: &mut $target) {
                $(target.$same.clone_from(&self.$same);)*
            }

            fn place(target: $target, rest: Map<String, Value>) -> $target {
                with_rest(target, rest)
            }
        }
    };
}

// Each chunk has the keys with a rule, or a chunk of its own.
whole!(
    ChatCompletion => ChatCompletionChunk,
    rule: [
        choices, created, error, id, model, object, provider, service_tier, system_fingerprint, usage
    ],
    same: [
        citations, moderation, prompt_filter_results, prompt_token_ids, search_results, timings, x_groq
    ]
);

// Perplexity's plain answers have a `delta` beside the message. It has no rule, but is not put in
// twice, because the target has one.
whole!(
    Choice => ChunkChoice,
    rule: [finish_reason, index, logprobs, message],
    same: [content_filter_results, error, native_finish_reason, stop_reason, token_ids]
);

// Deltas have the keys with a rule one by one.
whole!(
    ResponseMessage => Delta,
    rule: [
        content, function_call, name, reasoning, reasoning_content, reasoning_details, refusal, role,
        tool_calls
    ],
    same: [annotations]
);
