//! Finds where a comparison starts in a document: the bodies and parameters of the six operations.
//! It goes by path and method, because each document has its own names for everything else.

use crate::load::{Document, Entry, Node};
use crate::problem::Problem;

use super::merged::{Merged, Step};
use super::spread::target;

/// A body that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The body of a create request.
    Request,
    /// The whole answer to a create request.
    Response,
    /// One event of a streamed answer.
    Chunk,
    /// One page of stored completions.
    List,
    /// A stored completion.
    Get,
    /// A stored completion after a change.
    Update,
    /// The body of a change request.
    UpdateRequest,
    /// The answer to a delete request.
    Delete,
    /// One page of the messages of a stored completion.
    MessagesList,
    /// The body of a failed request.
    Error,
}

impl Root {
    /// All bodies, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::Request,
        Self::Response,
        Self::Chunk,
        Self::List,
        Self::Get,
        Self::Update,
        Self::UpdateRequest,
        Self::Delete,
        Self::MessagesList,
        Self::Error,
    ];

    /// The name in reports and in `coverage.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Chunk => "chunk",
            Self::List => "list",
            Self::Get => "get",
            Self::Update => "update",
            Self::UpdateRequest => "update_request",
            Self::Delete => "delete",
            Self::MessagesList => "messages_list",
            Self::Error => "error",
        }
    }

    /// The operation whose parameters are reported with this body. `None` for a body that shares
    /// its operation with another one.
    fn operation(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::Request => Some(("post", &COMPLETIONS)),
            Self::List => Some(("get", &COMPLETIONS)),
            Self::Get => Some(("get", &COMPLETION)),
            Self::Update => Some(("post", &COMPLETION)),
            Self::Delete => Some(("delete", &COMPLETION)),
            Self::MessagesList => Some(("get", &MESSAGES)),
            Self::Response | Self::Chunk | Self::UpdateRequest | Self::Error => None,
        }
    }

    /// The key of that operation in a [`super::State`].
    pub fn operation_key(self) -> Option<String> {
        let (method, path) = self.operation()?;
        Some(format!("{} /{}", method.to_uppercase(), path.join("/")))
    }
}

/// The ends of the paths. `{}` stands for a parameter.
const COMPLETIONS: [&str; 2] = ["chat", "completions"];
const COMPLETION: [&str; 3] = ["chat", "completions", "{}"];
const MESSAGES: [&str; 4] = ["chat", "completions", "{}", "messages"];

/// The operations of one document.
#[derive(Debug)]
pub struct Surface<'a> {
    document: &'a Document,
    operations: Vec<(Root, Operation<'a>)>,
}

#[derive(Clone, Copy, Debug)]
struct Operation<'a> {
    template: &'a str,
    /// How many segments of the path are part of the protocol. The segments before them belong to
    /// the base address.
    length: usize,
    path_item: &'a Node,
    node: &'a Node,
}

/// A path or query parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter<'a> {
    /// The name, as the document writes it.
    pub name: &'a str,
    /// The key for the comparison: the name for a query parameter; for a path parameter, whose name
    /// never reaches the wire, its position from the end.
    pub key: String,
    /// The parameter itself.
    pub node: &'a Node,
}

impl<'a> Surface<'a> {
    /// Finds the operations of `document`.
    ///
    /// # Errors
    ///
    /// Returns a problem if the document has none of the operations, or is older than OpenAPI 3.
    pub fn new(document: &'a Document) -> Result<Self, Problem> {
        if let Some(entry) = document.root.entry("swagger") {
            return Err(Problem::error("openapi-version", "a Swagger 2 document")
                .why("only OpenAPI 3.0 and 3.1 are supported")
                .fix("convert it to OpenAPI 3 first")
                .at(&entry.at));
        }
        let found = |root: Root| {
            let (method, end) = root.operation()?;
            Some((root, find(document, method, end)?))
        };
        let operations: Vec<_> = Root::ALL.into_iter().filter_map(found).collect();
        if operations.is_empty() {
            return Err(Problem::error("no-operation", "no path ends in `/chat/completions`")
                .why("there is nothing to compare")
                .fix("give an OpenAPI document with the chat-completions operations")
                .at(&document.nearest("/paths")));
        }
        Ok(Self { document, operations })
    }

