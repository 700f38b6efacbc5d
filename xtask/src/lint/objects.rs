//! Rules on objects and their properties: open, required, nullable, constant. [`super::unions`]
//! checks unions of objects.

use super::context::{Context, Place, strings};
use crate::load::{Entry, Node};
use crate::model::flag;
use crate::problem::Problem;
use crate::{names, suggest};

/// How many nulls an object can keep beside its values.
pub(crate) const MOST_NULLS: usize = 32;

/// The most properties of an object. A real one has a few hundred.
const MOST_PROPERTIES: usize = 10_000;

/// Checks every object of the document.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    for place in &context.places {
        let properties = place.node.entry("properties");
        if properties.is_none() && place.type_name() != Some("object") {
            continue;
        }
        missing_type(place, found);
        open(place, context, found);
        required(place, found);
        let properties = properties.map(|entry| entry.value.entries()).unwrap_or_default();
        for property in properties {
            property_rules(place, property, context, found);
        }
        kept_nulls(place, properties, found);
        size(place, properties, found);
    }
}

fn missing_type(place: &Place<'_>, found: &mut Vec<Problem>) {
    if place.type_name().is_none() && !place.has("type") {
        let problem =
            Problem::error("type", format!("{} has properties and no type", place.name()))
                .why("the generator would have to guess it")
                .fix("add `type: object`");
        found.push(problem.at(place.at));
    }
}

/// Objects accept unknown keys, and an object is a struct or a map, not both.
fn open(place: &Place<'_>, context: &Context<'_>, found: &mut Vec<Problem>) {
    let Some(entry) = place.node.entry("additionalProperties") else { return };
    if entry.value.as_bool() == Some(false) {
        let why = match context.is_answered(place.owner) {
            true => "an answer with one new key would be refused",
            false => "keys that this version does not know are to be kept",
        };
        let what = format!("`additionalProperties: false` in {}", place.name());
        let problem = Problem::error("closed-object", what).why(why).fix("remove it");
        found.push(problem.at(&entry.at));
    } else if place.has("properties") {
        let what = format!("{} has properties and `additionalProperties`", place.name());
        let problem = Problem::error("mixed-object", what)
            .why(
                "it is a struct, which keeps all other keys anyway, or a map, which has only those",
            )
            .fix("remove `additionalProperties`, because `extra` keeps all other keys");
        found.push(problem.at(&entry.at));
    }
}

/// `required` names properties that exist, each once.
fn required(place: &Place<'_>, found: &mut Vec<Problem>) {
    let known = place.node.get("properties").map(Node::keys).unwrap_or_default();
    let mut seen = Vec::new();
    for (name, node) in strings(place.node.get("required")) {
        let what = format!("`required` of {} names `{name}`", place.name());
        let problem = Problem::error("required", what);
        if seen.contains(&name) {
            let problem = problem.why("it is repeated").fix("remove one of the two");
            found.push(problem.at(&node.at));
        } else if !known.contains(&name) {
            let fix = match suggest::closest(name, known.iter().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => "remove it, or describe the property".to_owned(),
            };
            found.push(problem.why("the object does not have this property").fix(fix).at(&node.at));
        }
        seen.push(name);
    }
}

fn property_rules(
    place: &Place<'_>,
    property: &Entry,
    context: &Context<'_>,
    found: &mut Vec<Problem>,
) {
    let is_required = strings(place.node.get("required")).any(|(name, _)| name == property.key);
    let name = format!("property `{}` of {}", property.key, place.name());
    nullable(&name, property, is_required && context.is_answered(place.owner), found);
    constant(&name, property, is_required, found);
    constructor_value(&name, property, context, found);
    wire_optional(&name, property, is_required, found);
    keep_null(&name, place, property, is_required, context, found);
}

fn nullable(name: &str, property: &Entry, must_be_there: bool, found: &mut Vec<Problem>) {
    if must_be_there && flag(&property.value, "nullable") {
        let problem = Problem::error(
            "nullable-required",
            format!("{name} is required and nullable"),
        )
        .why("an answer without the key would be refused, because only `null` is allowed")
        .fix("remove it from `required`, and name the service that omits it in `x-wire-optional`");
        found.push(problem.at(&property.at));
    }
}

/// A property with one possible value must be required, because the generated code always writes
/// it.
fn constant(name: &str, property: &Entry, is_required: bool, found: &mut Vec<Problem>) {
    let values = property.value.get("enum").map(Node::items).unwrap_or_default();
    if values.len() == 1 && !is_required {
        let problem = Problem::error(
            "optional-constant",
            format!("{name} is optional with one value"),
        )
        .why("a constant is not a field, so its presence would be lost")
        .fix("refer to a named enum; put it into `required` only if every message has the key");
        found.push(problem.at(&property.at));
    }
}

