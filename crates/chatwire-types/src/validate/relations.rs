//! The rules of the document that one value alone cannot break: parameters that need or exclude each other, and the
//! lengths of keys. They are in the descriptions of the document, because OpenAPI 3.0 has no keywords for them;
//! [`super::bounds`] has those that OpenAPI can say.

use super::Report;
use crate::{
    AudioFormat, CreateChatCompletionRequest, Metadata, Modality, ToolChoice, ToolChoiceMode,
};

/// The code of the official service for a value that does not go with another one.
const INVALID: &str = "invalid_value";
const MISSING: &str = "missing_required_parameter";

pub(super) fn check(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    messages(request, report);
    streams(request, report);
    log_probabilities(request, report);
    tools(request, report);
    audio(request, report);
    reasoning(request, report);
    check_metadata(request.metadata.as_ref(), report);
}

fn messages(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    // A value of another shape is already reported.
    if request.messages.is_none() && !request.extra.contains_key("messages") {
        report.problem_of(&["messages"], MISSING, "it is missing");
    }
}

fn streams(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    if request.stream_options.is_some() && request.stream != Some(true) {
        let message = "expected `stream: true` beside it, found none";
        report.problem_of(&["stream_options"], INVALID, message);
    }
}

fn log_probabilities(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    if request.top_logprobs.is_some() && request.logprobs != Some(true) {
        let message = "expected `logprobs: true` beside it, found none";
        report.problem_of(&["top_logprobs"], INVALID, message);
    }
}

/// A choice that makes the model call a tool needs one.
fn tools(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    let demands_call = match &request.tool_choice {
        None | Some(ToolChoice::Unknown(_)) => false,
        Some(ToolChoice::Mode(mode)) => {
            matches!(mode, ToolChoiceMode::Required | ToolChoiceMode::Any)
        }
        Some(_) => true,
    };
    let has_tools = request.tools.is_some() || request.extra.contains_key("tools");
    if demands_call && !has_tools {
        report.problem_of(&["tool_choice"], INVALID, "expected `tools` beside it, found none");
    }
}

fn audio(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    let speaks = request.modalities.as_ref().is_some_and(|kinds| kinds.contains(&Modality::Audio));
    let Some(audio) = &request.audio else {
        if speaks && !request.extra.contains_key("audio") {
            let message = "it is missing, and `modalities` asks for audio";
            report.problem_of(&["audio"], MISSING, message);
        }
        return;
    };
    let streams = request.stream == Some(true);
    if streams && !matches!(audio.format, AudioFormat::Pcm16 | AudioFormat::Unknown(_)) {
        let message = format!("expected `pcm16` in a stream, found `{}`", audio.format.as_str());
        report.problem_of(&["audio", "format"], INVALID, &message);
    }
}

fn reasoning(request: &CreateChatCompletionRequest, report: &mut Report<'_>) {
    let options = request.reasoning.as_ref();
    if options.is_some_and(|options| options.effort.is_some() && options.max_tokens.is_some()) {
        report.problem_of(&["reasoning"], INVALID, "expected `effort` or `max_tokens`, found both");
    }
}

pub(super) fn check_metadata(metadata: Option<&Metadata>, report: &mut Report<'_>) {
    for (key, _) in metadata.into_iter().flatten() {
        let length = key.chars().count();
        if length > LONGEST_METADATA_KEY {
            let message = format!(
                "expected a key of at most {LONGEST_METADATA_KEY} characters, found {length}"
            );
            report.problem_of(&["metadata", key], "string_above_max_length", &message);
        }
    }
}

const LONGEST_METADATA_KEY: usize = 64;
