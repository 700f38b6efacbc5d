//! The operations, with their parameters and bodies. [`super::schema`] reads the types that they take and return.

use super::{entries, flag, items, reference, text};
use crate::load::{Document, Entry, Node};
use crate::names;
use crate::problem::Position;

/// The HTTP methods that a path item can have.
pub const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

/// An operation.
#[derive(Debug)]
pub struct Operation<'d> {
    /// The `operationId`.
    pub id: &'d str,
    /// The place of the HTTP method.
    pub at: &'d Position,
    /// The name of the Rust method.
    pub method_name: String,
    /// The HTTP method in lower case.
    pub method: &'d str,
    /// The path with its placeholders.
    pub path: &'d str,
    /// The summary, one line.
    pub summary: &'d str,
    /// The description after the summary.
    pub description: &'d str,
    /// Whether the answer may also be an event stream.
    pub streams: bool,
    /// The schema of the request, if it has a name.
    pub request: Option<&'d str>,
    /// What the request body is.
    pub request_media: RequestMedia,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The schema of the answer, if it has a name.
    pub answer: Option<&'d str>,
    /// What its success answer is.
    pub answer_media: AnswerMedia,
    /// The parameters.
    pub parameters: Vec<Parameter<'d>>,
    /// The operation as the document has it.
    pub node: &'d Node,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter<'d> {
    /// Its name on the wire.
    pub name: &'d str,
    /// The name of the argument.
    pub argument: String,
    /// The description.
    pub description: &'d str,
    /// Whether it is mandatory.
    pub required: bool,
    /// Where it is sent.
    pub place: ParameterPlace,
    /// Whether it is a map, written as `name[key]=value`.
    pub is_deep_object: bool,
    /// The parameter as the document has it.
    pub node: &'d Node,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// A segment of the path.
    Path,
    /// The query.
    Query,
    /// A header of its own.
    Header,
    /// A pair in the header `Cookie`.
    Cookie,
}

/// What a success answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerMedia {
    /// JSON, and perhaps events instead.
    Json,
    /// Other bytes.
    Bytes,
    /// Empty.
    Nothing,
}

/// What the body of a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestMedia {
    /// JSON, or nothing.
    Json,
    /// A form in which each field is a part.
    Multipart,
    /// A form in one line.
    UrlEncoded,
    /// Bytes of this media type.
    Other(String),
}

/// Reads all operations of a document.
pub(super) fn read(document: &Document) -> Vec<Operation<'_>> {
    let all = in_document(document);
    all.map(|(path, method)| Operation::read(&path.key, method)).collect()
}

/// Each operation with its path, as the document has them.
pub fn in_document(document: &Document) -> impl Iterator<Item = (&Entry, &Entry)> {
    entries(&document.root, "paths").iter().flat_map(|path| {
        let methods = path.value.entries().iter();
        let methods = methods.filter(|entry| METHODS.contains(&entry.key.as_str()));
        methods.map(move |method| (path, method))
    })
}

impl<'d> Operation<'d> {
    fn read(path: &'d str, entry: &'d Entry) -> Self {
        let node = &entry.value;
        let id = text(node, "operationId");
        let answer = node.get("responses").and_then(|responses| responses.get("200"));
        let mut answers = entries(node, "responses").iter();
        let success = answers.find(|answer| answer.key.starts_with('2'));
        Self {
            id,
            at: &entry.at,
            method_name: names::field(id),
            method: &entry.key,
            path,
            summary: text(node, "summary"),
            description: text(node, "description"),
            streams: answer.and_then(|answer| media(answer, "text/event-stream")).is_some(),
            request: node.get("requestBody").and_then(json_schema).and_then(reference),
            request_media: RequestMedia::of(node.get("requestBody")),
            deprecated: flag(node, "deprecated"),
            answer: answer.and_then(json_schema).and_then(reference),
            answer_media: success.map_or(AnswerMedia::Nothing, |each| AnswerMedia::of(&each.value)),
            parameters: items(node, "parameters").iter().map(Parameter::read).collect(),
            node,
        }
    }

    /// The query parameters that are maps: `metadata[key]=value`.
    pub fn deep_objects(&self) -> impl Iterator<Item = &Parameter<'d>> {
        self.parameters.iter().filter(|parameter| parameter.is_deep_object)
    }
}

impl<'d> Parameter<'d> {
    fn read(node: &'d Node) -> Self {
        let name = text(node, "name");
        Self {
            name,
            argument: names::argument(name),
            description: text(node, "description"),
            required: flag(node, "required"),
            place: ParameterPlace::of(node),
            is_deep_object: text(node, "style") == "deepObject",
            node,
        }
    }
}

impl ParameterPlace {
    fn of(parameter: &Node) -> Self {
        match text(parameter, "in") {
            "path" => Self::Path,
            "header" => Self::Header,
            "cookie" => Self::Cookie,
            _ => Self::Query,
        }
    }
}

impl AnswerMedia {
    /// Reads an answer.
    pub fn of(answer: &Node) -> Self {
        match entries(answer, "content") {
            [] => Self::Nothing,
            content if content.iter().any(|media| media.key == "application/json") => Self::Json,
            _ => Self::Bytes,
        }
    }
}

impl RequestMedia {
    fn of(body: Option<&Node>) -> Self {
        let first = body.and_then(|body| entries(body, "content").first());
        match first.map(|media| media.key.as_str()) {
            None | Some("application/json") => Self::Json,
            Some("multipart/form-data") => Self::Multipart,
            Some("application/x-www-form-urlencoded") => Self::UrlEncoded,
            Some(media) if media.contains('*') => {
                Self::Other("application/octet-stream".to_owned())
            }
            Some(media) => Self::Other(media.to_owned()),
        }
    }
}

/// The schema of a body that is JSON.
pub(crate) fn json_schema(body: &Node) -> Option<&Node> {
    media(body, "application/json")?.get("schema")
}

fn media<'d>(body: &'d Node, name: &str) -> Option<&'d Node> {
    body.get("content")?.get(name)
}
