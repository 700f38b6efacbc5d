//! Decides which tools an answer calls, and makes the calls. [`schema`](crate::schema) makes the
//! arguments, and [`answer`](crate::answer) the completion around the calls.

use serde_json::{Value, json};

use crate::answer::too_large;
use crate::limits::LARGEST_ANSWER;
use crate::problem::Problem;
use crate::schema::Examples;
use crate::text;

/// The tools to call: all that the request requires, or those that the prompt names.
pub(crate) fn called_tools(
    request: &Value,
    prompt: &str,
    number: u64,
) -> Result<Vec<Value>, Problem> {
    let tools = request.get("tools").and_then(Value::as_array).map(Vec::as_slice);
    let tools = || tools.unwrap_or_default().iter().enumerate();
    let named = named_in(prompt);
    let choice = request.get("tool_choice").unwrap_or(&Value::Null);
    let wanted: Vec<(usize, &Value)> = match choice.as_str() {
        Some("none") => Vec::new(),
        Some("required") => {
            let found: Vec<_> = tools().filter(|(_, tool)| named(tool)).collect();
            if found.is_empty() { tools().take(1).collect() } else { found }
        }
        _ => match forced_name(choice) {
            Some(name) => tools().filter(|(_, tool)| tool_name(tool) == name).collect(),
            None => tools().filter(|(_, tool)| named(tool)).collect(),
        },
    };
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

pub(crate) fn forced_name(choice: &Value) -> Option<&str> {
    ["/function/name", "/custom/name"].into_iter().find_map(|path| choice.pointer(path)?.as_str())
}

fn tool_name(tool: &Value) -> &str {
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
