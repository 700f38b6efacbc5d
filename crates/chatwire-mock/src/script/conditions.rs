//! The conditions of a rule, and which of them a request misses. [`rules`](super::rules) picks the rule.

use serde_json::Value;

use super::json_part::lacking;
use super::pattern::Pattern;
use crate::asked::Asked;
use crate::calls::tool_name;
use crate::prompt::message_text;

/// What a request must be like, apart from its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    pub(super) model: Option<Pattern>,
    pub(super) last_message: Option<Pattern>,
    pub(super) last_role: Option<String>,
    pub(super) tools: Vec<Pattern>,
    pub(super) headers: Vec<(String, Pattern)>,
    pub(super) body: Option<Value>,
}

impl Conditions {
    /// What the request misses, one sentence each.
    pub(super) fn misses(&self, asked: &Asked<'_>) -> Vec<String> {
        let misses = [self.model(asked), self.last_role(asked), self.last_message(asked)];
        let tools = self.tools.iter().filter_map(|tool| missed_tool(tool, asked));
        let headers = self.headers.iter().filter_map(|header| missed_header(header, asked));
        let misses = misses.into_iter().flatten().chain(tools).chain(headers);
        let body = self.body.iter().flat_map(|wanted| lacking(asked.request, wanted));
        misses.chain(body).collect()
    }

    fn model(&self, asked: &Asked<'_>) -> Option<String> {
        let wanted = self.model.as_ref()?;
        let model = asked.request.get("model").and_then(Value::as_str).unwrap_or_default();
        let is_met = wanted.is_match(model);
        (!is_met).then(|| format!("the model is {}, not {wanted}", quoted(model)))
    }

    fn last_role(&self, asked: &Asked<'_>) -> Option<String> {
        let wanted = self.last_role.as_ref()?;
        let role = last(asked).get("role").and_then(Value::as_str).unwrap_or_default();
        (wanted != role)
            .then(|| format!("the role of the last message is {}, not '{wanted}'", quoted(role)))
    }

    fn last_message(&self, asked: &Asked<'_>) -> Option<String> {
        let wanted = self.last_message.as_ref()?;
        let text = message_text(last(asked));
        let is_met = wanted.is_match(&text);
        (!is_met).then(|| format!("the last message is {}, not {wanted}", quoted(&text)))
    }
}

fn missed_tool(wanted: &Pattern, asked: &Asked<'_>) -> Option<String> {
    let tools = asked.request.get("tools").and_then(Value::as_array);
    let names: Vec<_> = tools.into_iter().flatten().map(tool_name).collect();
    if names.iter().any(|name| wanted.is_match(name)) {
        return None;
    }
    Some(match names.as_slice() {
        [] => format!("there are no tools, and not {wanted}"),
        names => format!("the tools are {}, and not {wanted}", quoted(&names.join(", "))),
    })
}

fn missed_header((name, wanted): &(String, Pattern), asked: &Asked<'_>) -> Option<String> {
    let values = asked.headers.get_all(name).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    if values.iter().any(|value| wanted.is_match(value)) {
        return None;
    }
    Some(match values.first() {
        // It can be a key.
        Some(_) => format!("the header `{name}` is not {wanted}"),
        None => format!("there is no header `{name}`"),
    })
}

fn last<'a>(asked: &Asked<'a>) -> &'a Value {
    let messages = asked.request.get("messages").and_then(Value::as_array);
    messages.and_then(|messages| messages.last()).unwrap_or(&Value::Null)
}

fn quoted(text: &str) -> String {
    format!("'{}'", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The characters of a quotation.
const LONGEST: usize = 60;
