//! Rules on names: each becomes a Rust name, and no two become the same. [`crate::names`] turns
//! wire names into Rust names.

use std::collections::BTreeMap;

use super::context::{Context, Place};
use crate::load::Node;
use crate::model::{Component, EnumValue, Kind, Union, entries, reference};
use crate::names;
use crate::problem::{Position, Problem};
use crate::suggest;

/// Hand-written types, in the types crate or in the crate that re-exports everything.
const HAND_WRITTEN: [&str; 26] = [
    "ByteStream",
    "ChatStream",
    "Client",
    "ClientBuilder",
    "Error",
    "ErrorKind",
    "Extra",
    "Finding",
    "FindingKind",
    "FirstError",
    "GatewayError",
    "Incomplete",
    "InvalidRequest",
    "Nulls",
    "OrderedMap",
    "Path",
    "RateLimit",
    "RateLimits",
    "RequestProblem",
    "Response",
    "Retry",
    "Step",
    "StreamError",
    "Unknown",
    "UnknownValue",
    "UnknownVariant",
];
/// Names that every file has in scope, or that the generated code uses.
const IN_SCOPE: [&str; 66] = [
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Bounds",
    "Box",
    "Clone",
    "Copy",
    "Cow",
    "Debug",
    "Default",
    "Deserialize",
    "Deserializer",
    "Display",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "FromJson",
    "FromStr",
    "Hash",
    "Infallible",
    "Into",
    "IntoIterator",
    "Iterator",
    "JsonSchema",
    "Keys",
    "None",
    "ObjectReader",
    "Ok",
    "Option",
    "Ord",
    "Outcome",
    "PartialEq",
    "PartialOrd",
    "Parts",
    "Pattern",
    "Report",
    "Result",
    "Scalar",
    "Schema",
    "SchemaGenerator",
    "Self",
    "Send",
    "Serialize",
    "Serializer",
    "Sized",
    "Some",
    "String",
    "Sync",
    "Tagged",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Validate",
    "Value",
    "Vec",
];
/// Fields and methods of every generated struct.
const MEMBERS: [&str; 11] = [
    "clone",
    "default",
    "deserialize",
    "extra",
    "fmt",
    "new",
    "nulls",
    "serialize",
    "strip_unknown",
    "visit_unknown",
    "with_extra",
];

/// Checks the names of components, properties and variants.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    components(context, found);
    context.places.iter().for_each(|place| properties(place, found));
    for component in &context.model.components {
        match &component.kind {
            Kind::Enum(values) => enum_variants(component, values, found),
            Kind::Union(union) => union_variants(component, union, found),
            Kind::Object(_) | Kind::Alias => {}
        }
    }
}

fn components(context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut seen: BTreeMap<String, (&str, &Position)> = BTreeMap::new();
    for Component { name: key, at, .. } in &context.model.components {
        if !is_pascal_case(key) {
            found.push(not_pascal_case(key, &names::variant(key)).at(at));
        } else if is_taken(key) {
            let problem = Problem::error("reserved-name", format!("a component called `{key}`"))
                .why("another type in Rust already has this name")
                .fix("use a longer name");
            found.push(problem.at(at));
        }
        if let Some((other, first)) = seen.insert(key.to_lowercase(), (*key, *at)) {
            let what = format!("`{key}` and `{other}` of line {} differ only in case", first.line);
            let problem = Problem::error("component-collision", what)
                .why("readers and some file systems confuse names that differ only in case")
                .fix("rename one of the two");
            found.push(problem.at(at));
        }
    }
}

fn not_pascal_case(name: &str, better: &str) -> Problem {
    Problem::error("name", format!("`{name}` is not a Rust name for a type or variant"))
        .why("the name is used in Rust unchanged")
        .fix(format!("write it in PascalCase, such as `{better}`"))
}

fn collision(rule: &'static str, name: &str, rust: &str, first: &Position) -> Problem {
    Problem::error(rule, format!("`{name}` becomes `{rust}` in Rust"))
        .why(format!("the name on line {} becomes the same", first.line))
        .fix("rename one of the two")
}

fn properties(place: &Place<'_>, found: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for entry in place.node.get("properties").map(Node::entries).unwrap_or_default() {
        let field = names::field(&entry.key);
        if !is_snake_case(&field) {
            found.push(no_field_name("property-name", &entry.key, &entry.at));
        } else if is_member(&field) {
            let what = format!("a property `{}` in {}", entry.key, place.name());
            let problem = Problem::error("reserved-property", what)
                .why(format!("every generated struct already has `{field}`"))
                .fix("remove it from the document, because `extra` keeps unknown keys");
            found.push(problem.at(&entry.at));
        }
        if let Some(first) = seen.insert(field.clone(), &entry.at) {
            let problem = collision("property-collision", &entry.key, &field, first);
            found.push(
                problem
                    .fix("remove one of the two, because `extra` keeps unknown keys")
                    .at(&entry.at),
            );
        }
    }
}

