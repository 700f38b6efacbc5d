//! Reads the schemas and operations of the document into small typed values for the `shape` passes.
//! [`crate::load`] keeps positions, and [`crate::lint`] reports problems.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::names;

/// The document for the passes. Everything keeps the document's order.
#[derive(Debug)]
pub struct Model {
    /// The named schemas.
    pub components: Vec<Component>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// The position of each named schema in `components`.
    places: BTreeMap<String, usize>,
}

/// A named schema.
#[derive(Debug)]
pub struct Component {
    /// The name of the schema, and of the Rust type.
    pub name: String,
    /// The description.
    pub description: String,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The kind of Rust type that it becomes.
    pub kind: Kind,
    /// The schema that the pieces of this one add up to in a stream.
    pub adds_up_to: Option<String>,
    /// The schema as the document has it.
    pub schema: Value,
    /// The position of each property by its key, and by its field.
    positions: [HashMap<String, usize>; 2],
}

/// The kind of Rust type that a schema becomes.
#[derive(Debug)]
pub enum Kind {
    /// A struct.
    Object(Vec<Property>),
    /// An open enum of strings.
    Enum(Vec<EnumValue>),
    /// An enum with data.
    Union(Union),
    /// An alias of a map, a list, a scalar or any JSON.
    Alias,
}

/// A property of an object.
#[derive(Debug)]
pub struct Property {
    /// The key on the wire.
    pub key: String,
    /// The name of the Rust field.
    pub field: String,
    /// The description.
    pub description: String,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Whether the key is mandatory.
    pub required: bool,
    /// Whether the document allows `null`.
    pub nullable: bool,
    /// The only value, if it is a constant.
    pub constant: Option<String>,
    /// The value that the constructor sets.
    pub constructor_value: Option<String>,
    /// Why it is optional although the official document requires it.
    pub wire_optional: Option<String>,
    /// The services that send it, if it is an extension.
    pub services: Vec<String>,
    /// Whether it is boxed, because it is rare and large.
    pub boxed: bool,
    /// Whether null and absent mean different things, so that a null is kept.
    pub keeps_null: bool,
    /// Whether `extra` keeps a null, as it keeps any value of another shape.
    pub null_in_extra: bool,
    /// How its values add up in a stream.
    pub stream: Option<StreamRule>,
    /// The schema as the document has it.
    pub schema: Value,
}

/// How the values of one key add up over the pieces of a stream: the value of `x-stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamRule {
    /// Texts are joined.
    Join,
    /// The first value that says something stays.
    First,
    /// The last value that says something stays.
    Last,
    /// As `Last`. In a list of parts, the value also ends the part, and more text opens the next
    /// part.
    Closing,
    /// Lists are put one after the other.
    Append,
    /// Lists of parts: a part joins the last one of its `index`.
    ByIndex,
    /// Objects are merged key by key.
    Merge,
    /// The key is left out of the whole.
    Omit,
    /// The stream crate has hand-written code for this key.
    HandWritten,
}

impl StreamRule {
    /// Each rule with its name in the document.
    pub const ALL: [(&str, Self); 9] = [
        ("join", Self::Join),
        ("first", Self::First),
        ("last", Self::Last),
        ("closing", Self::Closing),
        ("append", Self::Append),
        ("by-index", Self::ByIndex),
        ("merge", Self::Merge),
        ("omit", Self::Omit),
        ("hand-written", Self::HandWritten),
    ];

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule)
    }
}

/// A value of an enum.
#[derive(Debug)]
pub struct EnumValue {
    /// The text on the wire.
    pub text: String,
    /// The name of the Rust variant.
    pub variant: String,
    /// The description.
    pub description: String,
}

/// A union.
#[derive(Debug)]
pub struct Union {
    /// The key whose value selects the object arm.
    pub tag: Option<String>,
    /// The arms in order.
    pub arms: Vec<Arm>,
    /// The variant to try if the tag is missing.
    pub when_untagged: Option<String>,
}

