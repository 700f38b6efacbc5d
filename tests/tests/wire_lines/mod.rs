//! Lists what the document says about the wire, one line for each fact: servers, operations, headers,
//! responses and schemas. `api.rs` lists the Rust interface that is generated from it.
//!
//! Everything is in the document's order. Prose is left out, so that a change of a line is a change
//! of the protocol or of how the generator reads it.

mod components;
mod schemas;
mod values;

use serde_json::Value;

use values::{entries, flag, items, marks, plain, text};

/// The methods of HTTP, which are the keys of a path that hold operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The keys of an operation that have lines of their own.
const OPERATION: [&str; 4] = ["operationId", "parameters", "requestBody", "responses"];

/// Returns the lines, each with its line break.
pub(crate) fn lines(document: &Value) -> String {
    let mut lines = vec![format!("openapi {}", plain(&document["openapi"]))];
    lines.extend(items(&document["servers"]).map(server_line));
    lines.extend(items(&document["security"]).map(|one| format!("security {}", plain(one))));
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item).filter(|(key, _)| METHODS.contains(key)) {
            lines.push(String::new());
            operation_lines(path, method, operation, &mut lines);
        }
    }
    components::lines(&document["components"], &mut lines);
    lines.join("\n") + "\n"
}

fn server_line(server: &Value) -> String {
    format!("server {}{}", text(&server["url"]), marks(server, &["url"]))
}

fn operation_lines(path: &str, method: &str, operation: &Value, lines: &mut Vec<String>) {
    let (method, id) = (method.to_uppercase(), text(&operation["operationId"]));
    lines.push(format!("{method} {path} {id}{}", marks(operation, &OPERATION)));
    lines.extend(items(&operation["parameters"]).map(parameter_line));
    let body = &operation["requestBody"];
    let required = if flag(body, "required") { ", required" } else { "" };
    for (media_type, content) in entries(&body["content"]) {
        let schema = schemas::schema(&content["schema"]);
        lines.push(format!("  body {media_type}: {schema}{required}"));
    }
    for (status, response) in entries(&operation["responses"]) {
        components::response_lines(status, response, lines);
    }
}

fn parameter_line(parameter: &Value) -> String {
    let (place, name) = (text(&parameter["in"]), text(&parameter["name"]));
    let schema = schemas::schema(&parameter["schema"]);
    format!("  {place} {name}: {schema}{}", marks(parameter, &["in", "name", "schema"]))
}
