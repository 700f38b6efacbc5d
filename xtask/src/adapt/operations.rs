//! Writes operations in the dialect of the generator: one body, one success answer, parameters that can be
//! sent, and a name for each. [`super::emit`] writes their schemas.

use std::collections::HashSet;

use super::emit::Emitter;
use super::node::{entry, flag, list, object, text};
use super::read::Reader;
use super::shape::{Kind, Shape};
use super::union::Settled;
use crate::load::{Document, Entry, Node, Value};
use crate::model::{METHODS, MethodForm};
use crate::problem::{Position, Problem};
use crate::{lint, names};

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Writes the paths of a document.
pub(super) struct Operations<'a, 'e> {
    pub document: &'a Document,
    pub emitter: &'e mut Emitter<'a>,
    /// The names of all methods so far.
    methods: HashSet<String>,
}

impl<'a, 'e> Operations<'a, 'e> {
    pub(super) fn new(document: &'a Document, emitter: &'e mut Emitter<'a>) -> Self {
        Self { document, emitter, methods: HashSet::new() }
    }

    /// All paths.
    pub(super) fn paths(&mut self) -> Vec<Entry> {
        let paths = self.document.root.get("paths").map(Node::entries).unwrap_or_default();
        paths.iter().map(|path| self.path(path)).collect()
    }

    fn path(&mut self, path: &'a Entry) -> Entry {
        let Some(item) = self.resolved(&path.value) else {
            return entry(&path.key, object::<&str>(&path.at, []));
        };
        let shared = item.get("parameters").map(Node::items).unwrap_or_default();
        let methods = item.entries().iter().filter(|each| METHODS.contains(&each.key.as_str()));
        let written: Vec<(String, Node)> = methods
            .map(|method| (method.key.clone(), self.operation(&path.key, item, method, shared)))
            .collect();
        Entry { key: path.key.clone(), at: path.at.clone(), value: object(&path.at, written) }
    }

