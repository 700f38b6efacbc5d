//! Tables of the keys that each OpenAPI object may have, and of the kinds of their values.
//!
//! The tables hold only the part of OpenAPI 3.0 that the generator understands. [`super::document`]
//! walks them, and the other families check what a key *means*.

use Kind::{Any, Flag, FlagOr, List, Map, Number, Object, SchemaOrFlag, Text, Whole};

/// The kind that a value must have.
pub(super) enum Kind {
    /// Anything.
    Any,
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// `true`, `false` or this word.
    FlagOr(&'static str),
    /// A number.
    Number,
    /// A whole number of 0 or more.
    Whole,
    /// A list of such values.
    List(&'static Kind),
    /// An object with any keys and such values.
    Map(&'static Kind),
    /// An object with these keys.
    Object(&'static Grammar),
    /// A schema, `true` or `false`.
    SchemaOrFlag,
}

/// The keys of an object.
pub(super) struct Grammar {
    /// The name of the object in messages.
    pub name: &'static str,
    /// Whether a `$ref` may stand in its place.
    pub reference: bool,
    /// The mandatory keys.
    pub required: &'static [&'static str],
    /// All keys.
    pub keys: &'static [(&'static str, Kind)],
}

/// The document as a whole.
pub(super) static DOCUMENT: Grammar = Grammar {
    name: "the document",
    reference: false,
    required: &["info", "paths"],
    keys: &[
        ("openapi", Any),
        ("info", Object(&INFO)),
        ("servers", List(&Any)),
        ("paths", Map(&Object(&PATH_ITEM))),
        ("components", Object(&COMPONENTS)),
        ("security", List(&Any)),
        ("tags", List(&Any)),
        ("externalDocs", Any),
        ("x-service-names", Map(&Text)),
    ],
};

static INFO: Grammar = Grammar {
    name: "`info`",
    reference: false,
    required: &["title", "version"],
    keys: &[
        ("title", Text),
        ("description", Text),
        ("termsOfService", Text),
        ("contact", Any),
        ("license", Any),
        ("version", Text),
    ],
};

static COMPONENTS: Grammar = Grammar {
    name: "`components`",
    reference: false,
    required: &[],
    keys: &[
        ("schemas", Map(&Object(&SCHEMA))),
        ("responses", Map(&Object(&RESPONSE))),
        ("examples", Map(&Any)),
        ("headers", Map(&Object(&HEADER))),
        ("securitySchemes", Map(&Any)),
    ],
};

static PATH_ITEM: Grammar = Grammar {
    name: "a path",
    reference: false,
    required: &[],
    keys: &[
        ("summary", Text),
        ("description", Text),
        ("get", Object(&OPERATION)),
        ("put", Object(&OPERATION)),
        ("post", Object(&OPERATION)),
        ("delete", Object(&OPERATION)),
        ("patch", Object(&OPERATION)),
        ("head", Object(&OPERATION)),
        ("options", Object(&OPERATION)),
        ("trace", Object(&OPERATION)),
    ],
};

static OPERATION: Grammar = Grammar {
    name: "an operation",
    reference: false,
    required: &["responses"],
    keys: &[
        ("tags", List(&Text)),
        ("summary", Text),
        ("description", Text),
        ("externalDocs", Any),
        ("operationId", Text),
        ("parameters", List(&Object(&PARAMETER))),
        ("requestBody", Object(&REQUEST_BODY)),
        ("responses", Map(&Object(&RESPONSE))),
        ("deprecated", Flag),
        ("security", List(&Any)),
        ("servers", List(&Any)),
    ],
};

static PARAMETER: Grammar = Grammar {
    name: "a parameter",
    reference: false,
    required: &["name", "in", "schema"],
    keys: &[
        ("name", Text),
        ("in", Text),
        ("description", Text),
        ("required", Flag),
        ("deprecated", Flag),
        ("style", Text),
        ("explode", Flag),
        ("schema", Object(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&Any)),
        ("x-services", List(&Text)),
    ],
};

static REQUEST_BODY: Grammar = Grammar {
    name: "a request body",
    reference: false,
    required: &["content"],
    keys: &[("description", Text), ("required", Flag), ("content", Map(&Object(&MEDIA_TYPE)))],
};

static RESPONSE: Grammar = Grammar {
    name: "a response",
    reference: true,
    required: &[],
    keys: &[
        ("description", Text),
        ("headers", Map(&Object(&HEADER))),
        ("content", Map(&Object(&MEDIA_TYPE))),
    ],
};

static HEADER: Grammar = Grammar {
    name: "a header",
    reference: true,
    required: &["schema"],
    keys: &[
        ("description", Text),
        ("required", Flag),
        ("deprecated", Flag),
        ("schema", Object(&SCHEMA)),
        ("example", Any),
        ("x-services", List(&Text)),
    ],
};

static MEDIA_TYPE: Grammar = Grammar {
    name: "a media type",
    reference: false,
    required: &[],
    keys: &[("schema", Object(&SCHEMA)), ("example", Any), ("examples", Map(&Any))],
};

/// A schema, named or not.
pub(super) static SCHEMA: Grammar = Grammar {
    name: "a schema",
    reference: true,
    required: &[],
    keys: &[
        // `schemas` has a better message for lists of types and other surprises.
        ("type", Any),
        ("title", Text),
        ("description", Text),
        ("format", Text),
        ("enum", List(&Any)),
        ("minimum", Number),
        ("maximum", Number),
        ("minLength", Whole),
        ("maxLength", Whole),
        ("pattern", Text),
        ("minItems", Whole),
        ("maxItems", Whole),
        ("minProperties", Whole),
        ("maxProperties", Whole),
        ("nullable", Flag),
        ("deprecated", Flag),
        ("required", List(&Text)),
        ("properties", Map(&Object(&SCHEMA))),
        ("additionalProperties", SchemaOrFlag),
        ("items", Object(&SCHEMA)),
        ("oneOf", List(&Object(&SCHEMA))),
        ("allOf", List(&Object(&SCHEMA))),
        ("anyOf", Any),
        ("discriminator", Object(&DISCRIMINATOR)),
        ("default", Any),
        ("example", Any),
        ("externalDocs", Any),
        ("x-adds-up-to", Text),
        ("x-boxed", Flag),
        ("x-constructor-value", Text),
        ("x-enum-descriptions", Map(&Text)),
        ("x-enum-names", Map(&Text)),
        ("x-keep-null", FlagOr("in-extra")),
        ("x-services", List(&Text)),
        ("x-stream", Text),
        ("x-stream-unknown", Text),
        ("x-variant-names", Map(&Text)),
        ("x-when-untagged", Text),
        ("x-wire-optional", Text),
    ],
};

static DISCRIMINATOR: Grammar = Grammar {
    name: "a discriminator",
    reference: false,
    required: &["propertyName"],
    keys: &[("propertyName", Text), ("mapping", Map(&Text))],
};

/// An overlay file.
pub(super) static OVERLAY: Grammar = Grammar {
    name: "an overlay",
    reference: false,
    required: &["overlay", "info", "actions"],
    keys: &[
        ("overlay", Text),
        ("info", Object(&OVERLAY_INFO)),
        ("extends", Text),
        ("actions", List(&Object(&ACTION))),
    ],
};

static OVERLAY_INFO: Grammar = Grammar {
    name: "`info`",
    reference: false,
    required: &["title", "version"],
    keys: &[("title", Text), ("version", Text), ("description", Text)],
};

static ACTION: Grammar = Grammar {
    name: "an action",
    reference: false,
    required: &["target"],
    keys: &[
        ("target", Text),
        ("description", Text),
        ("update", Any),
        ("copy", Text),
        ("remove", Flag),
        ("x-optional", Flag),
    ],
};

/// Every `x-` key that the generator reads.
pub(super) fn extensions() -> impl Iterator<Item = &'static str> {
    let keys = SCHEMA.keys.iter().map(|(key, _)| *key);
    keys.filter(|key| key.starts_with("x-"))
}

/// Keys of OpenAPI 3.1 or its JSON Schema.
pub(super) const NEW_IN_31: [&str; 28] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$schema",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "examples",
    "if",
    "jsonSchemaDialect",
    "maxContains",
    "minContains",
    "pathItems",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "webhooks",
];

/// Keys of OpenAPI 3.0 that the generator does not understand.
pub(super) const UNSUPPORTED: [&str; 18] = [
    "allowEmptyValue",
    "allowReserved",
    "callbacks",
    "content",
    "encoding",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "explode",
    "links",
    "multipleOf",
    "not",
    "parameters",
    "readOnly",
    "requestBodies",
    "style",
    "uniqueItems",
    "writeOnly",
    "xml",
];