fn enum_variants(component: &Component, values: &[EnumValue], found: &mut Vec<Problem>) {
    let refused = refused_names(component, "x-enum-names", found);
    let variants = values.iter().map(|value| (value.text, value.variant.as_str(), value.at));
    let variants = variants.filter(|(_, variant, _)| !refused.contains(variant));
    distinct(variants, "x-enum-names", found);
}

fn union_variants(component: &Component, union: &Union, found: &mut Vec<Problem>) {
    let refused = refused_names(component, "x-variant-names", found);
    let arms = union.arms.iter().zip(component.forms());
    let variants = arms.filter_map(|(arm, form)| {
        let title = form.get("title").and_then(Node::as_str);
        let source = title.or_else(|| arm.tag_values.first().copied()).or_else(|| reference(form));
        Some((source?, arm.variant.as_str(), arm.at))
    });
    let variants = variants.filter(|(_, variant, _)| !refused.contains(variant));
    distinct(variants, "x-variant-names", found);
    let tags = union.arms.iter().flat_map(|arm| &arm.tag_values).copied();
    let known: Vec<&str> = tags.chain(component.forms().iter().filter_map(reference)).collect();
    unknown_keys(component, &known, found);
}

/// Checks a table of Rust names, and returns those that cannot be one.
fn refused_names<'a>(
    component: &Component<'a>,
    table: &str,
    found: &mut Vec<Problem>,
) -> Vec<&'a str> {
    let given = entries(component.schema, table).iter();
    let given = given.filter_map(|entry| Some((entry.value.as_str()?, &entry.value.at)));
    let refused: Vec<_> = given.filter(|(name, _)| !is_pascal_case(name)).collect();
    let problem =
        |(name, at): &(&str, &Position)| not_pascal_case(name, &names::variant(name)).at(at);
    found.extend(refused.iter().map(problem));
    refused.into_iter().map(|(name, _)| name).collect()
}

fn distinct<'a>(
    variants: impl Iterator<Item = (&'a str, &'a str, &'a Position)>,
    table: &str,
    found: &mut Vec<Problem>,
) {
    let mut seen: BTreeMap<&str, (&str, &Position)> = BTreeMap::new();
    for (source, variant, at) in variants {
        let fix = format!("name it in `{table}`");
        let why = match variant {
            "Unknown" => Some("`Unknown` is the variant for unknown values"),
            name if !is_pascal_case(name) => Some("it is not a Rust name"),
            _ => None,
        };
        if let Some(why) = why {
            let what = format!("`{source}` becomes `{variant}` in Rust");
            found.push(Problem::error("variant-name", what).why(why).fix(&fix).at(at));
        }
        // `enums` reports a repeated value.
        if let Some((_, first)) = seen.get(variant).filter(|(other, _)| *other != source) {
            found.push(collision("variant-collision", source, variant, first).fix(&fix).at(at));
        }
        seen.insert(variant, (source, at));
    }
}

fn unknown_keys(component: &Component, known: &[&str], found: &mut Vec<Problem>) {
    let table = entries(component.schema, "x-variant-names").iter();
    for entry in table.filter(|entry| !known.contains(&entry.key.as_str())) {
        let what = format!("`x-variant-names` of `{}` names `{}`", component.name, entry.key);
        let problem = Problem::error("variant-key", what)
            .why("it is neither a value of the tag nor a form of the union")
            .fix(match suggest::closest(&entry.key, known.iter().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => "remove it; the `title` of an inline form is its name".to_owned(),
            });
        found.push(problem.at(&entry.at));
    }
}

/// Whether another type in Rust has this name.
pub(super) fn is_taken(name: &str) -> bool {
    HAND_WRITTEN.contains(&name) || IN_SCOPE.contains(&name)
}

/// Whether every generated struct has a member of this name.
pub(super) fn is_member(field: &str) -> bool {
    MEMBERS.contains(&field)
}

/// Whether a field, an argument or a method can have this name.
pub(super) fn is_snake_case(name: &str) -> bool {
    let known = |character: char| character.is_ascii_alphanumeric() || character == '_';
    name.chars().all(known) && name.contains(|character: char| character.is_ascii_alphanumeric())
}

/// Makes the problem for a wire name that leaves nothing for a Rust name.
pub(super) fn no_field_name(rule: &'static str, name: &str, at: &Position) -> Problem {
    Problem::error(rule, format!("`{name}` cannot become a Rust name"))
        .why("a Rust name needs an ASCII letter or digit, and may have no other letters")
        .fix("remove it from the document, because `extra` keeps unknown keys")
        .at(at)
}

fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|character| character.is_ascii_alphanumeric())
        && name != "Self"
}
