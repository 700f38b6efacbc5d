//! The findings as data: one [`Item`] for each difference, and what the report says beside them.
//! [`super::Report`] holds the lists, and the renderers print them.

use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::problem::Position;

/// How much a difference matters. A higher level is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only texts for people changed.
    Documentation,
    /// The messages stay the same, and the generated code may change.
    Generated,
    /// Every program that worked before still works.
    Compatible,
    /// A program that worked before may fail.
    Breaking,
    /// No rule knows the difference, so nobody can say that it is fine.
    Unhandled,
}

impl Level {
    /// All levels, the worst one first.
    pub const ALL: [Self; 5] =
        [Self::Unhandled, Self::Breaking, Self::Compatible, Self::Generated, Self::Documentation];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Generated => "generated",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
            Self::Unhandled => "unhandled",
        }
    }

    /// The colour in a terminal.
    pub fn style(self) -> Style {
        let color = match self {
            Self::Documentation | Self::Generated => return Style::new().dimmed(),
            Self::Compatible => AnsiColor::Green,
            Self::Breaking | Self::Unhandled => AnsiColor::Red,
        };
        color.on_default().bold()
    }

    /// Whether messages or programs can notice the difference.
    pub fn is_visible(self) -> bool {
        self >= Self::Compatible
    }
}

/// The part of the document, or of the Rust API, that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The document as a whole: servers, security, versions.
    Document,
    /// An operation: its method, path and id.
    Operation,
    /// A parameter of an operation.
    Parameter,
    /// A request body, a status, a media type or a header.
    Body,
    /// A schema as a whole, and its type.
    Schema,
    /// A property of an object.
    Property,
    /// A value of an enum, or a constant.
    Enum,
    /// An arm of a union, or its discriminator.
    Union,
    /// An `x-` key.
    Extension,
    /// A description or an example.
    Text,
    /// How a stream adds up.
    Stream,
    /// An item of the generated Rust code.
    Rust,
}

impl Area {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Operation => "operation",
            Self::Parameter => "parameter",
            Self::Body => "body",
            Self::Schema => "schema",
            Self::Property => "property",
            Self::Enum => "enum",
            Self::Union => "union",
            Self::Extension => "extension",
            Self::Text => "text",
            Self::Stream => "stream",
            Self::Rust => "rust",
        }
    }
}

/// The messages in which a difference shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// In what a client sends.
    Request,
    /// In what a client reads as a whole.
    Response,
    /// Only in the chunks of a stream.
    Stream,
    /// In no message, or in all alike.
    Neutral,
}

impl Direction {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Stream => "stream",
            Self::Neutral => "neutral",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The id of the rule, stable over releases.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What it is about.
    pub area: Area,
    /// The messages in which it shows.
    pub direction: Direction,
    /// The changed part by name, such as `Delta.content` or `listChatCompletions.limit`.
    pub subject: String,
    /// What happened, in one sentence without a full stop.
    pub what: String,
    /// What it means for whom, in one sentence without a full stop.
    pub why: &'static str,
    /// The place in the older document. If the part is new, it is the place that it was added to.
    pub base: Option<Place>,
    /// The place in the newer document. If the part is gone, it is the place that it was removed
    /// from.
    pub head: Option<Place>,
    /// The operations that reach it, such as `POST /chat/completions`, in the document's order.
    pub operations: Vec<String>,
    /// What it is called in Rust.
    pub names: Vec<RustName>,
    /// The hand-written lines that name what changed.
    pub used_by: Vec<Usage>,
    /// What only an item of the Rust API has.
    pub rust: Option<RustPart>,
}

/// How a part of the Rust API changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustPart {
    /// The crate.
    pub crate_name: String,
    /// How it reads in the older code. `None` if the older code does not have it.
    pub base: Option<String>,
    /// How it reads in the newer code. `None` if the newer code does not have it.
    pub head: Option<String>,
    /// The rules of the differences in the document that it comes from.
    pub because_of: Vec<&'static str>,
    /// Whether the document or the tools made it.
    pub origin: Origin,
}

/// What made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The document or an overlay.
    Inputs,
    /// Our pipeline or a dependency of it.
    Tools,
}

impl Origin {
    /// The word in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inputs => "inputs",
            Self::Tools => "tools",
        }
    }
}

impl RustPart {
    /// What it comes from: rules of the document, or the tools.
    pub fn reason(&self) -> Option<String> {
        match (self.origin, self.because_of.is_empty()) {
            (Origin::Tools, _) => Some("the generator or its dependencies".to_owned()),
            (Origin::Inputs, true) => None,
            (Origin::Inputs, false) => Some(self.because_of.join(", ")),
        }
    }
}

impl Item {
    /// The place to point at. A part that only one side has is the deeper place of the two.
    pub fn place(&self) -> Option<&Place> {
        let places = [&self.base, &self.head].into_iter().flatten();
        places.max_by_key(|place| place.pointer.len())
    }

    /// Whether an item about the document says where it is, who reaches it and who uses it.
    pub fn is_explained(&self) -> bool {
        self.rust.as_ref().is_some_and(|rust| !rust.because_of.is_empty())
    }

    /// Whether somebody must look at the hand-written lines that name what changed: they may fail,
    /// or the name is another one.
    pub fn concerns_users(&self) -> bool {
        const RENAMES: [&str; 5] =
            ["component-renamed", "operation-id", "enum-names", "variant-names", "title"];
        self.level >= Level::Breaking || RENAMES.contains(&self.rule)
    }

    /// Whether hand-written code can name what changed: texts have no users, and neither has what is
    /// new.
    pub fn has_users(&self) -> bool {
        const NEW: [&str; 7] = [
            "property-added",
            "value-added",
            "arm-added",
            "operation-added",
            "parameter-added",
            "component-added",
            "key-added",
        ];
        // These change no name.
        const UNNAMED: [&str; 4] = ["wire-optional", "constructor-value", "order", "reference"];
        self.level > Level::Documentation
            && !self.names.is_empty()
            && !UNNAMED.contains(&self.rule)
            && !NEW.iter().any(|new| self.rule.contains(new))
    }
}

/// A place in one of the two documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File, line and column.
    pub at: Position,
    /// The JSON pointer, such as `/components/schemas/Delta/properties/content`.
    pub pointer: String,
}

/// The Rust name of a part of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RustName {
    /// A type.
    Type(String),
    /// A field, with its setter.
    Field {
        /// The struct; for a parameter, the method.
        owner: String,
        /// The field.
        name: String,
    },
    /// A variant.
    Variant {
        /// The enum.
        owner: String,
        /// The variant.
        name: String,
    },
    /// A method of the client.
    Method(String),
}

impl fmt::Display for RustName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(name) | Self::Method(name) => f.write_str(name),
            Self::Field { owner, name } => write!(f, "{owner}.{name}"),
            Self::Variant { owner, name } => write!(f, "{owner}::{name}"),
        }
    }
}

/// A hand-written file that names what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The file, relative to the repository.
    pub file: String,
    /// The lines, from 1, in their order.
    pub lines: Vec<usize>,
}
