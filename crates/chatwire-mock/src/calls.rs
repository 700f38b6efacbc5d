//! Decides which tools an answer calls, and makes the calls. [`schema`](crate::schema) makes the
//! arguments, and [`answer`](crate::answer) the completion around the calls.

use serde_json::{Value, json};

use crate::answer::too_large;
use crate::limits::LARGEST_ANSWER;
use crate::problem::Problem;
use crate::said::Call;
use crate::schema::Examples;
use crate::text;

/// The tools to call: all that the request requires, or those that the prompt names.
pub(crate) fn called_tools(
    request: &Value,
    prompt: &str,
    number: u64,
) -> Result<Vec<Value>, Problem> {
    let tools = request.get("tools").and_then(Value::as_array).map(Vec::as_slice);
    let choice = Choice::of(request);
    let tools =
        || tools.unwrap_or_default().iter().enumerate().filter(|(_, tool)| choice.allows(tool));
    let named = named_in(prompt);
    let mut wanted: Vec<(usize, &Value)> = match choice {
        Choice::Named(_) => tools().collect(),
        Choice::None => Vec::new(),
        _ => tools().filter(|(_, tool)| named(tool)).collect(),
    };
    if wanted.is_empty() && must_call(request) {
        wanted.extend(tools().take(1));
    }
    let most = if request.get("parallel_tool_calls") == Some(&json!(false)) { 1 } else { 128 };
    let copied = prompt.len().saturating_mul(wanted.len().min(most));
    if copied > LARGEST_ANSWER {
        // Each call of a custom tool repeats the prompt.
        return Err(too_large(copied));
    }
    let mut examples = Examples::new();
    let calls = wanted.into_iter().take(most).enumerate();
    calls
        .map(|(index, (position, tool))| {
            let arguments = arguments(tool, position, &mut examples)?;
            Ok(tool_call(tool, prompt, &arguments, &format!("call_mock{number}_{index}")))
        })
        .collect()
}

/// Whether the request has tools, and does not let the model answer without a call.
pub(crate) fn must_call(request: &Value) -> bool {
    let has_tools =
        request.get("tools").and_then(Value::as_array).is_some_and(|tools| !tools.is_empty());
    let must = match Choice::of(request) {
        Choice::Required | Choice::Named(_) => true,
        Choice::Among { must, .. } => must,
        Choice::Auto | Choice::None => false,
    };
    has_tools && must
}

/// What `tool_choice` says.
enum Choice<'a> {
    Auto,
    None,
    Required,
    Named(&'a str),
    Among { names: Vec<&'a str>, must: bool },
}

impl<'a> Choice<'a> {
    fn of(request: &'a Value) -> Self {
        let Some(choice) = request.get("tool_choice") else { return Self::Auto };
        match choice.as_str() {
            Some("none") => return Self::None,
            Some("required") => return Self::Required,
            _ => {}
        }
        if let Some(name) = forced_name(choice) {
            return Self::Named(name);
        }
        let Some(allowed) = choice.get("allowed_tools") else { return Self::Auto };
        let names = allowed.get("tools").and_then(Value::as_array).into_iter().flatten();
        Self::Among {
            names: names.filter_map(forced_name).collect(),
            must: allowed.get("mode") == Some(&json!("required")),
        }
    }

    fn allows(&self, tool: &Value) -> bool {
        match self {
            Self::None => false,
            Self::Auto | Self::Required => true,
            Self::Named(name) => tool_name(tool) == *name,
            Self::Among { names, .. } => names.contains(&tool_name(tool)),
        }
    }
}

/// A call that the user wants.
pub(crate) fn said(call: &Call, new_id: impl FnOnce() -> String) -> Value {
    let Call { id, name, input, is_custom } = call;
    let id = id.clone().unwrap_or_else(new_id);
    if *is_custom {
        return json!({"id": id, "type": "custom", "custom": {"name": name, "input": input}});
    }
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": input}})
}

pub(crate) fn forced_name(choice: &Value) -> Option<&str> {
    ["/function/name", "/custom/name"].into_iter().find_map(|path| choice.pointer(path)?.as_str())
}

pub(crate) fn tool_name(tool: &Value) -> &str {
    forced_name(tool).unwrap_or_default()
}

/// Whether the prompt has a word of a tool's name, such as "weather" for `get_weather`.
fn named_in(prompt: &str) -> impl Fn(&Value) -> bool {
    // Each of many tools searches the whole text.
    let searched: String = prompt.chars().take(MOST_SEARCHED).collect();
    let prompt = searched.to_lowercase();
    move |tool| {
        let name = tool_name(tool).to_lowercase();
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        prompt.contains("tool") || words.any(|word| word.len() > 3 && prompt.contains(word))
    }
}

/// The characters of the prompt in which the names of tools are looked for.
const MOST_SEARCHED: usize = 64 << 10;

/// The arguments for the tool at this position.
fn arguments(tool: &Value, position: usize, examples: &mut Examples) -> Result<String, Problem> {
    match tool.pointer("/function/parameters") {
        Some(parameters @ Value::Object(_)) => {
            let param = format!("tools[{position}].function.parameters");
            Ok(examples.make(&param, parameters, "Paris")?.to_string())
        }
        _ => Ok("{}".to_owned()),
    }
}

fn tool_call(tool: &Value, prompt: &str, arguments: &str, id: &str) -> Value {
    let name = tool_name(tool);
    if tool.get("custom").is_some() {
        return json!({"id": id, "type": "custom", "custom": {"name": name, "input": prompt}});
    }
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

/// What the model writes of a call: everything but its id.
pub(crate) fn tokens(call: &Value) -> usize {
    let written = call.get("function").or_else(|| call.get("custom"));
    text::tokens(&written.unwrap_or(call).to_string()).count()
}

/// The arguments or the input of a call.
pub(crate) fn written(call: &Value) -> Option<&str> {
    ["/function/arguments", "/custom/input"]
        .into_iter()
        .find_map(|path| call.pointer(path)?.as_str())
}
