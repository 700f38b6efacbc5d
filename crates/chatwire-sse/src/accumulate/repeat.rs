//! A chunk that repeats one before it but for some values: only these are joined. What a chunk is
//! joined by when it is a new one is said in the modules beside this one; the outcome is the same.

use chatwire_types::{
    ChatCompletionChunk, ChunkChoice, Content, Delta, ReasoningDetail, ToolCallDelta,
};
use serde_json::Value;

use super::choice::{delta_rule, logprobs_rule};
use super::extra::is_label;
use super::{Accumulator, tool_calls};
use crate::differential::{Field, Key, Place, Texts};
use crate::rest::{choice_index, rest};

/// Chunks with more choices are added as new ones.
const MAX_CHOICES: usize = 16;

/// So are chunks with more pieces of tool calls in a choice.
const MAX_PIECES: usize = 16;

/// What each of the values of a chunk does to the answer, in the order of the text.
#[derive(Debug)]
pub(crate) struct Repeat(Box<[Step]>);

#[derive(Debug)]
enum Step {
    /// The value stays out of the answer.
    Nothing,
    Head(HeadStep),
    /// Of the choice with this index, unless choices take turns.
    Choice(i64, ChoiceStep),
}

#[derive(Debug)]
pub(super) enum HeadStep {
    Id,
    Created,
    Usage(Place),
    Text(Box<[Key]>),
    Number(Box<[Key]>),
}

#[derive(Debug)]
pub(super) enum ChoiceStep {
    Content,
    Refusal,
    ReasoningContent,
    Reasoning,
    /// The entry that continues the one that this is a piece of.
    DetailText(Box<ReasoningDetail>),
    DetailSummary(Box<ReasoningDetail>),
    /// Arguments or input of the call that the piece at this position went into.
    Input(usize),
    FunctionArguments,
    AudioData,
    AudioTranscript,
    /// Text that is joined under an unknown key.
    MessageText(String),
    /// Text inside the value of an unknown key.
    Message(Box<[Key]>),
    Extra(Box<[Key]>),
}

impl Repeat {
    /// How to repeat a chunk of which the values in these places differ; `None` when there is more
    /// to do than to join values, as for chunks that add to lists.
    pub(crate) fn new(
        chunk: &ChatCompletionChunk,
        places: impl Iterator<Item = Place> + Clone,
    ) -> Option<Self> {
        let mut same = chunk.clone();
        places.clone().for_each(|place| place.clear(&mut same));
        let choices = same.choices.as_deref().filter(|choices| choices.len() <= MAX_CHOICES)?;
        if !choices.iter().all(changes_nothing) || !have_own_indexes(choices) {
            return None;
        }
        let steps: Option<_> = places.map(|place| step(place, &same, choices)).collect();
        steps.map(Self)
    }
}

impl Accumulator {
    /// Adds a chunk that repeats one at which this [stands](Self::stands_at), but for these values,
    /// one of which may be the index of its choice.
    pub(crate) fn repeat(&mut self, repeat: &Repeat, index: Option<i64>, values: &Texts) {
        for (step, value) in repeat.0.iter().zip(values.iter()) {
            match step {
                Step::Nothing => {}
                Step::Head(step) => self.head.repeat(step, value),
                Step::Choice(own, step) => {
                    if let Some(choice) = self.choices.get_mut(&index.unwrap_or(*own)) {
                        choice.repeat(step, value);
                    }
                }
            }
        }
    }
}

fn step(place: Place, chunk: &ChatCompletionChunk, choices: &[ChunkChoice]) -> Option<Step> {
    Some(match place {
        Place::Obfuscation => Step::Nothing,
        Place::Id => Step::Head(HeadStep::Id),
        Place::Created => Step::Head(HeadStep::Created),
        Place::Extra(path) => {
            let keys = path.keys(&chunk.extra)?;
            if is_padding(&keys) { Step::Nothing } else { Step::Head(HeadStep::Text(keys)) }
        }
        Place::ExtraNumber(path) => Step::Head(HeadStep::Number(path.keys(&chunk.extra)?)),
        Place::Choice(_, Field::Index) => Step::Nothing,
        Place::Choice(position, field) => {
            let choice = choices.get(usize::from(position))?;
            Step::Choice(choice_index(choice), choice_step(field, choice)?)
        }
        place => Step::Head(HeadStep::Usage(place)),
    })
}

fn choice_step(field: Field, choice: &ChunkChoice) -> Option<ChoiceStep> {
    let delta = choice.delta.as_ref();
    let detail = |at: u16| delta?.reasoning_details.as_ref()?.get(usize::from(at)).cloned();
    Some(match field {
        Field::Content => ChoiceStep::Content,
        Field::Refusal => ChoiceStep::Refusal,
        Field::ReasoningContent => ChoiceStep::ReasoningContent,
        Field::Reasoning => ChoiceStep::Reasoning,
        Field::DetailText(at) => ChoiceStep::DetailText(Box::new(detail(at)?)),
        Field::DetailSummary(at) => ChoiceStep::DetailSummary(Box::new(detail(at)?)),
        Field::Arguments(at) | Field::Input(at) => ChoiceStep::Input(usize::from(at)),
        Field::FunctionArguments => ChoiceStep::FunctionArguments,
        Field::AudioData => ChoiceStep::AudioData,
        Field::AudioTranscript => ChoiceStep::AudioTranscript,
        Field::DeltaExtra(path) => match path.keys(&delta?.extra)? {
            keys if keys.len() > 1 => ChoiceStep::Message(keys),
            keys => ChoiceStep::MessageText(keys.first()?.name()?.to_owned()),
        },
        Field::Extra(path) => ChoiceStep::Extra(path.keys(&choice.extra)?),
        Field::Token(..) | Field::TokenIds | Field::Index => return None,
    })
}

