//! The named schemas, with the properties of objects and the values of enums. [`super::union`] reads the forms of
//! unions.

use std::collections::{HashMap, HashSet};

use super::{
    Schemas, StreamRule, Union, component_name, entries, flag, items, strings, text, union,
};
use crate::load::{Entry, Node};
use crate::names;
use crate::problem::Position;

/// A named schema.
#[derive(Debug)]
pub struct Component<'d> {
    /// The name of the schema, and of the Rust type.
    pub name: &'d str,
    /// The place of the name.
    pub at: &'d Position,
    /// The description.
    pub description: &'d str,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The kind of Rust type that it becomes.
    pub kind: Kind<'d>,
    /// The schema that the pieces of this one add up to in a stream.
    pub adds_up_to: Option<&'d str>,
    /// The schema as the document has it.
    pub schema: &'d Node,
    /// The position of each property by its key, and by its field.
    positions: [HashMap<String, usize>; 2],
}

/// The kind of Rust type that a schema becomes.
#[derive(Debug)]
pub enum Kind<'d> {
    /// A struct.
    Object(Vec<Property<'d>>),
    /// An open enum of strings.
    Enum(Vec<EnumValue<'d>>),
    /// An enum with data.
    Union(Union<'d>),
    /// An alias of a map, a list, a scalar or any JSON.
    Alias,
}

/// A property of an object.
#[derive(Debug)]
pub struct Property<'d> {
    /// The key on the wire.
    pub key: &'d str,
    /// The place of the key.
    pub at: &'d Position,
    /// The name of the Rust field.
    pub field: String,
    /// The description.
    pub description: String,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Whether the key is mandatory.
    pub required: bool,
    /// Whether the document allows `null`.
    pub nullable: bool,
    /// The only value, if it is a constant.
    pub constant: Option<&'d str>,
    /// The value that the constructor sets.
    pub constructor_value: Option<&'d str>,
    /// Why it is optional although the official document requires it.
    pub wire_optional: Option<&'d str>,
    /// The services that send it, if it is an extension.
    pub services: Vec<&'d str>,
    /// Whether it is boxed, because it is rare and large.
    pub boxed: bool,
    /// Whether null and absent mean different things, so that a null is kept.
    pub keeps_null: bool,
    /// Whether `extra` keeps a null, as it keeps any value of another shape.
    pub null_in_extra: bool,
    /// How its values add up in a stream.
    pub stream: Option<StreamRule>,
    /// The schema as the document has it.
    pub schema: &'d Node,
}

/// A value of an enum.
#[derive(Debug)]
pub struct EnumValue<'d> {
    /// The text on the wire.
    pub text: &'d str,
    /// The place of the value.
    pub at: &'d Position,
    /// The name of the Rust variant.
    pub variant: String,
    /// The description.
    pub description: &'d str,
}

impl<'d> Component<'d> {
    pub(super) fn read(entry: &'d Entry, schemas: &Schemas<'d>) -> Self {
        let schema = &entry.value;
        let kind = Kind::of(schema, schemas);
        let named = |key: &str| component_name(schema.get(key)?.as_str()?);
        Self {
            name: &entry.key,
            at: &entry.at,
            description: text(schema, "description"),
            deprecated: flag(schema, "deprecated"),
            positions: positions(&kind),
            kind,
            adds_up_to: named("x-adds-up-to"),
            schema,
        }
    }

    /// The properties of an object; empty for any other kind.
    pub fn properties(&self) -> &[Property<'d>] {
        match &self.kind {
            Kind::Object(properties) => properties,
            _ => &[],
        }
    }

    /// The schemas of the forms of a union; empty for any other kind.
    pub fn forms(&self) -> &'d [Node] {
        items(self.schema, "oneOf")
    }

    /// The optional properties that keep a null, in the order of their numbers.
    pub fn kept_nulls(&self) -> impl Iterator<Item = &Property<'d>> {
        let kept = |property: &&Property<'d>| property.keeps_null && !property.required;
        self.properties().iter().filter(kept)
    }

    /// The property with this key.
    pub fn property(&self, key: &str) -> Option<&Property<'d>> {
        self.properties().get(*self.positions[0].get(key)?)
    }

    /// The property that becomes the Rust field with this name.
    pub fn field(&self, name: &str) -> Option<&Property<'d>> {
        self.properties().get(*self.positions[1].get(name)?)
    }
}