/// An arm of a union.
#[derive(Debug)]
pub struct Arm {
    /// The name of the Rust variant.
    pub variant: String,
    /// The tag values that select this arm.
    pub tag_values: Vec<String>,
    /// The property with the tag. `None` if the tag is a constant. An object of this arm may lack
    /// the tag or have another value.
    pub open_tag: Option<Property>,
    /// The kind of JSON that the arm takes.
    pub json: Json,
    /// The description.
    pub description: String,
}

/// The kind of JSON that an arm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json {
    /// A string, open enums included.
    Text,
    /// A number without a fraction.
    Integer,
    /// Any number; if the union has an arm for integers, any number that the integer arm does not
    /// take.
    Number,
    /// A boolean.
    Boolean,
    /// A list.
    List,
    /// An object.
    Object,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    /// The name of the Rust method.
    pub method_name: String,
    /// The HTTP method in lower case.
    pub method: String,
    /// The path with its placeholders.
    pub path: String,
    /// The summary, one line.
    pub summary: String,
    /// The description after the summary.
    pub description: String,
    /// Whether the answer may also be an event stream.
    pub streams: bool,
    /// The schema of the request, if it has a name.
    pub request: Option<String>,
    /// What the request body is.
    pub request_media: RequestMedia,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The schema of the answer, if it has a name.
    pub answer: Option<String>,
    /// What its success answer is.
    pub answer_media: AnswerMedia,
    /// The query parameters that are maps: `metadata[key]=value`.
    pub deep_objects: Vec<Parameter>,
    /// All parameters.
    pub parameters: Vec<Parameter>,
}

/// What a success answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerMedia {
    /// JSON, and perhaps events instead.
    Json,
    /// Other bytes.
    Bytes,
    /// There is none.
    Nothing,
}

impl AnswerMedia {
    /// Reads the answer with a status of success.
    fn of(responses: Option<&Value>) -> Self {
        let mut all = responses.and_then(Value::as_object).into_iter().flatten();
        let success = all.find(|(status, _)| status.starts_with('2'));
        let content = success.and_then(|(_, answer)| answer.get("content"));
        match content.and_then(Value::as_object).filter(|content| !content.is_empty()) {
            None => Self::Nothing,
            Some(content) if content.contains_key("application/json") => Self::Json,
            Some(_) => Self::Bytes,
        }
    }
}

/// What the body of a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestMedia {
    /// JSON, or there is no body.
    Json,
    /// A form in which each field is a part.
    Multipart,
    /// A form in one line.
    UrlEncoded,
    /// Bytes of this media type.
    Other(String),
}

