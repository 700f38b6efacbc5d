//! Rules on how a stream adds up: `x-stream`, `x-adds-up-to` and `x-stream-unknown`.
//!
//! [`super::extensions`] checks that these keys stand where they are read, and [`crate::stream`]
//! generates code from them.

use super::context::{Context, Place, Role};
use crate::load::{Entry, Node};
use crate::model::{Component, StreamRule, pointer};
use crate::problem::Problem;
use crate::suggest;

/// Checks every component that is streamed in pieces, and that no other component has rules.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    for place in context.places.iter().filter(|place| place.role == Role::Component) {
        let properties = place.node.get("properties").map(Node::entries).unwrap_or_default();
        let Some(entry) = place.node.entry("x-adds-up-to") else {
            without_whole(place, properties, found);
            continue;
        };
        unknown_texts(place, found);
        let wholes = wholes(place, entry, context, found);
        mandatory(&place.name(), place.node, found);
        for whole in wholes.iter().filter(|whole| !std::ptr::eq(whole.schema, place.node)) {
            mandatory(&format!("`{}`", whole.name), whole.schema, found);
        }
        for property in properties {
            property_rule(place, property, context, &wholes, found);
        }
    }
}

/// Reports rules on a component that adds up to nothing.
fn without_whole(place: &Place<'_>, properties: &[Entry], found: &mut Vec<Problem>) {
    let rules = properties.iter().filter_map(|property| property.value.entry("x-stream"));
    for rule in rules.chain(place.node.entry("x-stream-unknown")) {
        let what = format!("`{}` in {}, which has no `x-adds-up-to`", rule.key, place.name());
        let problem = Problem::error("stream-target", what)
            .why("its pieces add up to nothing, so the rule would be dropped")
            .fix(
                "add `x-adds-up-to: '#/components/schemas/…'` to the component, or remove the rule",
            );
        found.push(problem.at(&rule.at));
    }
}

/// Reports mandatory properties of a piece or a whole. A constant may be mandatory, because it is always known.
fn mandatory(name: &str, object: &Node, found: &mut Vec<Problem>) {
    let is_constant = |key: &str| {
        let property = object.get("properties").and_then(|properties| properties.get(key));
        let values = property.and_then(|property| property.get("enum"));
        values.is_some_and(|values| values.items().len() == 1)
    };
    let required = object.get("required").map(Node::items).unwrap_or_default();
    for key in required.iter().filter(|key| !key.as_str().is_some_and(is_constant)) {
        let text = key.as_str().unwrap_or_default();
        let problem = Problem::error("stream-rule", format!("`{text}` is mandatory in {name}"))
            .why("a stream may be cut before the key comes, and the rest must not be lost")
            .fix("remove it from `required`");
        found.push(problem.at(&key.at));
    }
}

fn unknown_texts(place: &Place<'_>, found: &mut Vec<Problem>) {
    let Some(entry) = place.node.entry("x-stream-unknown") else { return };
    if entry.value.as_str().is_some_and(|text| matches!(text, "join" | "last")) {
        return;
    }
    let problem = Problem::error("stream-rule", format!("`x-stream-unknown` of {}", place.name()))
        .why("it says how texts of unknown keys add up")
        .fix("use `join` or `last`");
    found.push(problem.at(&entry.at));
}

/// The objects that the pieces add up to: one, or the object forms of a union.
fn wholes<'a>(
    place: &Place<'_>,
    entry: &Entry,
    context: &Context<'a>,
    found: &mut Vec<Problem>,
) -> Vec<&'a Component<'a>> {
    let pointer = entry.value.as_str().unwrap_or_default();
    let Some(whole) = context.component(pointer) else {
        let names = context.model.components.iter().map(|component| component.name);
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let meant = suggest::closest(name, names).unwrap_or(name);
        let what = format!("`x-adds-up-to` of {} leads to `{pointer}`", place.name());
        let problem = Problem::error("stream-target", what)
            .why("the pieces must add up to a component, and this one does not exist")
            .fix(format!("write `#/components/schemas/{meant}`, or add that component"));
        found.push(problem.at(&entry.at));
        return Vec::new();
    };
    match whole.schema.get("oneOf") {
        None => vec![whole],
        Some(forms) => forms.items().iter().filter_map(|form| context.target(form)).collect(),
    }
}