fn is_padding(keys: &[Key]) -> bool {
    matches!(keys, [key] if key.name().is_some_and(super::extra::is_padding))
}

fn have_own_indexes(choices: &[ChunkChoice]) -> bool {
    let mut rest = choices;
    while let Some((first, others)) = rest.split_first() {
        if others.iter().any(|other| choice_index(other) == choice_index(first)) {
            return false;
        }
        rest = others;
    }
    true
}

/// Whether a choice of which the values that differ are empty changes nothing when it is added a
/// second time: it adds to no text and no list, and opens no tool call.
fn changes_nothing(choice: &ChunkChoice) -> bool {
    let logprobs = choice.logprobs.as_ref().is_none_or(|logprobs| {
        is_empty(logprobs.content.as_deref())
            && is_empty(logprobs.refusal.as_deref())
            && is_empty(logprobs.reasoning_content.as_deref())
            && rest(logprobs, &logprobs.extra, logprobs_rule).is_empty()
    });
    logprobs
        && is_empty(choice.token_ids.as_deref())
        && choice.delta.as_ref().is_none_or(delta_changes_nothing)
}

#[expect(deprecated, reason = "older servers still send `function_call`")]
fn delta_changes_nothing(delta: &Delta) -> bool {
    let texts = [&delta.refusal, &delta.reasoning_content, &delta.reasoning];
    let audio = delta.audio.as_ref();
    let call = delta.function_call.as_ref();
    texts.into_iter().all(says_nothing)
        && audio.is_none_or(|audio| says_nothing(&audio.data) && says_nothing(&audio.transcript))
        && call.is_none_or(|call| says_nothing(&call.arguments))
        && matches!(&delta.content, None | Some(Content::Text(_)))
        && delta.content.as_ref().and_then(Content::text).is_none_or(|text| text.is_empty())
        && is_empty(delta.annotations.as_deref())
        && details_change_nothing(delta.reasoning_details.as_deref().unwrap_or_default())
        && calls_change_nothing(delta.tool_calls.as_deref().unwrap_or_default())
        && !delta.extra.contains_key("tool_calls")
        && rest(delta, &delta.extra, delta_rule).iter().all(|(key, value)| stays(key, value))
}

/// Without an index, each piece is an entry of its own, and so is all data. Of several pieces, one may
/// change where another goes the next time.
fn details_change_nothing(details: &[ReasoningDetail]) -> bool {
    details.len() <= 1
        && details.iter().all(|detail| {
            let is_continued = detail.index.is_some() && detail.data.is_none();
            is_continued && says_nothing(&detail.text) && says_nothing(&detail.summary)
        })
}

/// Of several pieces, those without an index go where the one before went, and of those with the same
/// index, one may open a call that another continues the next time.
fn calls_change_nothing(calls: &[ToolCallDelta]) -> bool {
    let goes_alone = |call: &ToolCallDelta| {
        let has_same = |other: &&ToolCallDelta| other.index == call.index;
        call.index.is_some() && calls.iter().filter(has_same).count() == 1
    };
    (calls.len() <= 1 || (calls.len() <= MAX_PIECES && calls.iter().all(goes_alone)))
        && calls.iter().all(call_changes_nothing)
}

/// A piece with an id goes where the id went before; one with a name and no id may open a call. Of one
/// with arguments and input, which are joined to one text, the order may be another than theirs.
fn call_changes_nothing(call: &ToolCallDelta) -> bool {
    let has_id = call.id.as_ref().is_some_and(|id| !id.is_empty());
    let (function, custom) = (call.function.as_ref(), call.custom.as_ref());
    let names = [
        function.and_then(|function| function.name.as_ref()),
        custom.and_then(|custom| custom.name.as_ref()),
    ];
    let texts = [
        function.and_then(|function| function.arguments.as_ref()),
        custom.and_then(|custom| custom.input.as_ref()),
    ];
    (has_id || names.into_iter().flatten().all(String::is_empty))
        && texts.iter().flatten().count() <= 1
        && texts.into_iter().flatten().all(String::is_empty)
        && tool_calls::rests(call).iter().flatten().flatten().all(|(key, value)| stays(key, value))
}

/// Whether the value of an unknown key is the same after it was joined with itself.
fn stays(key: &str, value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.is_empty() || is_label(key))
}

fn says_nothing(text: &Option<String>) -> bool {
    text.as_ref().is_none_or(String::is_empty)
}

fn is_empty<T>(list: Option<&[T]>) -> bool {
    list.is_none_or(<[T]>::is_empty)
}