impl RequestMedia {
    /// Reads the body of an operation.
    pub fn of(body: Option<&Value>) -> Self {
        let content = object(body.and_then(|body| body.get("content")));
        match content.keys().next().map(String::as_str) {
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

/// Which method of an operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodForm {
    /// The operation itself.
    Plain,
    /// The one that takes the optional parameters.
    With,
    /// The one that reads an event stream.
    Stream,
    /// The one that reads an event stream and takes the optional parameters.
    StreamWith,
    /// The one that goes through all pages of a list.
    All,
}

impl MethodForm {
    const ALL: [Self; 5] = [Self::Plain, Self::With, Self::Stream, Self::StreamWith, Self::All];

    /// The name of the method: that of the operation with an ending.
    pub fn name(self, operation: &str) -> String {
        format!("{operation}{}", self.ending())
    }

    /// The names of the methods of an operation. It has more of them if it streams, if it has optional
    /// parameters, and if one of these is `after`.
    pub fn names_of(operation: &str, streams: bool, optional: &[&str]) -> Vec<String> {
        let has_optional = !optional.is_empty();
        let forms = Self::ALL.into_iter().filter(|form| match form {
            Self::Plain => true,
            Self::With => has_optional,
            Self::Stream => streams,
            Self::StreamWith => streams && has_optional,
            Self::All => optional.contains(&"after"),
        });
        forms.map(|form| form.name(operation)).collect()
    }

    /// The form that reads an event stream in place of this one.
    pub fn streaming(self) -> Option<Self> {
        match self {
            Self::Plain => Some(Self::Stream),
            Self::With => Some(Self::StreamWith),
            Self::Stream | Self::StreamWith | Self::All => None,
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::With => "_with",
            Self::Stream => "_stream",
            Self::StreamWith => "_stream_with",
            Self::All => "_all",
        }
    }
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: String,
    /// The name of the argument.
    pub argument: String,
    /// The description.
    pub description: String,
    /// Whether it is mandatory.
    pub required: bool,
    /// Where it is sent.
    pub place: ParameterPlace,
    /// Whether it is a map, written as `name[key]=value`.
    pub is_deep_object: bool,
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

impl ParameterPlace {
    /// Reads the `in` of a parameter.
    pub fn of(parameter: &Value) -> Self {
        match parameter.get("in").and_then(Value::as_str) {
            Some("path") => Self::Path,
            Some("header") => Self::Header,
            Some("cookie") => Self::Cookie,
            _ => Self::Query,
        }
    }
}

impl Model {
    /// Reads a document that passed [`crate::lint`].
    pub fn read(document: &Value) -> Self {
        let schemas = object(document.pointer("/components/schemas"));
        let components: Vec<Component> =
            schemas.iter().map(|(name, schema)| component(name, schema, &schemas)).collect();
        let places = schemas.keys().cloned().zip(0..).collect();
        let paths = object(document.get("paths"));
        let operations = paths.iter().flat_map(|(path, item)| operations(path, item)).collect();
        Self { components, operations, places }
    }

    /// The schema with this name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.get(self.place(name)?)
    }

    /// How many named schemas come before the one with this name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The operation with this Rust method name.
    pub fn operation(&self, method_name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.method_name == method_name)
    }

    /// The operation that a generated method calls, and which of its methods it is.
    pub fn operation_of(&self, method: &str) -> Option<(&Operation, MethodForm)> {
        let mut forms = MethodForm::ALL.into_iter();
        forms.find_map(|form| Some((self.operation(method.strip_suffix(form.ending())?)?, form)))
    }
}

impl Component {
    /// The properties of an object; empty for any other kind.
    pub fn properties(&self) -> &[Property] {
        match &self.kind {
            Kind::Object(properties) => properties,
            _ => &[],
        }
    }