fn property_rule(
    place: &Place<'_>,
    property: &Entry,
    context: &Context<'_>,
    wholes: &[&Component],
    found: &mut Vec<Problem>,
) {
    let name = format!("property `{}` of {}", property.key, place.name());
    let Some(entry) = property.value.entry("x-stream") else {
        let problem = Problem::error("stream-rule", format!("{name} has no `x-stream`"))
            .why("the generator cannot know how its values add up over a stream")
            .fix(format!("add `x-stream:` with one of {}", names()));
        found.push(problem.at(&property.at));
        return;
    };
    let Some(rule) = entry.value.as_str().and_then(StreamRule::named) else {
        let problem = Problem::error("stream-rule", format!("`x-stream` of {name}"))
            .why("the generator does not know this rule")
            .fix(format!("use one of {}", names()));
        found.push(problem.at(&entry.at));
        return;
    };
    if let Some(needed) = needs(rule, &property.value, context) {
        let text = entry.value.as_str().unwrap_or_default();
        let problem = Problem::error("stream-rule", format!("`x-stream: {text}` of {name}"))
            .why(format!("this rule is for {needed}"))
            .fix("use a rule for the property's type");
        found.push(problem.at(&entry.at));
    }
    if matches!(rule, StreamRule::Omit | StreamRule::HandWritten) {
        return;
    }
    target_property(&name, property, context, wholes, found);
}

/// What the rule needs, if the schema does not have it.
fn needs(rule: StreamRule, schema: &Node, context: &Context<'_>) -> Option<&'static str> {
    let target = context.target(schema).map_or(schema, |target| target.schema);
    let kind = target.get("type").and_then(Node::as_str);
    let is_text = kind == Some("string") && target.get("enum").is_none();
    let takes_text = |form: &Node| form.get("type").and_then(Node::as_str) == Some("string");
    let is_text_union =
        target.get("oneOf").is_some_and(|forms| forms.items().iter().any(takes_text));
    let item = target.get("items").and_then(|items| context.target(items));
    let is_part = item.is_some_and(|item| item.schema.get("x-adds-up-to").is_some());
    let (fits, needed) = match rule {
        StreamRule::Join => (is_text || is_text_union, "texts, and unions with a text"),
        StreamRule::Closing => (is_text, "texts"),
        StreamRule::Append => (kind == Some("array"), "lists"),
        StreamRule::ByIndex => {
            (kind == Some("array") && is_part, "lists of a component with `x-adds-up-to`")
        }
        StreamRule::Merge => {
            (kind == Some("object") && target.get("properties").is_some(), "named objects")
        }
        _ => return None,
    };
    (!fits).then_some(needed)
}

/// The whole has the same property, with the same type or with the type that the pieces add up to.
fn target_property(
    name: &str,
    property: &Entry,
    context: &Context<'_>,
    wholes: &[&Component],
    found: &mut Vec<Problem>,
) {
    let has_counterpart = |whole: &&Component| {
        let theirs = whole.schema.get("properties").and_then(|all| all.get(&property.key));
        theirs.is_some_and(|theirs| is_same_type(&property.value, theirs, context))
    };
    if wholes.is_empty() || wholes.iter().any(has_counterpart) {
        return;
    }
    let whole: Vec<_> = wholes.iter().map(|whole| format!("`{}`", whole.name)).collect();
    let whole = whole.join(" and ");
    let problem = Problem::error("stream-target", format!("{name} has no counterpart in {whole}"))
        .why("the completion would have no place for it")
        .fix(format!(
            "add `{}` to {whole} with the same type, or say `x-stream: omit`",
            property.key
        ));
    found.push(problem.at(&property.at));
}

fn is_same_type(piece: &Node, whole: &Node, context: &Context<'_>) -> bool {
    if let (Some(piece_items), Some(whole_items)) = (piece.get("items"), whole.get("items")) {
        return is_same_type(piece_items, whole_items, context);
    }
    let (ours, theirs) = (pointer(piece), pointer(whole));
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            let target = context.component(ours).and_then(|entry| entry.schema.get("x-adds-up-to"));
            ours == theirs || target.and_then(Node::as_str) == Some(theirs)
        }
        (None, None) => {
            let kind = |node: &Node| node.get("type").and_then(Node::as_str).map(str::to_owned);
            kind(piece) == kind(whole)
        }
        _ => both_are_texts(piece, whole, context),
    }
}

/// A tag may be any string in the piece, and a constant or an enum in the whole.
fn both_are_texts(piece: &Node, whole: &Node, context: &Context<'_>) -> bool {
    let is_text = |node: &Node| {
        let target = context.target(node).map_or(node, |target| target.schema);
        target.get("type").and_then(Node::as_str) == Some("string")
    };
    is_text(piece) && is_text(whole)
}

fn names() -> String {
    StreamRule::ALL.map(|(name, _)| format!("`{name}`")).join(", ")
}
