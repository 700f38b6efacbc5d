//! Code that users write with the types: matches, constructors, setters, fields. It must compile with every later
//! version of the same major number.

use chatwire::{
    ChatCompletion, Choice, Content, ContentPart, CreateChatCompletionRequest, FinishReason, FunctionDefinition,
    FunctionTool, Message, OrderedMap, Role, Timestamp, Tool, ToolCall, ToolChoice, ToolChoiceMode, Unknown, Usage,
};

pub fn request() -> CreateChatCompletionRequest {
    let tool = FunctionTool::new(FunctionDefinition::new("weather").strict(true));
    CreateChatCompletionRequest::new("m", [Message::system("s"), Message::user("u")])
        .temperature(0.5)
        .n(2)
        .stop("end")
        .tools([Tool::from(tool)])
        .tool_choice(ToolChoiceMode::Auto)
        .metadata(OrderedMap::from([("k", "v".to_owned())]))
}

pub fn finished(choice: &Choice) -> &'static str {
    match &choice.finish_reason {
        Some(FinishReason::Stop) => "stop",
        Some(FinishReason::Length) => "length",
        Some(reason) if reason.as_str() == "eos" => "stop",
        Some(FinishReason::Unknown(_)) => "unknown",
        Some(_) => "other",
        None => "not yet",
    }
}

pub fn who(message: &Message) -> Role {
    match message {
        Message::User(_) => Role::User,
        Message::Assistant(message) if message.tool_calls.is_some() => Role::Assistant,
        Message::Unknown(message) => Role::from(message.as_json()["role"].as_str().unwrap_or("")),
        _ => Role::System,
    }
}

pub fn parts(content: &Content) -> usize {
    match content {
        Content::Text(_) => 1,
        Content::Parts(parts) => {
            parts.iter().filter(|part| matches!(part, ContentPart::Text(_))).count()
        }
        _ => 0,
    }
}

pub fn created(completion: &ChatCompletion) -> Option<u64> {
    match completion.created.as_ref()? {
        Timestamp::Seconds(seconds) => Some(*seconds),
        Timestamp::Text(text) => text.parse().ok(),
        other => other.seconds(),
    }
}

pub fn answer(usage: Usage) -> ChatCompletion {
    let choices: Vec<Choice> = Vec::new();
    let mut completion = ChatCompletion::new("id", 1, "m", choices);
    completion.usage = Some(Box::new(usage));
    completion.strip_unknown();
    let _: &[ToolCall] = completion.tool_calls();
    let _: Option<ToolChoice> = None;
    completion
}
