//! The list of rules, for people and for the test that each has a document which breaks it. What a
//! rule looks at, and what it says, is in the file of its family.

/// A rule that a document can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What stands in the brackets of a problem.
    pub id: &'static str,
    /// What the rule asks for.
    pub doc: &'static str,
}

const fn rule(id: &'static str, doc: &'static str) -> Rule {
    Rule { id, doc }
}

/// All rules, those of reading first, then by family.
pub const RULES: &[Rule] = &[
    // load
    rule("not-utf8", "the file is UTF-8"),
    rule("yaml-syntax", "the file is YAML, and its values have counterparts in JSON"),
    rule("empty-document", "the file is not empty"),
    rule("second-document", "the file holds one YAML document"),
    rule("duplicate-key", "a key stands once in an object"),
    rule("key-not-string", "keys are strings; only whole numbers such as 200 need no quotes"),
    rule("too-deep", "values are nested at most 128 deep"),
    rule("too-large", "aliases do not blow the document up"),
    // overlay
    rule("overlay-version", "an overlay is of the Overlay Specification 1.0 or 1.1"),
    rule("overlay-action", "an overlay has actions, and each of them says one thing"),
    rule("overlay-path", "targets are JSONPath as in RFC 9535"),
    rule("overlay-target", "a target selects something"),
    rule("overlay-merge", "an update fits what it is merged into"),
    rule("overlay-no-effect", "an action changes something"),
    // document
    rule("openapi-version", "the document is OpenAPI 3.0"),
    rule("openapi-31", "nothing of OpenAPI 3.1 is used"),
    rule("wrong-type", "values are of the kind that OpenAPI says"),
    rule("missing-key", "keys without which nothing can be generated are there"),
    rule("unknown-key", "every key is known to OpenAPI 3.0"),
    rule("unsupported-key", "no key is used that the generator would drop"),
    rule("unknown-extension", "every `x-` key is known to the generator"),
    rule("misplaced-key", "a key stands where it is read"),
    // references
    rule("dangling-ref", "every `$ref` leads to something"),
    rule("external-ref", "no `$ref` leads out of the document"),
    rule("cyclic-ref", "no `$ref` leads back to itself"),
    rule("ref-siblings", "nothing stands beside a bare `$ref`"),
    rule("ref-place", "`$ref` stands for schemas, responses and headers only"),
    rule("ref-target", "`$ref` leads to a whole component of the right sort"),
    rule("unreferenced", "every component is needed by an operation"),
    // operations
    rule("operation-id", "every operation has an `operationId`"),
    rule("operation-id-name", "every `operationId` makes a method name that is free"),
    rule("duplicate-operation-id", "no two operations make the same method name"),
    rule("duplicate-parameter", "no two parameters make the same argument name"),
    rule("parameter-name", "every parameter makes the name of an argument"),
    rule("parameter-in", "parameters are in the path or the query"),
    rule("parameter-style", "parameters are `name=value`, or `deepObject` for maps in the query"),
    rule("path-parameter", "the path's placeholders and its parameters are the same"),
    rule("path", "a path begins with `/` and its braces match"),
    rule("status", "the keys of `responses` are statuses"),
    rule("request-required", "a request body that is described is always sent"),
    rule("request-media-type", "a request is JSON"),
    rule("response-media-type", "an answer is JSON, and may be a stream of events as well"),
    rule("media-type-schema", "every media type has a schema"),
    rule("one-success", "an operation has one answer of success"),
    rule("inline-success", "the answer of success stands in its operation"),
    rule("one-error-type", "all errors of an operation have one schema"),
    // schemas
    rule("any-of", "there is no `anyOf`"),
    rule("all-of", "`allOf` wraps one `$ref` and does nothing else"),
    rule("default", "there is no `default`"),
    rule("type", "every `type` is known, and objects say that they are"),
    rule("untyped", "only a component may be any JSON"),
    rule("items", "a list says what is in it"),
    rule("format", "a `format` is known for its type"),
    rule("integer-format", "integers are `format: int64`"),
    rule("integer-bounds", "bounds of integers fit into 64 bits with a sign"),
    rule("inline-object", "every object has a name"),
    rule("inline-union", "every union has a name"),
    rule("inline-enum", "every enum with more than one value has a name"),
    rule("nullable-component", "`nullable` stands at the use, not at the component"),
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
    rule("no-form", "a union has a form or more"),
    rule("mixed-union", "a union is nothing else besides"),
    rule("form-title", "a form that is no `$ref` has a `title`"),
    rule("form-kind", "a form is a scalar, a list or a named object"),
    rule(
        "forms-alike",
        "no two forms are the same kind of JSON; tagged objects, and an integer and a number, excepted",
    ),
    rule("discriminator", "two or more objects have a discriminator"),
    rule("mapping", "`mapping` has every object of the union and nothing else"),
    rule("mapping-tag", "a value of `mapping` is one that the form's tag has"),
    rule("when-untagged", "`x-when-untagged` is a form of the union"),
    // enums
    rule("enum-type", "enums are of strings"),
    rule("enum-values", "an enum has values, each once"),
    rule("enum-descriptions", "every value of a named enum is described"),
    rule("enum-key", "the tables beside an enum speak of its values"),
    // identifiers
    rule("name", "components and given names are PascalCase"),
    rule("reserved-name", "no component has the name of a type that is there already"),
    rule("component-collision", "no two components differ only in case"),
    rule("property-name", "every property makes the name of a field"),
    rule("reserved-property", "no property has the name of what every struct has"),
    rule("property-collision", "no two properties make the same field"),
    rule("variant-name", "every variant has a Rust name, and none is `Unknown`"),
    rule("variant-collision", "no two variants have the same name"),
    rule("variant-key", "`x-variant-names` speaks of forms of the union"),
    // descriptions
    rule("description", "whatever becomes a public item is described"),
    rule("description-markup", "descriptions are plain sentences"),
    // streams
    rule("stream-rule", "every property of a streamed object has an `x-stream` that fits its type"),
    rule(
        "stream-target",
        "what the pieces of a stream add up to exists and has a place for each key",
    ),
];
