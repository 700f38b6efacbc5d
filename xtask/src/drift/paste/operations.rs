//! Writes what to paste for a missing operation or parameter. [`super`] writes it for paths.

use serde_json::{Map, Value, json};

use super::{Paste, Side, TO_WRITE, Writer, object, yaml};
use crate::coverage::Finding;
use crate::load::Node;
use crate::names;
use crate::surface::{Surface, node_of, parameters_of, path_of};

impl<'b> Writer<'_, 'b> {
    pub(super) fn parameter(&mut self, finding: &Finding) -> Vec<Paste> {
        let Ok(surface) = Surface::new(self.theirs) else { return Vec::new() };
        let parameters = surface.parameters(finding.root);
        let Some(found) = parameters.into_iter().find(|one| one.name == finding.path) else {
            return Vec::new();
        };
        let written = self.parameter_entry(found.node);
        let at = finding.root.operation_key().and_then(|key| node_of(self.ours, &key));
        let at =
            at.map(|node| node.entry("parameters").map_or(&node.at, |entry| &entry.at).clone());
        let list = object([("parameters", json!([written.0]))]);
        let yaml = yaml::entries(&list, 3);
        let inside = "add to the operation".to_owned();
        std::iter::once(Paste { at, inside, yaml }).chain(written.1).collect()
    }

    fn parameter_entry(&mut self, node: &'b Node) -> (Map<String, Value>, Option<Paste>) {
        let text = |key: &str| node.get(key).map_or(Value::Null, Node::to_json);
        let schemas: Vec<_> = node.get("schema").into_iter().collect();
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
        let (schema, components) =
            self.convert(Side::Request, |dialect| dialect.at_use(&schemas, name));
        let required = node.get("required").and_then(Node::as_bool).unwrap_or_default();
        let written = object([
            ("name", name.into()),
            ("in", text("in")),
            ("required", required.into()),
            ("description", TO_WRITE.into()),
            ("schema", schema.into()),
        ]);
        (written, components)
    }

    /// A new operation with its parameters. Its bodies become components.
    pub(super) fn operation(&mut self, finding: &Finding) -> Vec<Paste> {
        let Some(node) = node_of(self.theirs, &finding.path) else { return Vec::new() };
        let (method, short) = finding.path.split_once(' ').unwrap_or_default();
        let path = path_of(self.theirs, &finding.path).unwrap_or_else(|| short.to_owned());
        let name = names::variant(node.get("operationId").and_then(Node::as_str).unwrap_or(method));
        let id = node.get("operationId").map_or(Value::Null, Node::to_json);
        let mut written = object([("operationId", id), ("description", TO_WRITE.into())]);
        let mut pastes = Vec::new();
        let mut parameters = Vec::new();
        for node in parameters_of(self.theirs, &finding.path) {
            let (parameter, components) = self.parameter_entry(node);
            parameters.push(Value::from(parameter));
            pastes.extend(components);
        }
        if !parameters.is_empty() {
            written.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(body) = node.get("requestBody") {
            let (content, components) =
                self.content(body, Side::Request, &format!("{name}Request"));
            written.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
            pastes.extend(components);
        }
        let responses = node.get("responses").map(Node::entries).unwrap_or_default();
        let mut answers = Map::new();
        for response in responses.iter().filter(|response| response.key.starts_with('2')) {
            let (content, components) =
                self.content(&response.value, Side::Answer, &format!("{name}Response"));
            let answer = json!({"description": TO_WRITE, "content": content});
            answers.insert(response.key.clone(), answer);
            pastes.extend(components);
        }
        written.insert("responses".to_owned(), answers.into());
        let written = object([(method.to_lowercase().as_str(), written.into())]);
        let at = self.ours.span_of("/paths");
        let yaml = yaml::entries(&object([(path.as_str(), written.into())]), 1);
        pastes.insert(0, Paste { at, inside: "under `paths`".to_owned(), yaml });
        pastes
    }

    fn content(&mut self, body: &'b Node, side: Side, name: &str) -> (Value, Vec<Paste>) {
        let body = self.theirs.resolve(body).unwrap_or(body);
        let mut written = Map::new();
        let mut pastes = Vec::new();
        for media in body.get("content").map(Node::entries).unwrap_or_default() {
            let schemas: Vec<_> = media.value.get("schema").into_iter().collect();
            let (schema, components) = self.convert(side, |dialect| dialect.at_use(&schemas, name));
            written.insert(media.key.clone(), json!({ "schema": schema }));
            pastes.extend(components);
        }
        (written.into(), pastes)
    }
}
