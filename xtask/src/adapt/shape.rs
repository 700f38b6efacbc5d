//! What a schema says, whatever keywords it uses. [`super::read`] makes it from OpenAPI 3.0 and 3.1, and
//! [`super::emit`] writes it in the dialect of the generator.

use serde_json::Number;

use crate::load::Node;
use crate::problem::Position;

/// One schema.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Where it stands in the document.
    pub at: Position,
    /// Whether null is allowed.
    pub nullable: bool,
    /// What is said about it.
    pub notes: Notes,
    /// The kind of JSON.
    pub kind: Kind,
}

/// What is said about a schema, beside its kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// The description.
    pub description: Option<String>,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The Rust name that the document gives: `x-rust-name`.
    pub name: Option<String>,
    /// The title.
    pub title: Option<String>,
}

/// The kinds of JSON.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Anything.
    Any,
    /// Only null.
    Null,
    /// Text. If there are values, they are those that the document knows.
    Text { format: Option<String>, values: Vec<String> },
    /// A number without a fraction.
    Integer { minimum: Option<Number>, maximum: Option<Number> },
    /// Any number.
    Number { minimum: Option<Number>, maximum: Option<Number> },
    /// True or false.
    Flag,
    /// A list.
    List(Box<Shape>),
    /// An object with any keys.
    Map(Box<Shape>),
    /// An object with known keys.
    Object(Vec<Property>),
    /// One of several forms. The second part is the key that tells objects apart, if the document says it.
    Union(Vec<Shape>, Option<String>),
    /// A component, by its name in the document.
    Component(String),
}

/// A property of an object.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// The key.
    pub key: String,
    /// The value.
    pub shape: Shape,
    /// Whether the key is mandatory.
    pub required: bool,
}

impl Shape {
    /// A shape of this kind, without notes.
    pub(super) fn new(at: &Position, kind: Kind) -> Self {
        Self { at: at.clone(), nullable: false, notes: Notes::default(), kind }
    }

    /// The same with the notes of `node` where it has some, and nullable if either is.
    pub(super) fn noted(mut self, node: &Node) -> Self {
        let notes = Notes::of(node);
        self.notes.description = notes.description.or(self.notes.description);
        self.notes.title = notes.title.or(self.notes.title);
        self.notes.name = notes.name.or(self.notes.name);
        self.notes.deprecated |= notes.deprecated;
        self.nullable |= node.get("nullable").and_then(Node::as_bool).unwrap_or_default();
        self
    }
}

impl Notes {
    fn of(node: &Node) -> Self {
        let text = |key: &str| {
            let text = node.get(key).and_then(Node::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Self {
            description: text("description"),
            deprecated: node.get("deprecated").and_then(Node::as_bool).unwrap_or_default(),
            name: text("x-rust-name"),
            title: text("title"),
        }
    }
}