    /// The schemas of a body; `None` if the document does not have the body.
    pub fn body(&self, root: Root, broken: &mut Vec<Problem>) -> Option<Merged<'a>> {
        let merge = |schema, broken: &mut _| Merged::new(self.document, &[schema], broken);
        let is_chunk = |part: &Node| object_value(part).as_deref() == Some(CHUNK);
        match root {
            Root::Request => self.request(Root::Request).map(|schema| merge(schema, broken)),
            Root::UpdateRequest => self.request(Root::Update).map(|schema| merge(schema, broken)),
            Root::Response => {
                self.answer(Root::Request).map(|s| merge(s, broken).without(is_chunk))
            }
            Root::Chunk => self.chunk(broken),
            Root::Error => self.errors(broken),
            other => self.answer(other).map(|schema| merge(schema, broken)),
        }
    }

    /// The path and query parameters of the operation that is reported with `root`.
    pub fn parameters(&self, root: Root) -> Vec<Parameter<'a>> {
        let Some(operation) = self.operation(root) else { return Vec::new() };
        let mut found: Vec<Parameter<'a>> = Vec::new();
        for level in [operation.node, operation.path_item] {
            for node in level.get("parameters").map(Node::items).unwrap_or_default() {
                // A parameter of the operation replaces one of the whole path.
                match self.parameter(&operation, node) {
                    Some(new) if found.iter().all(|old| old.key != new.key) => found.push(new),
                    _ => {}
                }
            }
        }
        found
    }

    fn parameter(&self, operation: &Operation<'a>, node: &'a Node) -> Option<Parameter<'a>> {
        let node = resolved(self.document, node);
        let name = node.get("name")?.as_str()?;
        match node.get("in")?.as_str()? {
            "query" => Some(Parameter { name, key: format!("?{name}"), node }),
            "path" => {
                let segments = segments(operation.template);
                let wanted = format!("{{{name}}}");
                let place = segments.iter().rev().take(operation.length);
                let place = place.clone().position(|segment| **segment == wanted)?;
                Some(Parameter { name, key: format!("{{{place}}}"), node })
            }
            _ => None,
        }
    }

    fn operation(&self, root: Root) -> Option<Operation<'a>> {
        self.operations.iter().find(|(of, _)| *of == root).map(|(_, operation)| *operation)
    }

    fn request(&self, root: Root) -> Option<&'a Node> {
        let body = resolved(self.document, self.operation(root)?.node.get("requestBody")?);
        json_schema(body)
    }

    fn answer(&self, root: Root) -> Option<&'a Node> {
        json_schema(self.success(root)?)
    }

    /// The response of a successful operation: the first 2XX, else `default`.
    fn success(&self, root: Root) -> Option<&'a Node> {
        let responses = self.operation(root)?.node.get("responses")?;
        let ok = responses.entries().iter().find(|entry| entry.key.starts_with('2'));
        let any = || responses.entry("default");
        ok.or_else(any).map(|entry| resolved(self.document, &entry.value))
    }

    /// The schema of the stream's events: that of the media type, else a component.
    fn chunk(&self, broken: &mut Vec<Problem>) -> Option<Merged<'a>> {
        let streamed = self.success(Root::Request).and_then(stream_schema);
        let merged = streamed.map(|schema| self.unwrapped(schema, broken));
        let told = merged.filter(|merged| !merged.at(CHOICES).is_empty());
        told.or_else(|| self.chunk_component())
    }

    /// Unwraps the event around the chunk, or the list of events, which some documents describe.
    fn unwrapped(&self, schema: &'a Node, broken: &mut Vec<Problem>) -> Merged<'a> {
        let outer = Merged::new(self.document, &[schema], broken);
        for step in [Step::Item, Step::Property("data")] {
            let inner = Merged::of_sites(self.document, &outer.at(step), broken);
            if outer.at(CHOICES).is_empty() && !inner.at(CHOICES).is_empty() {
                return inner;
            }
        }
        outer
    }

    fn chunk_component(&self) -> Option<Merged<'a>> {
        let merged = |entry: &'a Entry| {
            let merged = Merged::new(self.document, &[&entry.value], &mut Vec::new());
            (!merged.at(CHOICES).is_empty()).then_some((entry, merged))
        };
        // A component that is only a reference is the same as its target.
        let is_own = |entry: &&Entry| entry.value.get("$ref").is_none();
        let with_choices = || schemas(self.document).iter().filter(is_own).filter_map(merged);
        let marked = with_choices().find(|(entry, merged)| {
            let object = merged.at(Step::Property("object"));
            let object = Merged::of_sites(self.document, &object, &mut Vec::new()).allowed();
            let alone = object.len() == 1 && object.iter().any(|value| value.text == CHUNK);
            alone || object_value(&entry.value).as_deref() == Some(CHUNK)
        });
        let named = || {
            with_choices().find(|(entry, _)| {
                let name = &entry.key;
                name.contains("Chat") && (name.contains("Chunk") || name.contains("Stream"))
            })
        };
        marked.or_else(named).map(|(_, merged)| merged)
    }

    /// The error bodies of all operations, else the component for them.
    fn errors(&self, broken: &mut Vec<Problem>) -> Option<Merged<'a>> {
        let responses = self.operations.iter().filter_map(|(_, op)| op.node.get("responses"));
        let failed = |entry: &&Entry| entry.key.starts_with(['4', '5']) || entry.key == "default";
        let failures = responses.flat_map(|responses| responses.entries()).filter(failed);
        let bodies = failures.map(|entry| resolved(self.document, &entry.value));
        let mut found: Vec<_> = bodies.filter_map(json_schema).collect();
        if found.is_empty() {
            found.extend(self.document.node_at("#/components/schemas/ErrorResponse"));
        }
        (!found.is_empty()).then(|| Merged::new(self.document, &found, broken))
    }
}