fn constructor_value(
    name: &str,
    property: &Entry,
    context: &Context<'_>,
    found: &mut Vec<Problem>,
) {
    let Some(entry) = property.value.entry("x-constructor-value") else { return };
    let Some(value) = entry.value.as_str() else { return };
    let target = context.target(&property.value).and_then(|target| target.schema.get("enum"));
    if !strings(target).any(|(known, _)| known == value) {
        let known: Vec<_> = strings(target).map(|(known, _)| known).collect();
        let fix = match known.is_empty() {
            true => "refer to a named enum with `allOf: [{$ref: …}]`".to_owned(),
            false => format!("write one of {}", known.join(", ")),
        };
        let what = format!("`x-constructor-value: {value}` of {name}");
        let problem = Problem::error("constructor-value", what)
            .why("the constructor sets a value of the enum that the property refers to")
            .fix(fix);
        found.push(problem.at(&entry.value.at));
    }
}

fn wire_optional(name: &str, property: &Entry, is_required: bool, found: &mut Vec<Problem>) {
    let Some(entry) = property.value.entry("x-wire-optional") else { return };
    let is_empty = entry.value.as_str().is_some_and(|reason| reason.trim().is_empty());
    if is_required || is_empty {
        let problem = Problem::error("wire-optional", format!("`x-wire-optional` of {name}"))
            .why("it says why a key is *not* in `required`")
            .fix(match is_required {
                true => "remove the property from `required`, or remove the reason",
                false => "name the service that omits it",
            });
        found.push(problem.at(&entry.at));
    }
}

/// A null is kept beside an optional value, or in the unknown arm of a mandatory union.
fn keep_null(
    name: &str,
    place: &Place<'_>,
    property: &Entry,
    is_required: bool,
    context: &Context<'_>,
    found: &mut Vec<Problem>,
) {
    let Some(entry) = property.value.entry("x-keep-null") else { return };
    let in_extra = entry.value.as_str().is_some();
    if in_extra && is_required {
        let problem = Problem::error("keep-null", format!("`x-keep-null` of {name}"))
            .why("an object that has null for a mandatory value does not fit as a whole")
            .fix("remove `x-keep-null`, or remove the property from `required`");
        found.push(problem.at(&entry.at));
    }
    if !flag(&property.value, "x-keep-null") {
        return;
    }
    let is_union =
        context.target(&property.value).is_some_and(|target| target.schema.get("oneOf").is_some());
    let is_nullable = flag(&property.value, "nullable");
    let problem = Problem::error("keep-null", format!("`x-keep-null` of {name}"));
    let problem = match (is_required, is_nullable) {
        (false, false) => problem
            .why("the document does not allow null there")
            .fix("add `nullable: true`, or remove `x-keep-null`"),
        (true, false) if is_union => return taken_names(name, place, property, entry, found),
        (true, _) => problem
            .why("a mandatory value has no place for a null, unless it is a union, whose unknown arm keeps it")
            .fix("remove the property from `required`, or refer to a union without `nullable`"),
        (false, true) => return taken_names(name, place, property, entry, found),
    };
    found.push(problem.at(&entry.at));
}

/// A struct has a field and a setter for each property.
fn size(place: &Place<'_>, properties: &[Entry], found: &mut Vec<Problem>) {
    if let Some(beyond) = properties.get(MOST_PROPERTIES) {
        let what = format!("{} has {} properties", place.name(), properties.len());
        let problem = Problem::error("too-large", what)
            .why(format!(
                "a struct with more than {MOST_PROPERTIES} fields takes gigabytes to generate and to compile"
            ))
            .fix("describe the keys as a map with `additionalProperties`, or take a part with `--only`");
        found.push(problem.at(&beyond.at));
    }
}

/// The nulls of an object are the bits of one integer.
fn kept_nulls(place: &Place<'_>, properties: &[Entry], found: &mut Vec<Problem>) {
    let kept = |property: &&Entry| flag(&property.value, "x-keep-null");
    let beyond = properties.iter().filter(kept).nth(MOST_NULLS);
    if let Some(entry) = beyond.and_then(|property| property.value.entry("x-keep-null")) {
        let what = format!("{} has more than {MOST_NULLS} times `x-keep-null: true`", place.name());
        let problem = Problem::error("keep-null", what)
            .why("the nulls of an object are kept in an integer of 32 bits")
            .fix("write `x-keep-null: in-extra` from here on, which needs no methods for the null");
        found.push(problem.at(&entry.at));
    }
}

/// The methods for the null must not have the name of a setter.
fn taken_names(
    name: &str,
    place: &Place<'_>,
    property: &Entry,
    entry: &Entry,
    found: &mut Vec<Problem>,
) {
    let (set, read) = names::null_methods(&names::field(&property.key));
    let keys = place.node.get("properties").map(Node::keys).unwrap_or_default();
    let taken = |key: &&&str| [&set, &read].contains(&&names::field(key));
    if let Some(key) = keys.iter().find(taken) {
        let problem = Problem::error("keep-null", format!("`x-keep-null` of {name}"))
            .why(format!("the property `{key}` has the name of a method for the null"))
            .fix("remove `x-keep-null`");
        found.push(problem.at(&entry.at));
    }
}
