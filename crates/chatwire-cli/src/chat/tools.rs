//! Tools: reads their definitions, shows the calls of the model, and finds the results. [`session`](super::session)
//! sends the results back.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use chatwire::types::terminal;
use chatwire::{ChatCompletion, Message, Tool, ToolCall};
use serde_json::{Value, json};

use super::editor::{Editor, Line};
use super::request::read_json;
use crate::args::ToolArgs;
use crate::failure::Failure;

/// Reads the tools of a file.
pub(super) fn read(file: &Path) -> Result<Vec<Tool>, Failure> {
    let tools = match read_json(file, "the tool file")? {
        Value::Array(tools) => tools,
        Value::Object(mut keys) => match keys.remove("tools") {
            Some(Value::Array(tools)) => tools,
            _ => vec![Value::Object(keys)],
        },
        _ => Vec::new(),
    };
    let tools = tools.into_iter().enumerate().map(|(at, tool)| {
        tool_of(tool).map_err(|why| {
            Failure::new(format!("tool {} of {} cannot be used: {why}", at + 1, file.display()))
        })
    });
    tools.collect()
}

fn tool_of(json: Value) -> Result<Tool, String> {
    // The definition of a function alone.
    let is_bare = json.get("type").is_none() && json.get("name").is_some();
    let json = if is_bare { json!({"type": "function", "function": json}) } else { json };
    let kind = json.get("type").and_then(Value::as_str);
    let known = matches!(kind, Some("function" | "custom"));
    match serde_json::from_value(json) {
        Ok(Tool::Unknown(_)) if known => {
            Err("a function is `{\"type\":\"function\",\"function\":{\"name\":…}}`".to_owned())
        }
        Ok(Tool::Unknown(tool)) if tool.as_json().get("type").is_none() => {
            Err("it has no `type`".to_owned())
        }
        Ok(tool) => Ok(tool),
        Err(error) => Err(error.to_string()),
    }
}

/// `get_weather({"city":"Paris"})`
pub(super) fn call_text(call: &ToolCall) -> String {
    let input = match call {
        ToolCall::Function(call) => call.function.as_ref().and_then(|f| f.arguments.as_deref()),
        ToolCall::Custom(call) => call.custom.as_ref().and_then(|custom| custom.input.as_deref()),
        _ => return serde_json::to_string(call).unwrap_or_default(),
    };
    format!("{}({})", call.name().unwrap_or("?"), input.unwrap_or_default())
}

/// The results of all calls of an answer; `None` if one is missing, because then the model cannot go on.
pub(super) fn results(
    completion: &ChatCompletion,
    args: &ToolArgs,
) -> Result<Option<Vec<Message>>, Failure> {
    let mut results = Vec::new();
    for call in completion.tool_calls() {
        let Some(result) = result(call, args)? else { return Ok(None) };
        results.push(Message::tool(call.id().unwrap_or_default(), result));
    }
    Ok(Some(results))
}

fn result(call: &ToolCall, args: &ToolArgs) -> Result<Option<String>, Failure> {
    let given = args.tool_result.iter().find(|(name, _)| Some(name.as_str()) == call.name());
    if let Some((_, result)) = given {
        return Ok(Some(result.clone()));
    }
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(None);
    }
    let prompt = format!("result of {}: ", terminal::one_line(call.name().unwrap_or("?")));
    match Editor::new()?.read(&prompt)? {
        Line::Text(result) => Ok(Some(result)),
        Line::End => Ok(None),
        Line::Interrupted => Err(Failure::Interrupted),
    }
}
