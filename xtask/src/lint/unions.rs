//! Rules on unions: the kind of JSON, or a tag in the object, says which form a value has.
//!
//! [`super::schemas`] checks that a union has a name, and [`super::identifiers`] the names of its
//! variants.

use super::context::{Context, Place, Role, strings};
use crate::load::{Entry, Node};
use crate::model::{Component, Json, component_name};
use crate::problem::{Position, Problem};

/// A form of a union.
struct Arm<'a> {
    node: &'a Node,
    /// The component that it refers to, if any.
    target: Option<&'a Component<'a>>,
    json: Json,
}

impl Arm<'_> {
    /// The name of the form in messages.
    fn name(&self) -> String {
        match self.target {
            Some(target) => format!("`{}`", target.name),
            None => "this form".to_owned(),
        }
    }
}

/// Checks every named union of the document.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    let unions = context.places.iter().filter(|place| place.role == Role::Component);
    for union in unions {
        let Some(forms) = union.node.entry("oneOf") else { continue };
        if union.has("type") || union.has("properties") || union.has("enum") {
            found.push(mixed_union(union));
        }
        let arms: Vec<Arm<'_>> =
            forms.value.items().iter().filter_map(|node| arm(node, context, found)).collect();
        if forms.value.is_array() && forms.value.items().is_empty() {
            found.push(no_form(union, &forms.at));
        }
        alike(&arms, found);
        Tags::of(union, &arms).check(context, found);
    }
}

fn mixed_union(union: &Place<'_>) -> Problem {
    Problem::error("mixed-union", format!("{} is a union and something else", union.name()))
        .why("only the forms would be generated")
        .fix("keep only `oneOf`, its discriminator and the description")
        .at(union.at)
}

fn no_form(union: &Place<'_>, at: &Position) -> Problem {
    Problem::error("no-form", format!("{} has no forms", union.name()))
        .why("no value would be valid")
        .fix("list the forms; a union with only one form is allowed")
        .at(at)
}

/// Returns a form, unless its kind cannot be a form.
fn arm<'a>(node: &'a Node, context: &Context<'a>, found: &mut Vec<Problem>) -> Option<Arm<'a>> {
    let target = context.target(node);
    if target.is_none() && node.get("$ref").is_some() {
        return None; // A dangling reference, reported by `references`.
    }
    let schema = target.map_or(node, |target| target.schema);
    let json = match schema.get("type").and_then(Node::as_str) {
        Some("string") => Some(Json::Text),
        Some("integer") => Some(Json::Integer),
        Some("number") => Some(Json::Number),
        Some("boolean") => Some(Json::Boolean),
        Some("array") => Some(Json::List),
        // `schemas` reports it if it has no name.
        Some("object") => target.map(|_| Json::Object),
        _ => None,
    };
    if target.is_none() && json.is_some() && node.get("title").is_none() {
        let problem = Problem::error("form-title", "a form without a name")
            .why("the form becomes a variant, whose name is the `title`")
            .fix("add `title:` with a name in PascalCase, such as `Text` or `Parts`");
        found.push(problem.at(&node.at));
    }
    if json.is_none() && schema.get("type").and_then(Node::as_str) != Some("object") {
        let problem = Problem::error("form-kind", "a form with more than one kind of JSON")
            .why("the decoder cannot tell it from the other forms")
            .fix("use a scalar, a list or the `$ref` of an object; list the forms of an inner union here");
        found.push(problem.at(&node.at));
    }
    json.map(|json| Arm { node, target, json })
}

/// No two forms are the same kind of JSON, except tagged objects.
fn alike(arms: &[Arm<'_>], found: &mut Vec<Problem>) {
    for (position, arm) in arms.iter().enumerate() {
        let before = arms.iter().take(position);
        let twin = before.into_iter().find(|other| other.json == arm.json);
        let Some(twin) = twin.filter(|_| arm.json != Json::Object) else { continue };
        let what = format!(
            "{} is the same kind of JSON as the form on line {}",
            arm.name(),
            twin.node.at.line
        );
        let problem = Problem::error("forms-alike", what)
            .why("the decoder cannot tell the two apart, so the second would never be used")
            .fix("merge the two forms; an enum also takes any string");
        found.push(problem.at(&arm.node.at));
    }
}

/// A tag distinguishes the object forms of a union.
struct Tags<'a> {
    union: &'a Place<'a>,
    objects: Vec<(&'a Arm<'a>, &'a Component<'a>)>,
    key: Option<&'a Node>,
    mapping: &'a [Entry],
}

