//! The things that a comparison finds, before they are grouped. [`super::compare`] finds them, and
//! [`super::findings`] groups them.

use crate::load::Node;
use crate::problem::{Position, Problem};
use crate::surface::{Allowed, Difference, Parameter, Root, Visit};

/// What the comparison found out about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Both documents have it.
    Have,
    /// Only they have it. The reason with this number excuses that.
    LeftOut(usize),
    /// Only they have it, or they say something else about it.
    Missing,
    /// Only we have it.
    Extension,
    /// Only we have it. The recorded state of their document had it, too.
    Removed,
}

impl Status {
    /// Whether only we have it.
    pub(super) fn is_ours(self) -> bool {
        matches!(self, Self::Extension | Self::Removed)
    }
}

/// The kinds of things that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key of an object.
    Property,
    /// The items of a list or the values of a map.
    Element,
    /// A value of an enum.
    Value,
    /// A parameter of an operation.
    Parameter,
    /// An operation.
    Operation,
    /// A fact about one of the others: its type, a bound or a flag.
    Fact,
}

/// What the name of a finding or of a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// A wire path.
    Path,
    /// The name of a parameter.
    Parameter,
    /// The key of an operation, such as `POST /chat/completions`.
    Operation,
}

/// One thing that one of the documents has.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The body, or for a parameter the body that stands for its operation.
    pub(super) root: Root,
    /// The kind of thing.
    pub(super) kind: Kind,
    /// The wire path, the name of a parameter, or the key of an operation.
    pub(super) path: String,
    /// What `path` is.
    pub(super) of: Of,
    /// The enum values: one for a value, those that only one side has for a parameter.
    pub(super) values: Vec<String>,
    /// What the documents say, from ours to theirs.
    pub(super) difference: Option<Difference>,
    /// What the comparison found out about it.
    pub(super) status: Status,
    /// Where it is written. Several places if several schemas have the key.
    pub(super) written: Vec<Position>,
    /// The place that the report shows.
    pub(super) at: Position,
    /// The services that have the key, as `x-services` names them.
    pub(super) services: Vec<String>,
    /// The number of the row above that decides this one, if there is one.
    pub(super) below: Option<usize>,
}

/// Everything that the comparison found.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The bodies that both documents have, or only theirs.
    pub(super) roots: Vec<Root>,
    /// What they have.
    pub(super) theirs: Vec<Row>,
    /// What we have.
    pub(super) ours: Vec<Row>,
    /// Reasons that excuse nothing.
    pub(super) stale: Vec<Problem>,
}

impl Row {
    fn new(root: Root, kind: Kind, path: &str, status: Status, at: &Position) -> Self {
        Self {
            root,
            kind,
            path: path.to_owned(),
            of: match kind {
                Kind::Parameter => Of::Parameter,
                Kind::Operation => Of::Operation,
                _ => Of::Path,
            },
            values: Vec::new(),
            difference: None,
            status,
            written: vec![at.clone()],
            at: at.clone(),
            services: Vec::new(),
            below: None,
        }
    }

    pub(super) fn of_path(root: Root, visit: &Visit<'_, '_>, status: Status) -> Self {
        let kind = if visit.written.is_empty() { Kind::Element } else { Kind::Property };
        let written = visit.written.iter().map(|at| (*at).clone()).collect();
        Self { written, ..Self::new(root, kind, &visit.path, status, visit.at) }
    }

    pub(super) fn of_value(
        root: Root,
        visit: &Visit<'_, '_>,
        value: &Allowed<'_>,
        status: Status,
    ) -> Self {
        let values = vec![value.text.clone()];
        Self { values, ..Self::new(root, Kind::Value, &visit.path, status, value.written) }
    }

    pub(super) fn of_parameter(root: Root, parameter: &Parameter<'_>, status: Status) -> Self {
        Self::new(root, Kind::Parameter, parameter.name, status, &parameter.node.at)
    }

    pub(super) fn of_operation(key: &str, status: Status, at: &Position) -> Self {
        Self::new(Root::Request, Kind::Operation, key, status, at)
    }

    /// A row about a fact of what `self` is about.
    pub(super) fn with_fact(self, difference: Difference, status: Status) -> Self {
        let values = vec![format!("{} {}", difference.arm, difference.fact.as_str())];
        let difference = Some(difference);
        Self { kind: Kind::Fact, values, status, difference, below: None, ..self }
    }
}

/// The `x-services` of a property, or of the schema if several are merged.
pub(super) fn services(visit: &Visit<'_, '_>) -> Vec<String> {
    let lists = visit.sites.iter().filter_map(|site| site.schema.get("x-services"));
    let names = lists.flat_map(Node::items).filter_map(Node::as_str);
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}
