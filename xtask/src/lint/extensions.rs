//! Rules on keys that are read only in some places: `x-` keys, `title`, `discriminator`.
//! [`super::document`] checks whether such a key exists at all.

use super::context::{Context, Place, Role};
use crate::problem::Problem;

/// Checks that every such key stands in a place where it is read.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    for place in &context.places {
        for entry in place.node.entries() {
            let Some((right, place_name)) = belongs(place, &entry.key) else { continue };
            if !right {
                let what = format!("`{}` in {}", entry.key, place.name());
                let problem = Problem::error("misplaced-key", what)
                    .why("nothing reads it here, so it would be dropped")
                    .fix(format!("it belongs to {place_name}; move or remove it"));
                found.push(problem.at(&entry.at));
            }
        }
    }
}

/// Whether `key` is read here, and where it is read. `None` for keys that are read everywhere.
fn belongs(place: &Place<'_>, key: &str) -> Option<(bool, &'static str)> {
    let is_property = matches!(place.role, Role::Property(_));
    let is_union = place.has("oneOf") || place.has("anyOf");
    let is_component = place.role == Role::Component;
    Some(match key {
        "title" => (place.role == Role::Arm, "a form of a union that is not a `$ref`"),
        "discriminator" | "x-variant-names" | "x-when-untagged" => {
            (is_component && is_union, "a named union")
        }
        "x-enum-descriptions" | "x-enum-names" => {
            (is_component && place.has("enum"), "a named enum")
        }
        "x-boxed" | "x-constructor-value" | "x-keep-null" | "x-stream" | "x-wire-optional" => {
            (is_property, "a property")
        }
        "x-adds-up-to" | "x-stream-unknown" => (
            is_component && place.type_name() == Some("object"),
            "a named object that is streamed in pieces",
        ),
        "x-services" => (
            is_property || is_component || matches!(place.role, Role::Parameter(_)),
            "a property, a parameter or a component",
        ),
        "properties" | "required" | "additionalProperties" => {
            (place.type_name().is_none_or(|name| name == "object"), "an object")
        }
        "items" => (place.type_name() == Some("array"), "a list: `type: array`"),
        _ => return None,
    })
}
