//! The forms of a union, and how a value shows which form it has. [`super::schema`] reads the objects that the forms
//! refer to.

use std::collections::HashMap;

use super::{Property, Schemas, component_name, entries, items, reference, strings, text};
use crate::load::Node;
use crate::names;
use crate::problem::Position;

/// A union.
#[derive(Debug)]
pub struct Union<'d> {
    /// The key whose value selects the object arm.
    pub tag: Option<&'d str>,
    /// The arms in order.
    pub arms: Vec<Arm<'d>>,
    /// The variant to try if the tag is missing.
    pub when_untagged: Option<String>,
}

/// An arm of a union.
#[derive(Debug)]
pub struct Arm<'d> {
    /// The name of the Rust variant.
    pub variant: String,
    /// The place of the form.
    pub at: &'d Position,
    /// The tag values that select this arm.
    pub tag_values: Vec<&'d str>,
    /// The property with the tag. `None` if the tag is a constant. An object of this arm may lack
    /// the tag or have another value.
    pub open_tag: Option<Property<'d>>,
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

/// What a union says about all of its forms.
struct Told<'d> {
    tag: Option<&'d str>,
    /// The tag values that lead to each schema.
    tag_values: HashMap<&'d str, Vec<&'d str>>,
    /// The given names of variants, by tag value or schema.
    names: HashMap<&'d str, &'d str>,
}

pub(super) fn read<'d>(schema: &'d Node, schemas: &Schemas<'d>) -> Union<'d> {
    let told = Told::of(schema);
    let forms = items(schema, "oneOf");
    let arms: Vec<Arm> = forms.iter().map(|form| told.arm(form, schemas)).collect();
    let untagged = schema.get("x-when-untagged").and_then(Node::as_str).and_then(component_name);
    let when_untagged = untagged.and_then(|name| {
        let position = forms.iter().position(|form| reference(form) == Some(name))?;
        arms.get(position).map(|arm| arm.variant.clone())
    });
    Union { tag: told.tag, arms, when_untagged }
}

impl<'d> Told<'d> {
    fn of(schema: &'d Node) -> Self {
        let discriminator = schema.get("discriminator");
        let mapping = discriminator.map(|each| entries(each, "mapping")).unwrap_or_default();
        let mut tag_values: HashMap<&str, Vec<&str>> = HashMap::new();
        for entry in mapping {
            if let Some(target) = entry.value.as_str().and_then(component_name) {
                tag_values.entry(target).or_default().push(&entry.key);
            }
        }
        let names = entries(schema, "x-variant-names").iter();
        Self {
            tag: discriminator.and_then(|each| each.get("propertyName")?.as_str()),
            tag_values,
            names: names
                .filter_map(|entry| Some((entry.key.as_str(), entry.value.as_str()?)))
                .collect(),
        }
    }

    fn arm(&self, form: &'d Node, schemas: &Schemas<'d>) -> Arm<'d> {
        let name = reference(form);
        let tag_values = name.and_then(|name| self.tag_values.get(name));
        let tag_values = tag_values.cloned().unwrap_or_default();
        Arm {
            variant: self.variant_name(form, name, &tag_values),
            at: &form.at,
            tag_values,
            open_tag: self.open_tag(form, schemas),
            json: Json::of(schemas.target(form).unwrap_or(form)),
            description: schemas.description(form),
        }
    }

    fn variant_name(&self, form: &Node, reference: Option<&str>, tag_values: &[&str]) -> String {
        let mut keys = tag_values.iter().copied().chain(reference);
        if let Some(name) = keys.find_map(|key| self.names.get(key)) {
            return (*name).to_owned();
        }
        let title = form.get("title").and_then(Node::as_str);
        let first_tag = tag_values.first().copied();
        names::variant(title.or(first_tag).or(reference).unwrap_or_else(|| text(form, "type")))
    }

    fn open_tag(&self, form: &Node, schemas: &Schemas<'d>) -> Option<Property<'d>> {
        let (tag, arm) = (self.tag?, schemas.target(form)?);
        let entry = arm.get("properties")?.entry(tag)?;
        let required = strings(arm, "required").any(|name| name == tag);
        Some(Property::read(entry, required, schemas)).filter(|tag| tag.constant.is_none())
    }
}

impl Json {
    /// The kind of a schema that is not a reference.
    fn of(schema: &Node) -> Self {
        match text(schema, "type") {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "array" => Self::List,
            _ => Self::Object,
        }
    }
}