impl<'d> Kind<'d> {
    fn of(schema: &'d Node, schemas: &Schemas<'d>) -> Self {
        if schema.get("oneOf").is_some() {
            Self::Union(union::read(schema, schemas))
        } else if schema.get("enum").is_some() {
            Self::Enum(enum_values(schema))
        } else if schema.get("properties").is_some() || is_empty_object(schema) {
            Self::Object(properties(schema, schemas))
        } else {
            Self::Alias
        }
    }
}

/// Whether an object has no properties and is not a map, so that it holds only unknown keys.
fn is_empty_object(schema: &Node) -> bool {
    text(schema, "type") == "object" && schema.get("additionalProperties").is_none()
}

fn properties<'d>(schema: &'d Node, schemas: &Schemas<'d>) -> Vec<Property<'d>> {
    let required: HashSet<&str> = strings(schema, "required").collect();
    let read =
        |entry: &'d Entry| Property::read(entry, required.contains(entry.key.as_str()), schemas);
    entries(schema, "properties").iter().map(read).collect()
}

fn positions(kind: &Kind) -> [HashMap<String, usize>; 2] {
    let properties = match kind {
        Kind::Object(properties) => properties.as_slice(),
        _ => &[],
    };
    let by = |name: fn(&Property) -> String| -> HashMap<String, usize> {
        properties.iter().map(name).zip(0..).collect()
    };
    [by(|property| property.key.to_owned()), by(|property| property.field.clone())]
}

impl<'d> Property<'d> {
    /// Whether `new` takes it as an argument.
    pub fn is_constructor_argument(&self) -> bool {
        let wanted = self.required || (self.wire_optional.is_some() && !self.nullable);
        wanted && self.constant.is_none() && self.constructor_value.is_none()
    }

    pub(super) fn read(entry: &'d Entry, required: bool, schemas: &Schemas<'d>) -> Self {
        let (key, schema) = (entry.key.as_str(), &entry.value);
        let told = |key: &str| schema.get(key).and_then(Node::as_str);
        Self {
            key,
            at: &entry.at,
            field: names::field(key),
            description: schemas.description(schema),
            deprecated: flag(schema, "deprecated"),
            required,
            nullable: flag(schema, "nullable"),
            constant: constant(schema).filter(|_| required),
            constructor_value: told("x-constructor-value"),
            wire_optional: told("x-wire-optional"),
            services: strings(schema, "x-services").collect(),
            boxed: flag(schema, "x-boxed"),
            keeps_null: flag(schema, "x-keep-null"),
            null_in_extra: told("x-keep-null") == Some("in-extra"),
            stream: told("x-stream").and_then(StreamRule::named),
            schema,
        }
    }
}

/// The only value of an inline enum.
pub fn constant(schema: &Node) -> Option<&str> {
    let mut values = strings(schema, "enum");
    let first = values.next();
    first.filter(|_| values.next().is_none())
}

fn enum_values(schema: &Node) -> Vec<EnumValue<'_>> {
    let table = |key: &str| -> HashMap<&str, &str> {
        let told = entries(schema, key).iter();
        told.filter_map(|entry| Some((entry.key.as_str(), entry.value.as_str()?))).collect()
    };
    let (names, descriptions) = (table("x-enum-names"), table("x-enum-descriptions"));
    let value = |node| {
        let text = Node::as_str(node)?;
        let given = names.get(text);
        Some(EnumValue {
            text,
            at: &node.at,
            variant: given.map_or_else(|| names::variant(text), |name| (*name).to_owned()),
            description: descriptions.get(text).copied().unwrap_or_default(),
        })
    };
    items(schema, "enum").iter().filter_map(value).collect()
}
