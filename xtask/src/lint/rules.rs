//! The list of rules, for people and for the test that each rule has a document which breaks it.
//! The file of its family holds what a rule checks and says.

/// A rule that a document can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id in the brackets of a problem.
    pub id: &'static str,
    /// What holds in a document that keeps the rule.
    pub doc: &'static str,
    /// Whether the rule is only about how a document reads.
    pub is_style: bool,
}

const fn rule(id: &'static str, doc: &'static str) -> Rule {
    Rule { id, doc, is_style: false }
}

const fn style(id: &'static str, doc: &'static str) -> Rule {
    Rule { id, doc, is_style: true }
}

/// All rules: first those of reading, then by family.
pub const RULES: &[Rule] = &[
    // load
    rule("not-utf8", "the file is UTF-8"),
    rule("yaml-syntax", "the file is YAML, and its values have counterparts in JSON"),
    rule("empty-document", "the file is not empty"),
    rule("second-document", "the file holds one YAML document"),
    rule("duplicate-key", "a key occurs once in an object"),
    rule("key-not-string", "keys are strings; only whole numbers such as 200 need no quotes"),
    rule("too-deep", "values are nested at most 128 deep"),
    rule(
        "too-large",
        "aliases do not make the document too large, and no object has more than 10,000 properties",
    ),
    // overlay
    rule("overlay-version", "an overlay follows the Overlay Specification 1.0 or 1.1"),
    rule("overlay-extends", "an overlay is applied to the document that it names"),
    rule("overlay-action", "an overlay has actions, and each makes exactly one change"),
    rule("overlay-path", "targets are JSONPath (RFC 9535)"),
    rule("overlay-target", "a target selects something"),
    rule("overlay-merge", "an update fits what it is merged into"),
    rule("overlay-no-effect", "an action changes something"),
    // document
    rule("openapi-version", "the document is OpenAPI 3.0"),
    rule("openapi-31", "the document uses no key of OpenAPI 3.1"),
    rule("wrong-type", "every value has the kind that OpenAPI requires"),
    rule("missing-key", "every mandatory key is present"),
    rule("unknown-key", "every key is known to OpenAPI 3.0"),
    rule("unsupported-key", "the document uses no key that the generator would drop"),
    rule("unknown-extension", "every `x-` key is known to the generator"),
    rule("misplaced-key", "a key stands where it is read"),
    // references
    rule("dangling-ref", "every `$ref` leads to something"),
    rule("external-ref", "no `$ref` leads out of the document"),
    rule("cyclic-ref", "no `$ref` leads back to itself"),
    rule("ref-siblings", "nothing stands beside a bare `$ref`"),
    rule("ref-place", "`$ref` stands only for schemas, responses and headers"),
    rule("ref-target", "`$ref` leads to a whole component of the right kind"),
    style("unreferenced", "every component is needed by an operation"),
    // operations
    rule("operation-id", "every operation has an `operationId`"),
    rule("operation-id-name", "every `operationId` makes a free method name"),
    rule("duplicate-operation-id", "no two operations make the same method name"),
    rule("duplicate-parameter", "no two parameters make the same argument name"),
    rule("parameter-name", "every parameter makes the name of an argument"),
    rule(
        "parameter-in",
        "parameters are in the path, the query, a cookie or a header of their own",
    ),
    rule("parameter-style", "parameters are `name=value`, or `deepObject` for maps in the query"),
    rule("path-parameter", "the placeholders of a path and its parameters are the same"),
    rule("path", "a path begins with `/` and its braces match"),
    rule("status", "the keys of `responses` are statuses"),
    rule("request-required", "a request body is required"),
    rule("request-media-type", "a request is JSON"),
    rule("response-media-type", "an answer is JSON, and may also be a stream of events"),
    rule("media-type-schema", "every media type has a schema"),
    rule("one-success", "an operation has one success answer"),
    rule("inline-success", "the success answer is written in its operation"),
    rule("one-error-type", "all errors of an operation have one schema"),
    // schemas
    rule("any-of", "no schema has `anyOf`"),
    rule("all-of", "`allOf` wraps one `$ref` and does nothing else"),
    rule("default", "no schema has `default`"),
    rule("type", "every `type` is known, and every object has `type: object`"),
    rule("untyped", "only a component may be any JSON"),
    rule("items", "a list has `items`"),
    rule("format", "a `format` is known for its type"),
    rule("integer-format", "integers are `format: int64`"),
    rule("integer-bounds", "bounds of integers are signed 64-bit integers"),
    rule("pattern", "a `pattern` is one class of characters, repeated"),
    rule("inline-object", "every object has a name"),
    rule("inline-union", "every union has a name"),
    rule("inline-enum", "every enum with more than one value has a name"),
    rule("nullable-component", "`nullable` stands at a use of a component, not at the component"),
    rule("second-name", "no component is only a `$ref`"),
    rule("endless-alias", "no named list or map contains itself without an object between"),
    // objects
    rule("closed-object", "no object refuses unknown keys"),
    rule("mixed-object", "an object is a struct or a map"),
    rule("required", "`required` names properties that exist, each once"),
    rule("nullable-required", "a key of an answer is not both required and nullable"),
    rule("optional-constant", "a property with one possible value is required"),
    rule("constructor-value", "`x-constructor-value` is a value of the property's enum"),
    rule("wire-optional", "`x-wire-optional` gives a reason, at a property that is not required"),
    // unions
    rule("keep-null", "`x-keep-null` stands where there is a place for the null"),
    rule("no-form", "a union has one form or more"),
    rule("mixed-union", "a union has no other type keywords"),
    rule("form-title", "a form that is not a `$ref` has a `title`"),
    rule("form-kind", "a form is a scalar, a list or a named object"),
    rule(
        "forms-alike",
        "no two forms are the same kind of JSON, except tagged objects; integer and number count as two",
    ),
    rule("discriminator", "two or more objects have a discriminator"),
    rule("mapping", "`mapping` has every object of the union and nothing else"),
    rule("mapping-tag", "every value of `mapping` is a value of the form's tag"),
    rule("when-untagged", "`x-when-untagged` is a form of the union"),
    // enums
    rule("enum-type", "enums are of strings"),
    rule("enum-values", "an enum has values, and each occurs once"),
    style("enum-descriptions", "every value of a named enum has a description"),
    rule("enum-key", "the keys of the tables beside an enum are its values"),
    // identifiers
    rule("name", "components and given names are PascalCase"),
    rule("reserved-name", "no component has the name of an existing type"),
    style("component-collision", "no two components differ only in case"),
    rule("property-name", "every property makes the name of a field"),
    rule("reserved-property", "no property has the name of a member of every struct"),
    rule("property-collision", "no two properties make the same field"),
    rule("variant-name", "every variant has a Rust name, and none is `Unknown`"),
    rule("variant-collision", "no two variants have the same name"),
    rule("variant-key", "the keys of `x-variant-names` are forms of the union"),
    // descriptions
    style("description", "everything that becomes a public item has a description"),
    style("description-markup", "descriptions are plain sentences"),
    // streams
    rule(
        "stream-rule",
        "every property of a streamed object is optional, and has an `x-stream` that fits its type",
    ),
    rule(
        "stream-target",
        "the whole that pieces add up to exists, and has every key of the pieces",
    ),
    // services
    rule(
        "unknown-service",
        "`x-services` has names of `x-service-names`, if the document has such a list",
    ),
];