const CHUNK: &str = "chat.completion.chunk";
const CHOICES: Step<'static> = Step::Property("choices");

/// The operation with the shortest path that ends in `end`. The rest of the path is the base
/// address.
fn find<'a>(document: &'a Document, method: &str, end: &[&str]) -> Option<Operation<'a>> {
    let operation = |entry: &'a Entry| {
        let path_item = resolved(document, &entry.value);
        let node = path_item.get(method)?;
        Some(Operation { template: &entry.key, length: end.len(), path_item, node })
    };
    let paths = document.root.get("paths").map(Node::entries).unwrap_or_default();
    let fitting = paths.iter().filter(|entry| ends_in(&segments(&entry.key), end));
    fitting.filter_map(operation).min_by_key(|operation| operation.template.len())
}

/// The segments of a path, without a query.
pub(super) fn segments(template: &str) -> Vec<&str> {
    let path = template.split(['?', '#']).next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn ends_in(segments: &[&str], end: &[&str]) -> bool {
    let same = |(segment, wanted): (&&str, &&str)| match *wanted {
        "{}" => segment.starts_with('{') && segment.ends_with('}'),
        name => *segment == name,
    };
    segments.len() >= end.len() && segments.iter().rev().zip(end.iter().rev()).all(same)
}

/// The value behind a `$ref` to a path, a parameter or a response; any other value itself.
pub(super) fn resolved<'a>(document: &'a Document, node: &'a Node) -> &'a Node {
    const LONGEST_CHAIN: usize = 32;
    let next = |node: &&'a Node| target(document, node.get("$ref")?).ok();
    std::iter::successors(Some(node), next).take(LONGEST_CHAIN).last().unwrap_or(node)
}

fn schemas(document: &Document) -> &[Entry] {
    document.node_at("#/components/schemas").map(Node::entries).unwrap_or_default()
}

/// The schema of the first media type that is one JSON value.
fn json_schema(body: &Node) -> Option<&Node> {
    let content = body.get("content")?.entries();
    let is_json = |entry: &&Entry| entry.key.contains("json") && !is_stream(&entry.key);
    let json = content.iter().find(is_json);
    json.or_else(|| content.iter().find(|entry| entry.key == "*/*"))?.value.get("schema")
}

fn stream_schema(body: &Node) -> Option<&Node> {
    let content = body.get("content")?.entries();
    let stream = content.iter().find(|entry| is_stream(&entry.key))?;
    stream.value.get("itemSchema").or_else(|| stream.value.get("schema"))
}

/// Whether a media type is a stream of values.
pub fn is_stream(media_type: &str) -> bool {
    ["event-stream", "ndjson", "jsonl", "json-seq"].iter().any(|name| media_type.contains(name))
}

/// The only value of the schema's own key `object`.
fn object_value(schema: &Node) -> Option<String> {
    let object = schema.get("properties")?.get("object")?;
    let only = object.get("const").or_else(|| match object.get("enum")?.items() {
        [one] => Some(one),
        _ => None,
    });
    only?.as_str().map(str::to_owned)
}
