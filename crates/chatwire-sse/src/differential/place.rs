//! The fields of a chunk that may differ from one chunk to the next. Where their values stand in the
//! text is found by [`super::scan`].

use chatwire_types::{
    ChatCompletionChunk, ChunkChoice, Content, Delta, Extra, FunctionCallDelta, ToolCallDelta,
};
use serde_json::Value;

/// A field whose value may be any text, or any count, without anything else being read otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Id,
    Created,
    Obfuscation,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    /// An unknown key of the chunk, by its position in `extra`.
    Extra(u16),
    /// A field of the choice at a position in the list.
    Choice(u16, Field),
}

/// A field of one choice; numbers are positions in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Content,
    Refusal,
    ReasoningContent,
    Reasoning,
    DetailText(u16),
    DetailSummary(u16),
    Arguments(u16),
    Input(u16),
    FunctionArguments,
    AudioData,
    AudioTranscript,
    Extra(u16),
}

impl Place {
    /// Whether the field is a count and no text.
    pub(super) const fn is_count(self) -> bool {
        matches!(
            self,
            Self::Created | Self::PromptTokens | Self::CompletionTokens | Self::TotalTokens
        )
    }

    /// Puts a value that was read from a text into its field.
    #[inline]
    pub(crate) fn fill(self, chunk: &mut ChatCompletionChunk, value: &str) {
        if self.is_count() {
            if let (Some(count), Ok(value)) = (self.count(chunk), value.parse()) {
                *count = value;
            }
        } else if let Some(text) = self.text(chunk) {
            text.clear();
            text.push_str(value);
        }
    }

    /// The field of a chunk, if it is a text there.
    #[inline]
    pub(super) fn text(self, chunk: &mut ChatCompletionChunk) -> Option<&mut String> {
        match self {
            Self::Id => chunk.id.as_mut(),
            Self::Obfuscation => chunk.obfuscation.as_mut(),
            Self::Extra(position) => text_at(&mut chunk.extra, position),
            Self::Choice(position, field) => {
                field.text(chunk.choices.as_mut()?.get_mut(usize::from(position))?)
            }
            _ => None,
        }
    }

    /// The field of a chunk, if it is a count there.
    pub(super) fn count(self, chunk: &mut ChatCompletionChunk) -> Option<&mut u64> {
        match self {
            Self::Created => chunk.created.as_mut(),
            Self::PromptTokens => chunk.usage.as_mut()?.prompt_tokens.as_mut(),
            Self::CompletionTokens => chunk.usage.as_mut()?.completion_tokens.as_mut(),
            Self::TotalTokens => chunk.usage.as_mut()?.total_tokens.as_mut(),
            _ => None,
        }
    }
}

impl Field {
    #[inline]
    fn text(self, choice: &mut ChunkChoice) -> Option<&mut String> {
        let delta = choice.delta.as_mut()?;
        match self {
            Self::Content => match delta.content.as_mut()? {
                Content::Text(text) => Some(text),
                _ => None,
            },
            Self::Refusal => delta.refusal.as_mut(),
            Self::ReasoningContent => delta.reasoning_content.as_mut(),
            Self::Reasoning => delta.reasoning.as_mut(),
            Self::Extra(position) => text_at(&mut delta.extra, position),
            other => other.rare_text(delta),
        }
    }

    #[expect(deprecated, reason = "older servers still send `function_call`")]
    fn rare_text(self, delta: &mut Delta) -> Option<&mut String> {
        match self {
            Self::Arguments(position) => {
                call(delta, position)?.function.as_mut()?.arguments.as_mut()
            }
            Self::Input(position) => call(delta, position)?.custom.as_mut()?.input.as_mut(),
            Self::FunctionArguments => {
                let call: &mut FunctionCallDelta = delta.function_call.as_mut()?;
                call.arguments.as_mut()
            }
            Self::AudioData => delta.audio.as_mut()?.data.as_mut(),
            Self::AudioTranscript => delta.audio.as_mut()?.transcript.as_mut(),
            Self::DetailText(position) => {
                let details = delta.reasoning_details.as_mut()?;
                details.get_mut(usize::from(position))?.text.as_mut()
            }
            Self::DetailSummary(position) => {
                let details = delta.reasoning_details.as_mut()?;
                details.get_mut(usize::from(position))?.summary.as_mut()
            }
            _ => None,
        }
    }
}

fn call(delta: &mut Delta, position: u16) -> Option<&mut ToolCallDelta> {
    delta.tool_calls.as_mut()?.get_mut(usize::from(position))
}

fn text_at(extra: &mut Extra, position: u16) -> Option<&mut String> {
    match extra.iter_mut().nth(usize::from(position))? {
        (_, Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The position of an unknown key that came once.
pub(super) fn position_in(extra: &Extra, key: &[u8]) -> Option<u16> {
    let mut positions = extra.keys().enumerate().filter(|(_, known)| known.as_bytes() == key);
    let (position, _) = positions.next()?;
    if positions.next().is_some() { None } else { u16::try_from(position).ok() }
}
