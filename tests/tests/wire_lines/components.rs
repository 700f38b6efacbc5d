//! The lines of headers, responses and security schemes. [`super::schemas`] has those of schemas.

use serde_json::Value;

use super::schemas;
use super::values::{entries, marks, reference};

/// Adds the lines of every component, after an empty line where a new block begins.
pub(super) fn lines(components: &Value, lines: &mut Vec<String>) {
    for (section, named) in entries(components) {
        if section != "schemas" && section != "responses" {
            lines.push(String::new());
        }
        for (name, component) in entries(named) {
            component_lines(section, name, component, lines);
        }
    }
}

fn component_lines(section: &str, name: &str, component: &Value, lines: &mut Vec<String>) {
    match section {
        "schemas" => schemas::lines(name, component, lines),
        "headers" => lines.push(format!("header {name}: {}", header(component))),
        "responses" => {
            lines.extend([String::new(), format!("response {name}")]);
            lines.extend(content_lines(component).map(|line| format!("  {line}")));
        }
        "securitySchemes" => {
            lines.push(format!("security scheme {name}{}", marks(component, &[])));
        }
        // Examples are prose, so only their names show.
        _ => lines.push(format!("{section} {name}{}", marks(component, &[]))),
    }
}

/// Adds the lines of the response to one status: its media types and its headers.
pub(super) fn response_lines(status: &str, response: &Value, lines: &mut Vec<String>) {
    if let Some(name) = reference(response) {
        lines.push(format!("  {status}: {name}"));
        return;
    }
    let before = lines.len();
    lines.extend(content_lines(response).map(|line| format!("  {status} {line}")));
    if lines.len() == before {
        lines.push(format!("  {status}: no content"));
    }
}

fn content_lines(response: &Value) -> impl Iterator<Item = String> {
    let contents = entries(&response["content"]).map(|(media_type, content)| {
        format!("{media_type}: {}", schemas::schema(&content["schema"]))
    });
    let headers = entries(&response["headers"])
        .map(|(name, value)| format!("header {name}: {}", header(value)));
    contents.chain(headers)
}

fn header(header: &Value) -> String {
    match reference(header) {
        Some(name) => name.to_owned(),
        None => format!("{}{}", schemas::schema(&header["schema"]), marks(header, &["schema"])),
    }
}