    /// The schemas of the forms of a union; empty for any other kind.
    pub fn forms(&self) -> &[Value] {
        self.schema.get("oneOf").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The optional properties that keep a null, in the order of their numbers.
    pub fn kept_nulls(&self) -> impl Iterator<Item = &Property> {
        let kept = |property: &&Property| property.keeps_null && !property.required;
        self.properties().iter().filter(kept)
    }

    /// The property with this key.
    pub fn property(&self, key: &str) -> Option<&Property> {
        self.properties().get(*self.positions[0].get(key)?)
    }

    /// The property that becomes the Rust field with this name.
    pub fn field(&self, name: &str) -> Option<&Property> {
        self.properties().get(*self.positions[1].get(name)?)
    }
}

impl Property {
    /// Whether `new` takes it as an argument.
    pub fn is_constructor_argument(&self) -> bool {
        let wanted = self.required || (self.wire_optional.is_some() && !self.nullable);
        wanted && self.constant.is_none() && self.constructor_value.is_none()
    }
}

fn component(name: &str, schema: &Value, schemas: &Map<String, Value>) -> Component {
    let kind = component_kind(schema, schemas);
    Component {
        name: name.to_owned(),
        description: text(schema, "description"),
        deprecated: flag(schema, "deprecated"),
        positions: positions(&kind),
        kind,
        adds_up_to: schema.get("x-adds-up-to").and_then(Value::as_str).map(last_segment),
        schema: schema.clone(),
    }
}

fn positions(kind: &Kind) -> [HashMap<String, usize>; 2] {
    let properties = match kind {
        Kind::Object(properties) => properties.as_slice(),
        _ => &[],
    };
    let by = |name: fn(&Property) -> &String| -> HashMap<String, usize> {
        properties.iter().map(|property| name(property).clone()).zip(0..).collect()
    };
    [by(|property| &property.key), by(|property| &property.field)]
}

fn component_kind(schema: &Value, schemas: &Map<String, Value>) -> Kind {
    if schema.get("oneOf").is_some() {
        Kind::Union(union(schema, schemas))
    } else if schema.get("enum").is_some() {
        Kind::Enum(enum_values(schema))
    } else if schema.get("properties").is_some() || is_empty_object(schema) {
        Kind::Object(properties(schema, schemas))
    } else {
        Kind::Alias
    }
}

/// Whether an object has no properties and is not a map, so that it holds only unknown keys.
fn is_empty_object(schema: &Value) -> bool {
    text(schema, "type") == "object" && schema.get("additionalProperties").is_none()
}

fn properties(schema: &Value, schemas: &Map<String, Value>) -> Vec<Property> {
    let required = strings(schema.get("required"));
    object(schema.get("properties"))
        .iter()
        .map(|(key, property)| read_property(key, property, &required, schemas))
        .collect()
}

fn read_property(
    key: &str,
    schema: &Value,
    required: &[String],
    schemas: &Map<String, Value>,
) -> Property {
    let required = required.iter().any(|name| name == key);
    Property {
        key: key.to_owned(),
        field: names::field(key),
        description: description(schema, schemas),
        deprecated: flag(schema, "deprecated"),
        required,
        nullable: flag(schema, "nullable"),
        constant: constant(schema).filter(|_| required),
        constructor_value: schema
            .get("x-constructor-value")
            .and_then(Value::as_str)
            .map(str::to_owned),
        wire_optional: schema.get("x-wire-optional").and_then(Value::as_str).map(str::to_owned),
        services: strings(schema.get("x-services")),
        boxed: flag(schema, "x-boxed"),
        keeps_null: flag(schema, "x-keep-null"),
        null_in_extra: text(schema, "x-keep-null") == "in-extra",
        stream: schema.get("x-stream").and_then(Value::as_str).and_then(StreamRule::named),
        schema: schema.clone(),
    }
}

/// The description of a schema, or of the schema that it refers to.
fn description(schema: &Value, schemas: &Map<String, Value>) -> String {
    let own = text(schema, "description");
    if !own.is_empty() {
        return own;
    }
    reference(schema)
        .and_then(|name| schemas.get(&name))
        .map(|target| text(target, "description"))
        .unwrap_or_default()
}

/// The only value of an inline enum.
pub fn constant(schema: &Value) -> Option<String> {
    match strings(schema.get("enum")).as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn enum_values(schema: &Value) -> Vec<EnumValue> {
    let names = object(schema.get("x-enum-names"));
    let descriptions = object(schema.get("x-enum-descriptions"));
    let value = |text: String| EnumValue {
        variant: names
            .get(&text)
            .and_then(Value::as_str)
            .map_or_else(|| names::variant(&text), str::to_owned),
        description: descriptions.get(&text).and_then(Value::as_str).unwrap_or_default().to_owned(),
        text,
    };
    strings(schema.get("enum")).into_iter().map(value).collect()
}

fn union(schema: &Value, schemas: &Map<String, Value>) -> Union {
    let mapping = mapping(schema);
    let given = object(schema.get("x-variant-names"));
    let tag =
        schema.pointer("/discriminator/propertyName").and_then(Value::as_str).map(str::to_owned);
    let arms: Vec<Arm> = list(schema.get("oneOf"))
        .iter()
        .map(|branch| Arm {
            open_tag: tag.as_ref().and_then(|tag| open_tag(branch, tag, schemas)),
            ..arm(branch, &mapping, &given, schemas)
        })
        .collect();
    let untagged = schema.get("x-when-untagged").and_then(Value::as_str).map(last_segment);
    let when_untagged = untagged.and_then(|name| {
        let position = list(schema.get("oneOf"))
            .iter()
            .position(|branch| reference(branch).as_deref() == Some(name.as_str()))?;
        arms.get(position).map(|arm| arm.variant.clone())
    });
    Union { tag, arms, when_untagged }
}

fn open_tag(branch: &Value, tag: &str, schemas: &Map<String, Value>) -> Option<Property> {
    let arm = schemas.get(&reference(branch)?)?;
    let mut properties = properties(arm, schemas).into_iter();
    properties.find(|property| property.key == tag && property.constant.is_none())
}

/// The tag values with the names of their schemas.
fn mapping(schema: &Value) -> Vec<(String, String)> {
    object(schema.pointer("/discriminator/mapping"))
        .iter()
        .filter_map(|(tag, target)| Some((tag.clone(), last_segment(target.as_str()?))))
        .collect()
}

fn arm(
    branch: &Value,
    mapping: &[(String, String)],
    given: &Map<String, Value>,
    schemas: &Map<String, Value>,
) -> Arm {
    let name = reference(branch);
    let tag_values: Vec<String> = mapping
        .iter()
        .filter(|(_, target)| Some(target) == name.as_ref())
        .map(|(tag, _)| tag.clone())
        .collect();
    Arm {
        variant: variant_name(branch, name.as_deref(), &tag_values, given),
        tag_values,
        open_tag: None,
        json: json_kind(branch, schemas),
        description: description(branch, schemas),
    }
}

fn variant_name(
    branch: &Value,
    reference: Option<&str>,
    tag_values: &[String],
    given: &Map<String, Value>,
) -> String {
    let mut keys = tag_values.iter().map(String::as_str).chain(reference);
    if let Some(name) = keys.find_map(|key| given.get(key)).and_then(Value::as_str) {
        return name.to_owned();
    }
    let title = branch.get("title").and_then(Value::as_str);
    match (title, tag_values.first(), reference) {
        (Some(title), _, _) => names::variant(title),
        (None, Some(tag), _) => names::variant(tag),
        (None, None, Some(reference)) => names::variant(reference),
        (None, None, None) => names::variant(&text(branch, "type")),
    }
}

fn json_kind(schema: &Value, schemas: &Map<String, Value>) -> Json {
    let schema = match reference(schema).and_then(|name| schemas.get(&name)) {
        Some(target) => target,
        None => schema,
    };
    match text(schema, "type").as_str() {
        "string" => Json::Text,
        "integer" => Json::Integer,
        "number" => Json::Number,
        "boolean" => Json::Boolean,
        "array" => Json::List,
        _ => Json::Object,
    }
}

fn operations(path: &str, item: &Value) -> Vec<Operation> {
    const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];
    object(Some(item))
        .iter()
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .map(|(method, operation)| read_operation(path, method, operation))
        .collect()
}

fn read_operation(path: &str, method: &str, operation: &Value) -> Operation {
    let id = text(operation, "operationId");
    Operation {
        method_name: names::field(&id),
        id,
        method: method.to_owned(),
        path: path.to_owned(),
        summary: text(operation, "summary"),
        description: text(operation, "description"),
        streams: operation.pointer("/responses/200/content/text~1event-stream").is_some(),
        request: operation
            .pointer("/requestBody/content/application~1json/schema")
            .and_then(reference),
        request_media: RequestMedia::of(operation.get("requestBody")),
        deprecated: flag(operation, "deprecated"),
        answer: operation
            .pointer("/responses/200/content/application~1json/schema")
            .and_then(reference),
        answer_media: AnswerMedia::of(operation.get("responses")),
        deep_objects: parameters(operation, is_deep_object),
        parameters: parameters(operation, |_| true),
    }
}

fn parameters(operation: &Value, wanted: impl Fn(&Value) -> bool) -> Vec<Parameter> {
    list(operation.get("parameters"))
        .iter()
        .filter(|parameter| wanted(parameter))
        .map(|parameter| Parameter {
            name: text(parameter, "name"),
            argument: names::argument(&text(parameter, "name")),
            description: text(parameter, "description"),
            required: flag(parameter, "required"),
            place: ParameterPlace::of(parameter),
            is_deep_object: is_deep_object(parameter),
        })
        .collect()
}

/// Whether a parameter is a map written as `name[key]=value`.
pub fn is_deep_object(parameter: &Value) -> bool {
    text(parameter, "style") == "deepObject"
}

/// The name of the schema behind a `$ref`, or behind an `allOf` around one.
pub fn reference(schema: &Value) -> Option<String> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    let wrapped = || schema.pointer("/allOf/0/$ref").and_then(Value::as_str);
    direct.or_else(wrapped).map(last_segment)
}

/// The text after the last slash of a pointer.
pub fn last_segment(pointer: &str) -> String {
    pointer.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The string under a key, or an empty one if there is none.
pub fn text(schema: &Value, key: &str) -> String {
    schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn flag(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or_default()
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn strings(value: Option<&Value>) -> Vec<String> {
    list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
