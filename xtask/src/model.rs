//! Reads the schemas and operations of the document into small typed values, once for the lint and for all stages
//! behind it. [`crate::adapt`] has rewritten any other document than ours before.
//!
//! The reading accepts every document, because [`crate::lint`] judges what it finds: a key of the wrong kind counts
//! as absent. Each value keeps its node, and with it the place in the file.

mod method_form;
mod operation;
mod schema;
mod stream_rule;
mod union;

use std::collections::HashMap;

pub use method_form::MethodForm;
pub(crate) use operation::json_schema;
pub use operation::{
    AnswerMedia, METHODS, Operation, Parameter, ParameterPlace, RequestMedia, in_document,
};
pub use schema::{Component, EnumValue, Kind, Property, constant};
pub use stream_rule::StreamRule;
pub use union::{Arm, Json, Union};

use crate::load::{Document, Entry, Node};

/// A document, read. Everything keeps the document's order.
#[derive(Debug)]
pub struct Model<'d> {
    /// The document.
    pub document: &'d Document,
    /// The named schemas.
    pub components: Vec<Component<'d>>,
    /// The operations.
    pub operations: Vec<Operation<'d>>,
    /// The position of each named schema in `components`.
    places: HashMap<&'d str, usize>,
}

impl<'d> Model<'d> {
    /// Reads any document.
    pub fn read(document: &'d Document) -> Self {
        let schemas = Schemas::of(document);
        let components = schemas.entries.iter().map(|entry| Component::read(entry, &schemas));
        let components = components.collect();
        Self { document, components, operations: operation::read(document), places: schemas.places }
    }

    /// The schema with this name.
    pub fn component(&self, name: &str) -> Option<&Component<'d>> {
        self.components.get(self.place(name)?)
    }

    /// How many named schemas come before the one with this name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The named schema behind a reference.
    pub fn target(&self, schema: &Node) -> Option<&Component<'d>> {
        self.component(reference(schema)?)
    }

    /// The operation with this Rust method name.
    pub fn operation(&self, method_name: &str) -> Option<&Operation<'d>> {
        self.operations.iter().find(|operation| operation.method_name == method_name)
    }

    /// Whether the JSON body of an operation says with `stream` that the answer is an event stream.
    pub fn has_stream_key(&self, operation: &Operation<'_>) -> bool {
        let is_json = operation.streams && operation.request_media == RequestMedia::Json;
        let body = operation.request.filter(|_| is_json).and_then(|name| self.component(name));
        let key = body.and_then(|body| body.property("stream"));
        key.is_some_and(|key| text(key.schema, "type") == "boolean")
    }

    /// The operation that a generated method calls, and which of its methods it is.
    pub fn operation_of(&self, method: &str) -> Option<(&Operation<'d>, MethodForm)> {
        let mut forms = MethodForm::ALL.into_iter();
        forms.find_map(|form| Some((self.operation(method.strip_suffix(form.ending())?)?, form)))
    }
}

/// The named schemas as the document has them, for those that refer to others.
struct Schemas<'d> {
    entries: &'d [Entry],
    places: HashMap<&'d str, usize>,
}

impl<'d> Schemas<'d> {
    fn of(document: &'d Document) -> Self {
        let entries =
            document.node_at("/components/schemas").map(Node::entries).unwrap_or_default();
        let places = entries.iter().map(|entry| entry.key.as_str()).zip(0..).collect();
        Self { entries, places }
    }

    /// The named schema behind a reference.
    fn target(&self, schema: &Node) -> Option<&'d Node> {
        let entry = self.entries.get(*self.places.get(reference(schema)?)?)?;
        Some(&entry.value)
    }

    /// The description of a schema, or of the schema that it refers to.
    fn description(&self, schema: &Node) -> String {
        let own = text(schema, "description");
        let of_target = || self.target(schema).map(|target| text(target, "description"));
        if own.is_empty() { of_target().unwrap_or_default() } else { own }.to_owned()
    }
}

/// The name of the schema behind a `$ref`, or behind an `allOf` around one.
pub fn reference(schema: &Node) -> Option<&str> {
    component_name(pointer(schema)?)
}

/// The pointer of a `$ref`, or of one that is alone in an `allOf`.
pub fn pointer(schema: &Node) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Node::as_str);
    direct.or_else(|| match schema.get("allOf")?.items() {
        [only] => only.get("$ref")?.as_str(),
        _ => None,
    })
}

/// The name in the pointer of a named schema.
pub fn component_name(pointer: &str) -> Option<&str> {
    pointer.strip_prefix("#/components/schemas/")
}

/// The string under a key, or an empty one.
pub fn text<'d>(node: &'d Node, key: &str) -> &'d str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

/// Whether the key exists and is true.
pub fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool).unwrap_or_default()
}

/// The entries of the object under a key.
pub fn entries<'d>(node: &'d Node, key: &str) -> &'d [Entry] {
    node.get(key).map(Node::entries).unwrap_or_default()
}

/// The items of the list under a key.
pub fn items<'d>(node: &'d Node, key: &str) -> &'d [Node] {
    node.get(key).map(Node::items).unwrap_or_default()
}

/// The strings of the list under a key.
fn strings<'d>(node: &'d Node, key: &str) -> impl Iterator<Item = &'d str> {
    items(node, key).iter().filter_map(Node::as_str)
}
