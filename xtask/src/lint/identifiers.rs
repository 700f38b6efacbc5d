//! Rules on names: each becomes a Rust name, and no two become the same. [`crate::names`] turns
//! wire names into Rust names.

use std::collections::BTreeMap;

use super::context::{Context, Place, Role, strings};
use crate::load::{Entry, Node};
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
const IN_SCOPE: [&str; 69] = [
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
    "MapAccess",
    "None",
    "Object",
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
    "SeqAccess",
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
    for place in &context.places {
        properties(place, found);
        if place.role == Role::Component {
            enum_variants(place, found);
            union_variants(place, context, found);
        }
    }
}

fn components(context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut seen: BTreeMap<String, (&str, &Position)> = BTreeMap::new();
    for Entry { key, at, .. } in context.components {
        if !is_pascal_case(key) {
            found.push(not_pascal_case(key, &names::variant(key)).at(at));
        } else if is_taken(key) {
            let problem = Problem::error("reserved-name", format!("a component called `{key}`"))
                .why("another type in Rust already has this name")
                .fix("use a longer name");
            found.push(problem.at(at));
        }
        if let Some((other, first)) = seen.insert(key.to_lowercase(), (key.as_str(), at)) {
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

fn enum_variants(place: &Place<'_>, found: &mut Vec<Problem>) {
    let given = given_names(place, "x-enum-names", found);
    let values = strings(place.node.get("enum"));
    let variant =
        |value: &str| given.get(value).map_or_else(|| names::variant(value), Clone::clone);
    let variants = values.map(|(value, node)| (value, variant(value), &node.at));
    distinct(variants, "x-enum-names", found);
}

fn union_variants(place: &Place<'_>, context: &Context<'_>, found: &mut Vec<Problem>) {
    let forms = place.node.get("oneOf").map(Node::items).unwrap_or_default();
    let given = given_names(place, "x-variant-names", found);
    let mapping = place.node.get("discriminator").and_then(|node| node.get("mapping"));
    let mapping = mapping.map(Node::entries).unwrap_or_default();
    let variants = forms.iter().filter_map(|form| {
        let target = context.target(form).map(|entry| entry.key.as_str());
        let tag = target.and_then(|target| mapping.iter().find(|entry| leads_to(entry, target)));
        let tag = tag.map(|entry| entry.key.as_str());
        let title = form.get("title").and_then(Node::as_str);
        let name = [tag, target].into_iter().flatten().find_map(|key| given.get(key).cloned());
        let source = title.or(tag).or(target)?;
        Some((source, name.unwrap_or_else(|| names::variant(source)), &form.at))
    });
    distinct(variants, "x-variant-names", found);
    let targets = forms.iter().filter_map(|form| Some(context.target(form)?.key.as_str()));
    let known: Vec<_> = mapping.iter().map(|entry| entry.key.as_str()).chain(targets).collect();
    unknown_keys(place, &known, found);
}

fn leads_to(mapping: &Entry, component: &str) -> bool {
    let name = mapping.value.as_str().and_then(|p| p.strip_prefix("#/components/schemas/"));
    name == Some(component)
}

/// Checks a table of Rust names.
fn given_names<'a>(
    place: &Place<'a>,
    table: &str,
    found: &mut Vec<Problem>,
) -> BTreeMap<&'a str, String> {
    let mut given = BTreeMap::new();
    for entry in place.node.get(table).map(Node::entries).unwrap_or_default() {
        let Some(name) = entry.value.as_str() else { continue };
        if is_pascal_case(name) {
            given.insert(entry.key.as_str(), name.to_owned());
        } else {
            found.push(not_pascal_case(name, &names::variant(name)).at(&entry.value.at));
        }
    }
    given
}

fn distinct<'a>(
    variants: impl Iterator<Item = (&'a str, String, &'a Position)>,
    table: &str,
    found: &mut Vec<Problem>,
) {
    let mut seen: BTreeMap<String, (&str, &Position)> = BTreeMap::new();
    for (source, variant, at) in variants {
        let fix = format!("name it in `{table}`");
        let why = match variant.as_str() {
            "Unknown" => Some("`Unknown` is the variant for unknown values"),
            name if !is_pascal_case(name) => Some("it is not a Rust name"),
            _ => None,
        };
        if let Some(why) = why {
            let what = format!("`{source}` becomes `{variant}` in Rust");
            found.push(Problem::error("variant-name", what).why(why).fix(&fix).at(at));
        }
        // `enums` reports a repeated value.
        if let Some((_, first)) = seen.get(&variant).filter(|(other, _)| *other != source) {
            found.push(collision("variant-collision", source, &variant, first).fix(&fix).at(at));
        }
        seen.insert(variant, (source, at));
    }
}

fn unknown_keys(place: &Place<'_>, known: &[&str], found: &mut Vec<Problem>) {
    let table = place.node.get("x-variant-names").map(Node::entries).unwrap_or_default();
    for entry in table.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let what = format!("`x-variant-names` of {} names `{}`", place.name(), entry.key);
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