impl<'a> Tags<'a> {
    fn of(union: &'a Place<'a>, arms: &'a [Arm<'a>]) -> Self {
        let objects = arms.iter().filter(|arm| arm.json == Json::Object);
        let discriminator = union.node.get("discriminator");
        Self {
            union,
            objects: objects.filter_map(|arm| Some((arm, arm.target?))).collect(),
            key: discriminator.and_then(|node| node.get("propertyName")),
            mapping: discriminator
                .and_then(|node| node.get("mapping"))
                .map(Node::entries)
                .unwrap_or_default(),
        }
    }

    fn check(&self, context: &Context<'_>, found: &mut Vec<Problem>) {
        if self.objects.len() > 1 && !self.union.has("discriminator") {
            found.push(self.no_discriminator());
        }
        for entry in self.mapping {
            self.check_mapping(entry, context, found);
        }
        if self.key.is_some() {
            self.unmapped(found);
        }
        self.when_untagged(found);
    }

    fn no_discriminator(&self) -> Problem {
        let what = format!("{} has objects and no discriminator", self.union.name());
        Problem::error("discriminator", what)
            .why("the decoder could only try one after the other")
            .fix("add `discriminator:` with `propertyName` and a `mapping` of each value to its form")
            .at(self.union.at)
    }

    /// Every object form has a value of the tag.
    fn unmapped(&self, found: &mut Vec<Problem>) {
        let targets: Vec<_> =
            self.mapping.iter().filter_map(|entry| entry.value.as_str()).collect();
        for (arm, target) in &self.objects {
            if !targets.iter().any(|pointer| points_at(pointer, target)) {
                let problem =
                    Problem::error("mapping", format!("`{}` is not in `mapping`", target.name))
                        .why("no value of the tag leads to it")
                        .fix(format!("add its value: `#/components/schemas/{}`", target.name));
                found.push(problem.at(&arm.node.at));
            }
        }
    }

    /// Every value leads to a form whose tag has this value.
    fn check_mapping(&self, entry: &Entry, context: &Context<'_>, found: &mut Vec<Problem>) {
        let Some(pointer) = entry.value.as_str() else { return };
        let form = self.objects.iter().find(|(_, target)| points_at(pointer, target));
        let Some((_, form)) = form else {
            let problem = Problem::error(
                "mapping",
                format!("`{}` leads to `{pointer}`", entry.key),
            )
            .why("it is not an object form of the union")
            .fix("write `#/components/schemas/Name` of one of the forms, or add it to `oneOf`");
            found.push(problem.at(&entry.value.at));
            return;
        };
        let key = self.key.and_then(Node::as_str).unwrap_or_default();
        let values = tag_values(form, key, context);
        if values.contains(&entry.key.as_str()) {
            return;
        }
        let (what, fix) = match values.as_slice() {
            [] => (
                format!("`{}` has no tag `{key}`", form.name),
                format!("give it a property `{key}` with `enum: [{}]`", entry.key),
            ),
            known => (
                format!("the tag `{key}` of `{}` is never `{}`", form.name, entry.key),
                format!("map one of {}, or correct the tag's `enum`", known.join(", ")),
            ),
        };
        let problem = Problem::error("mapping-tag", what)
            .why("a written value would not be read back as the same form");
        found.push(problem.fix(fix).at(&entry.at));
    }

    fn when_untagged(&self, found: &mut Vec<Problem>) {
        let Some(entry) = self.union.node.entry("x-when-untagged") else { return };
        let Some(pointer) = entry.value.as_str() else { return };
        if !self.objects.iter().any(|(_, target)| points_at(pointer, target)) {
            let problem = Problem::error("when-untagged", format!("`x-when-untagged: {pointer}`"))
                .why("it is not an object form of the union")
                .fix("write `#/components/schemas/Name` of one of the forms");
            found.push(problem.at(&entry.value.at));
        }
    }
}

/// The values that the tag `key` of an object may have.
fn tag_values<'a>(form: &Component<'a>, key: &str, context: &Context<'a>) -> Vec<&'a str> {
    let property = form.schema.get("properties").and_then(|properties| properties.get(key));
    let Some(property) = property else { return Vec::new() };
    let schema = context.resolved(property);
    strings(schema.get("enum")).map(|(value, _)| value).collect()
}

fn points_at(pointer: &str, component: &Component) -> bool {
    component_name(pointer) == Some(component.name)
}