    /// What a `$ref` leads to. A reference to nothing is a problem.
    fn resolved(&mut self, node: &'a Node) -> Option<&'a Node> {
        match self.document.resolve(node) {
            Ok(target) => Some(target),
            Err(problem) => {
                self.problem(problem);
                None
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.emitter.settler.reader.problems.push(problem);
    }

    fn operation(
        &mut self,
        path: &str,
        item: &'a Node,
        method: &'a Entry,
        shared: &'a [Node],
    ) -> Node {
        let (node, at) = (&method.value, &method.at);
        let told = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default().trim();
        let streams = self.streams(node);
        let own = node.get("parameters").map(Node::items).unwrap_or_default();
        let optional = self.optional(own.iter().chain(shared));
        let id = self.id(told("operationId"), &method.key, path, streams, &optional);
        let type_name = names::variant(&id);
        let mut written = vec![entry("operationId", text(at, id))];
        let summary = match told("summary") {
            "" => format!("`{} {path}`.", method.key.to_uppercase()).replace(['\n', '\r'], " "),
            summary => summary.to_owned(),
        };
        written.push(entry("summary", text(at, summary)));
        let servers = node.get("servers").or(item.get("servers")).map(own_servers);
        let paragraphs = [Some(told("description").to_owned()), servers];
        let paragraphs: Vec<_> =
            paragraphs.into_iter().flatten().filter(|told| !told.is_empty()).collect();
        if !paragraphs.is_empty() {
            written.push(entry("description", text(at, paragraphs.join("\n\n"))));
        }
        if node.get("deprecated").and_then(Node::as_bool).unwrap_or_default() {
            written.push(entry("deprecated", flag(at, true)));
        }
        let parameters = self.parameters(path, own, shared, &type_name, at);
        if !parameters.is_empty() {
            written.push(entry("parameters", list(at, parameters)));
        }
        if let Some(body) = node.get("requestBody").and_then(|body| self.resolved(body)) {
            written.extend(self.body(body, &type_name, at));
        }
        let answers = node.get("responses").map(Node::entries).unwrap_or_default();
        // The answer to HEAD has no body.
        let answer = match method.key.as_str() {
            "head" => self.answers(&[], &type_name, false, at),
            _ => self.answers(answers, &type_name, streams, at),
        };
        written.push(entry("responses", answer));
        Node { at: at.clone(), value: Value::Object(written) }
    }

    /// The `operationId`, or another one if its methods would have the names of others.
    fn id(
        &mut self,
        given: &str,
        method: &str,
        path: &str,
        streams: bool,
        optional: &[&str],
    ) -> String {
        let wanted = if names::field(given).starts_with(|first: char| first.is_ascii_lowercase())
            && lint::can_be_method(&names::field(given), optional)
        {
            given.to_owned()
        } else {
            format!("{method} {path}")
        };
        let wanted: String = wanted
            .chars()
            .map(|each| if each.is_ascii_alphanumeric() { each } else { '_' })
            .collect();
        let mut id = wanted.clone();
        let mut number = 1;
        loop {
            let methods = MethodForm::names_of(&names::field(&id), streams, optional);
            if methods.iter().all(|name| !self.methods.contains(name)) {
                self.methods.extend(methods);
                return id;
            }
            number += 1;
            id = format!("{wanted}{number}");
        }
    }

    /// The names of the parameters that may be left out.
    fn optional(&self, parameters: impl Iterator<Item = &'a Node>) -> Vec<&'a str> {
        let parameters = parameters.filter_map(|each| self.document.resolve(each).ok());
        let optional = parameters.filter(|parameter| !is_required(parameter));
        optional.filter_map(|parameter| parameter.get("name").and_then(Node::as_str)).collect()
    }

    /// The parameters that the client sends. A parameter of the operation replaces one of the path.
    fn parameters(
        &mut self,
        path: &str,
        own: &'a [Node],
        shared: &'a [Node],
        owner: &str,
        at: &Position,
    ) -> Vec<Node> {
        let mut seen = HashSet::new();
        let mut fields = HashSet::new();
        let mut written = Vec::new();
        let mut all: Vec<&Node> =
            own.iter().chain(shared).filter_map(|node| self.resolved(node)).collect();
        // A parameter of the path keeps its name, because the path names it, too.
        all.sort_by_key(|parameter| told(parameter, "in") != "path");
        for parameter in all {
            let (name, place) = (told(parameter, "name"), told(parameter, "in"));
            if !seen.insert((name.to_owned(), place.to_owned())) || is_set_by_client(name, place) {
                continue;
            }
            if place == "path" && !path.contains(&format!("{{{name}}}")) {
                continue;
            }
            let field = names::field(name);
            if lint::is_name(&field) && fields.insert(field) {
                written.push(self.parameter(parameter, name, place, owner));
            } else if is_required(parameter) {
                self.problem(no_argument(name, parameter));
            }
        }
        for name in names::placeholders(path).unwrap_or_default() {
            let is_new = seen.insert((name.to_owned(), "path".to_owned()));
            let field = names::field(name);
            if is_new && lint::is_name(&field) && fields.insert(field) {
                written.push(undescribed(name, at));
            }
        }
        written
    }

    fn parameter(&mut self, parameter: &'a Node, name: &str, place: &str, owner: &str) -> Node {
        let at = &parameter.at;
        let content = parameter.get("content").map(Node::entries).unwrap_or_default();
        let is_required = place == "path" || is_required(parameter);
        // JSON in a parameter is a text for the caller to write.
        let shape = match parameter.get("schema").filter(|_| content.is_empty()) {
            Some(schema) => self.emitter.settler.reader.read(schema),
            None => plain_text(at),
        };
        let explodes = parameter.get("explode").and_then(Node::as_bool).unwrap_or(true);
        let (shape, style) = self.sendable(shape, place, is_required, explodes);
        let notes = shape.notes.clone();
        let wanted = format!("{owner}{}", super::names::type_name(name));
        let schema = self.emitter.place(shape, &wanted).bare(at);
        let description = parameter.get("description").and_then(Node::as_str).map(str::trim);
        let description = description.filter(|told| !told.is_empty()).map(str::to_owned);
        let description = description
            .or(notes.description)
            .unwrap_or_else(|| format!("The parameter `{}`.", name.replace('`', "'")));
        let mut written = vec![
            entry("name", text(at, name)),
            entry("in", text(at, place)),
            entry("required", flag(at, is_required)),
            entry("description", text(at, description)),
            entry("schema", schema),
        ];
        written.extend(style.map(|style| entry("style", text(at, style))));
        Node { at: at.clone(), value: Value::Object(written) }
    }

    /// A schema that the client can send in this place, and its style. A text stands for everything else, so
    /// that the caller can write it.
    fn sendable(
        &mut self,
        shape: Shape,
        place: &str,
        is_required: bool,
        explodes: bool,
    ) -> (Shape, Option<&'static str>) {
        let at = shape.at.clone();
        let Settled::One(one) = self.emitter.settler.settle(shape.clone()) else {
            return (Shape { notes: shape.notes, ..plain_text(&at) }, None);
        };
        let is_scalar = |kind: &Kind| {
            matches!(
                kind,
                Kind::Text { .. } | Kind::Integer { .. } | Kind::Number { .. } | Kind::Flag
            )
        };
        let kind = self.emitter.settler.kind_of(&one);
        let as_it_is = match &kind {
            Kind::List(items) if place == "header" || place == "query" && explodes => {
                match self.emitter.settler.settle((**items).clone()) {
                    Settled::One(item) => is_scalar(&self.emitter.settler.kind_of(&item)),
                    Settled::Several(_) => false,
                }
            }
            Kind::Object(_) | Kind::Map(_) if place == "query" && !is_required => {
                let texts = Kind::Map(Box::new(plain_text(&at)));
                return (Shape { kind: texts, ..one }, Some("deepObject"));
            }
            kind => is_scalar(kind),
        };
        match as_it_is {
            true => (one, None),
            false => (Shape { notes: one.notes, ..plain_text(&at) }, None),
        }
    }

    fn body(&mut self, body: &'a Node, owner: &str, at: &Position) -> Option<Entry> {
        let content = body.get("content").map(Node::entries).unwrap_or_default();
        let media = self.json(content).or(content.first())?;
        let is_json = self.json(content).is_some();
        let schema = match media.value.get("schema") {
            Some(schema) => self.emitter.settler.reader.read(schema),
            None => Shape::new(&media.at, Kind::Any),
        };
        let kind = if is_json { JSON } else { media.key.as_str() };
        let schema = self.emitter.place(schema, &format!("{owner}Request")).bare(&media.at);
        let media = object(at, [(kind, object(at, [("schema", schema)]))]);
        Some(entry("requestBody", object(at, [("required", flag(at, true)), ("content", media)])))
    }

    /// The media type that is JSON. `*/*` is JSON, too, unless its schema says that it is bytes.
    fn json(&self, content: &'a [Entry]) -> Option<&'a Entry> {
        let is_any = |each: &&'a Entry| is(&each.key, "*/*") && !self.is_bytes(&each.value);
        let mut all = content.iter();
        all.find(|each| is(&each.key, JSON))
            .or_else(|| content.iter().find(|each| is_json(&each.key)))
            .or_else(|| content.iter().find(is_any))
    }

    /// Whether the schema of a media type describes bytes.
    fn is_bytes(&self, media: &Node) -> bool {
        let schema = media.get("schema").and_then(|schema| self.document.resolve(schema).ok());
        schema.is_some_and(|schema| {
            let format = schema.get("format").and_then(Node::as_str);
            format == Some("binary") || schema.get("contentMediaType").is_some()
        })
    }

    /// Whether an operation may answer with a stream of events.
    fn streams(&mut self, node: &'a Node) -> bool {
        let answers = node.get("responses").map(Node::entries).unwrap_or_default();
        let success = answers.iter().filter(|answer| is_success(&answer.key));
        let success: Vec<&Entry> = success.collect();
        success.into_iter().any(|answer| {
            let answer = self.document.resolve(&answer.value).ok();
            let content = answer.and_then(|answer| answer.get("content"));
            content
                .is_some_and(|content| content.entries().iter().any(|each| is(&each.key, EVENTS)))
        })
    }

    /// One success answer: JSON, a stream of events, other bytes or nothing.
    fn answers(&mut self, answers: &'a [Entry], owner: &str, streams: bool, at: &Position) -> Node {
        let has_success = answers.iter().any(|answer| is_success(&answer.key));
        let (mut shapes, mut others, mut events) = (Vec::new(), Vec::new(), None);
        for answer in answers {
            let Some(node) = self.resolved(&answer.value) else { continue };
            let content = node.get("content").map(Node::entries).unwrap_or_default();
            if !is_success(&answer.key) && (has_success || answer.key != "default") {
                self.error(content, owner);
                continue;
            }
            let json = self.json(content);
            if let Some(media) = json {
                shapes.push(match media.value.get("schema") {
                    Some(schema) => self.emitter.settler.reader.read(schema),
                    None => Shape::new(&media.at, Kind::Any),
                });
            }
            events = events.or_else(|| content.iter().find(|each| is(&each.key, EVENTS)));
            let is_other = |each: &&Entry| json.is_none() && !is(&each.key, EVENTS);
            others.extend(content.iter().filter(is_other));
        }
        let content = if !shapes.is_empty() || streams {
            let mut content = vec![(JSON, self.answer(shapes, owner, at))];
            content.extend(events.map(|events| (EVENTS, self.events(events, owner, at))));
            content
        } else if others.is_empty() {
            Vec::new()
        } else {
            let bytes = object(at, [("type", text(at, "string"))]);
            vec![("application/octet-stream", object(at, [("schema", bytes)]))]
        };
        let mut answer = vec![("description", text(at, "The answer."))];
        if !content.is_empty() {
            answer.push(("content", object(at, content)));
        }
        object(at, [("200", object(at, answer))])
    }

    fn answer(&mut self, mut shapes: Vec<Shape>, owner: &str, at: &Position) -> Node {
        let shape = match shapes.len() {
            0 => Shape::new(at, Kind::Any),
            1 => shapes.remove(0),
            _ => Shape::new(at, Kind::Union(shapes, None)),
        };
        self.whole(shape, &format!("{owner}Response"), at)
    }

    fn events(&mut self, events: &'a Entry, owner: &str, at: &Position) -> Node {
        let shape = match events.value.get("schema") {
            Some(schema) => self.emitter.settler.reader.read(schema),
            None => Shape::new(at, Kind::Any),
        };
        self.whole(shape, &format!("{owner}Event"), at)
    }

    /// A whole answer, in which no key is mandatory.
    fn whole(&mut self, shape: Shape, wanted: &str, at: &Position) -> Node {
        self.emitter.whole_parts(&shape);
        let placed = self.emitter.place(shape, wanted);
        self.emitter.answers.extend(placed.component.clone());
        object(at, [("schema", placed.bare(at))])
    }

    /// The type of an error. The client keeps the body, and the caller can read it into this type.
    fn error(&mut self, content: &'a [Entry], owner: &str) {
        let schema = self.json(content).and_then(|media| media.value.get("schema"));
        if let Some(schema) = schema {
            let shape = self.emitter.settler.reader.read(schema);
            let is_component = matches!(shape.kind, Kind::Component(_));
            if is_component || super::read::has_structure(schema) && !self.has_error(owner) {
                let placed = self.emitter.place(shape, &format!("{owner}Error"));
                self.emitter.answers.extend(placed.component);
            }
        }
    }

    /// Whether an operation has a type for its errors already. One for each status would be too many.
    fn has_error(&mut self, owner: &str) -> bool {
        !self.methods.insert(format!("error of {owner}"))
    }
}

/// What a method says of the servers that the document names for it alone, because a client has one base URL.
fn own_servers(servers: &Node) -> String {
    let urls = servers.items().iter().filter_map(|server| server.get("url")?.as_str());
    let urls: Vec<_> = urls.map(|url| format!("`{}`", url.replace('`', "'"))).collect();
    if urls.is_empty() {
        return String::new();
    }
    format!(
        "The document has another server for this method: {}. Give the client this base URL.",
        urls.join(", ")
    )
}

/// A part of a path that the document does not describe.
fn undescribed(name: &str, at: &Position) -> Node {
    let description = format!("The part `{}` of the path.", name.replace('`', "'"));
    let entries = [
        ("name", text(at, name)),
        ("in", text(at, "path")),
        ("required", flag(at, true)),
        ("description", text(at, description)),
        ("schema", object(at, [("type", text(at, "string"))])),
    ];
    object(at, entries)
}

fn told<'a>(parameter: &'a Node, key: &str) -> &'a str {
    parameter.get(key).and_then(Node::as_str).unwrap_or_default()
}

fn is_required(parameter: &Node) -> bool {
    parameter.get("required").and_then(Node::as_bool).unwrap_or_default()
}

/// A mandatory parameter that the method has no argument for. An optional one is left out.
fn no_argument(name: &str, parameter: &Node) -> Problem {
    Problem::error("parameter-name", format!("the mandatory parameter `{name}`"))
        .why(
            "another parameter has the same name in Rust, or the name has no ASCII letter or digit",
        )
        .fix("remove one of the two with an overlay, or take other paths with `--only`")
        .at(&parameter.at)
}

fn plain_text(at: &Position) -> Shape {
    Shape::new(at, Kind::Text { format: None, values: Vec::new() })
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// Whether a media type is this one, with or without parameters.
fn is(media: &str, wanted: &str) -> bool {
    media.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
}

fn is_json(media: &str) -> bool {
    let name = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    name == JSON || name.ends_with("+json")
}

/// Whether OpenAPI or the client leaves a parameter out: headers that say how a request is sent.
fn is_set_by_client(name: &str, place: &str) -> bool {
    let is_own = place == "header" && lint::is_own_header(name);
    is_own || !["path", "query", "header", "cookie"].contains(&place)
}

/// The problem of a document that is not OpenAPI 3.
pub(super) fn version(document: &Document) -> Option<Problem> {
    let root = &document.root;
    if let Some(entry) = root.entry("swagger") {
        return Some(
            Problem::error("swagger-2", "the document is Swagger 2.0")
                .why("its bodies and schemas have other places than those of OpenAPI 3")
                .fix("convert it to OpenAPI 3.0 with a converter such as swagger2openapi, and use the result")
                .at(&entry.at),
        );
    }
    let version = root.get("openapi").and_then(Node::as_str).unwrap_or_default();
    if version.starts_with("3.0") || version.starts_with("3.1") || version.starts_with("3.2") {
        return None;
    }
    let what = match root.entry("openapi") {
        Some(entry) => format!("`openapi: {}`", entry.value.to_json()).replace('"', ""),
        None => "the document does not say which OpenAPI it is".to_owned(),
    };
    let at = root.entry("openapi").map_or(&root.at, |entry| &entry.at);
    Some(
        Problem::error("openapi-version", what)
            .why("only OpenAPI 3.0 and 3.1 are known")
            .fix("begin the document with `openapi: 3.0.3` or `openapi: 3.1.0`, if it is one")
            .at(at),
    )
}

/// Reads nothing; a reader of the document.
pub(super) fn reader(document: &Document) -> Reader<'_> {
    Reader { document, problems: Vec::new() }
}
