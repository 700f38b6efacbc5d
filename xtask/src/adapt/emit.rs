//! Writes schemas in the dialect of the generator: objects, enums and unions become components with a name,
//! and everything else stays where it is used. [`super::names`] chooses the names.

use std::collections::{HashMap, HashSet};

use super::names::{self, Names};
use super::node::{entry, flag, list, number, object, pointer, reference, text, texts};
use super::shape::{Kind, Property, Shape};
use super::union::{Forms, Settled, Settler};
use crate::lint;
use crate::load::{Entry, Node};
use crate::problem::Position;

/// Formats of texts that change nothing about their type, and that the dialect has.
const FORMATS: [&str; 5] = ["uri", "byte", "date-time", "date", "uuid"];

/// Writes schemas.
pub(super) struct Emitter<'a> {
    pub settler: Settler<'a>,
    pub names: Names,
    /// The finished components.
    pub components: Vec<Entry>,
    /// Components whose keys may all be missing, because they are whole answers.
    pub answers: HashSet<String>,
    /// What is still to be written, the next one last.
    pending: Vec<Pending>,
    /// The components of the old document that are written or pending.
    started: HashSet<String>,
    /// The name of each union of components, by its forms.
    unions: HashMap<String, String>,
    /// The name of the component for any JSON, once it is needed.
    any: Option<String>,
}

struct Pending {
    name: String,
    shape: Shape,
    /// The name in the old document, if it has one.
    key: Option<String>,
}

/// A schema in the place where it is used.
pub(super) struct Use {
    /// The schema, without notes.
    pub schema: Vec<Entry>,
    /// The component, if it is a reference.
    pub component: Option<String>,
    /// Whether null is allowed.
    pub nullable: bool,
    /// The only value, if there is one.
    pub only_value: Option<String>,
}

impl Use {
    /// The schema as it stands in a list, a map or a body.
    pub(super) fn bare(self, at: &Position) -> Node {
        Node { at: at.clone(), value: crate::load::Value::Object(self.schema) }
    }
}

impl<'a> Emitter<'a> {
    pub(super) fn new(settler: Settler<'a>, names: Names) -> Self {
        Self {
            settler,
            names,
            components: Vec::new(),
            answers: HashSet::new(),
            pending: Vec::new(),
            started: HashSet::new(),
            unions: HashMap::new(),
            any: None,
        }
    }

    /// Writes everything that is used so far, and what that uses.
    pub(super) fn finish(&mut self) {
        self.pending.reverse();
        while let Some(next) = self.pending.pop() {
            let before = self.pending.len();
            let written = self.component(&next);
            self.components.push(entry(&next.name, written));
            if let Some(new) = self.pending.get_mut(before..) {
                new.reverse();
            }
        }
    }

    /// The new name of a component, which is written later, and whether null is allowed.
    pub(super) fn reach(&mut self, key: &str) -> (String, bool) {
        let (target, nullable) = self.settler.target(key);
        let name = self.names.component(&target);
        if self.started.insert(target.clone()) {
            let shape = (*self.settler.component(&target)).clone();
            self.pending.push(Pending { name: name.clone(), shape, key: Some(target) });
        }
        (name, nullable)
    }

    /// The items of a list that is a whole answer are whole, too, because no place around them could keep
    /// one that does not fit.
    pub(super) fn whole_parts(&mut self, answer: &Shape) {
        let mut seen = HashSet::new();
        let mut shape = answer.clone();
        while let Settled::One(one) = self.settler.settle(shape) {
            shape = match one.kind {
                Kind::List(items) | Kind::Map(items) => *items,
                Kind::Component(key) => {
                    let target = self.settler.target(&key).0;
                    self.answers.insert(self.names.component(&target));
                    if !seen.insert(target.clone()) {
                        return;
                    }
                    (*self.settler.component(&target)).clone()
                }
                _ => return,
            };
        }
    }

    /// Writes a schema where it is used. If it needs a name, it gets `wanted` or the one in its notes.
    pub(super) fn place(&mut self, shape: Shape, wanted: &str) -> Use {
        let at = shape.at.clone();
        let signature = self.settler.signature(&shape);
        let settled = match &shape.kind {
            Kind::Union(..) => self.settler.settle(shape.clone()),
            _ => Settled::One(shape.clone()),
        };
        let nullable = has_null(&shape);
        match settled {
            Settled::Several(_) => self.shared(shape, signature, wanted).or_null(nullable),
            Settled::One(one) => {
                let nullable = nullable || one.nullable;
                match one.kind {
                    Kind::Component(ref key) => {
                        let (name, or_null) = self.reach(key);
                        named(&at, name).or_null(nullable || or_null)
                    }
                    Kind::Any | Kind::Null => named(&at, self.any(&at)).or_null(true),
                    Kind::Text { ref values, .. } if !values.is_empty() => {
                        let only = (values.len() == 1).then(|| values.first().cloned()).flatten();
                        let placed = self.hoisted(one, wanted).or_null(nullable);
                        Use { only_value: only, ..placed }
                    }
                    Kind::Object(_) if signature.is_some() => {
                        self.shared(shape, signature, wanted).or_null(nullable)
                    }
                    Kind::Object(_) | Kind::Map(_) => self.hoisted(one, wanted).or_null(nullable),
                    _ => Use {
                        schema: self.plain(&one, wanted),
                        component: None,
                        nullable,
                        only_value: None,
                    },
                }
            }
        }
    }

    /// A union that is used in several places is written once.
    fn shared(&mut self, shape: Shape, signature: Option<String>, wanted: &str) -> Use {
        let known = signature.as_ref().and_then(|signature| self.unions.get(signature)).cloned();
        if let Some(name) = known {
            return named(&shape.at, name);
        }
        let placed = self.hoisted(shape, wanted);
        if let (Some(signature), Some(name)) = (signature, &placed.component) {
            self.unions.insert(signature, name.clone());
        }
        placed
    }

    /// Makes a component of a schema.
    fn hoisted(&mut self, shape: Shape, wanted: &str) -> Use {
        let given = shape.notes.name.clone();
        let name = self.names.free(given.as_deref().unwrap_or(wanted));
        let at = shape.at.clone();
        self.pending.push(Pending { name: name.clone(), shape, key: None });
        named(&at, name)
    }

    fn any(&mut self, at: &Position) -> String {
        if let Some(name) = &self.any {
            return name.clone();
        }
        let name = self.names.free("AnyJson");
        let about = text(at, "Any JSON value.");
        self.components.push(entry(&name, object(at, [("description", about)])));
        self.any = Some(name.clone());
        name
    }

    /// Writes a component.
    fn component(&mut self, pending: &Pending) -> Node {
        let shape = &pending.shape;
        let (at, name) = (&shape.at, &pending.name);
        let mut description = shape.notes.description.clone();
        if description.is_none() {
            let told = pending.key.as_ref().unwrap_or(name);
            description = Some(format!("`{}` of the document.", told.replace('`', "'")));
        }
        let mut entries = match self.settler.settle(shape.clone()) {
            Settled::Several(forms) => self.union(forms, name, at),
            Settled::One(one) => match &one.kind {
                _ if pending.key.as_ref().is_some_and(|key| self.is_endless(key)) => Vec::new(),
                Kind::Object(properties) => self.object(properties.clone(), name, at),
                Kind::Any | Kind::Null | Kind::Component(_) | Kind::Union(..) => Vec::new(),
                _ => self.plain(&one, name),
            },
        };
        entries.push(entry("description", text(at, description.unwrap_or_default())));
        if shape.notes.deprecated {
            entries.push(entry("deprecated", flag(at, true)));
        }
        Node { at: at.clone(), value: crate::load::Value::Object(entries) }
    }

    /// Whether a list or a map of this name contains itself without an object between, so that its Rust
    /// type would never end.
    fn is_endless(&mut self, key: &str) -> bool {
        let mut seen = HashSet::new();
        let mut current = key.to_owned();
        while seen.insert(current.clone()) {
            let shape = self.settler.component(&current);
            let mut inner = (*shape).clone();
            loop {
                let Settled::One(one) = self.settler.settle(inner) else { return false };
                match one.kind {
                    Kind::List(items) | Kind::Map(items) => inner = *items,
                    Kind::Component(next) => {
                        current = self.settler.target(&next).0;
                        break;
                    }
                    _ => return false,
                }
            }
        }
        current == key
    }

    /// Everything that needs no name of its own.
    fn plain(&mut self, shape: &Shape, name: &str) -> Vec<Entry> {
        let at = &shape.at;
        let kind = |name: &str| entry("type", text(at, name));
        let mut entries = Vec::new();
        match &shape.kind {
            Kind::Text { format, values } => {
                entries.push(kind("string"));
                if !values.is_empty() {
                    entries.extend(enumerated(at, values));
                } else if let Some(format) =
                    format.as_ref().filter(|format| FORMATS.contains(&format.as_str()))
                {
                    entries.push(entry("format", text(at, format.clone())));
                }
            }
            Kind::Integer { minimum, maximum } => {
                entries.push(kind("integer"));
                entries.push(entry("format", text(at, "int64")));
                entries.extend(bounds(at, minimum, maximum));
            }
            Kind::Number { minimum, maximum } => {
                entries.push(kind("number"));
                entries.extend(bounds(at, minimum, maximum));
            }
            Kind::Flag => entries.push(kind("boolean")),
            Kind::List(items) => {
                entries.push(kind("array"));
                let items = self.place((**items).clone(), &format!("{name}Item"));
                entries.push(entry("items", items.bare(at)));
            }
            Kind::Map(values) => {
                entries.push(kind("object"));
                let values = self.place((**values).clone(), &format!("{name}Value"));
                entries.push(entry("additionalProperties", values.bare(at)));
            }
            _ => {}
        }
        entries
    }

    /// An object. A key that cannot be a field is left out, because `extra` keeps it.
    fn object(&mut self, properties: Vec<Property>, name: &str, at: &Position) -> Vec<Entry> {
        let is_answer = self.answers.contains(name);
        let fields = fields(properties);
        let taken: HashSet<String> = fields.iter().map(|(field, _)| field.clone()).collect();
        let (mut written, mut required, mut nulls) = (Vec::new(), Vec::new(), 0);
        for (field, property) in fields {
            let wanted = format!("{name}{}", names::type_name(&property.key));
            let notes = property.shape.notes.clone();
            let place = property.shape.at.clone();
            let placed = self.place(property.shape, &wanted);
            let (nullable, only, is_reference) =
                (placed.nullable, placed.only_value.clone(), placed.component.is_some());
            let description =
                notes.description.or((!is_reference)
                    .then(|| format!("The key `{}`.", property.key.replace('`', "'"))));
            let mut extra: Vec<(&str, Node)> = Vec::new();
            extra.extend(description.map(|told| ("description", text(&place, told))));
            if notes.deprecated {
                extra.push(("deprecated", flag(&place, true)));
            }
            if nullable {
                extra.push(("nullable", flag(&place, true)));
            }
            if nullable || is_answer || !property.required {
                let has_methods =
                    nullable && nulls < lint::MOST_NULLS && null_methods_fit(&field, &taken);
                nulls += usize::from(has_methods);
                extra.push(("x-keep-null", kept_null(&place, has_methods)));
            }
            if property.required && !nullable {
                if is_answer {
                    let reason = "An answer is not refused without it.";
                    extra.push(("x-wire-optional", text(&place, reason)));
                } else {
                    required.push(property.key.clone());
                }
                extra.extend(only.map(|value| ("x-constructor-value", text(&place, value))));
            }
            written.push((property.key, with_notes(&place, placed, extra)));
        }
        let mut entries =
            vec![entry("type", text(at, "object")), entry("properties", object(at, written))];
        if !required.is_empty() {
            entries.push(entry("required", texts(at, required)));
        }
        entries
    }

    fn union(&mut self, forms: Forms, name: &str, at: &Position) -> Vec<Entry> {
        let tags = forms.tag.as_ref().map(|(_, values)| values.clone()).unwrap_or_default();
        let tag_of = |index: usize| tags.get(index).and_then(|values| values.first()).cloned();
        let titles: Vec<String> = forms
            .forms
            .iter()
            .enumerate()
            .map(|(index, form)| tag_of(index).unwrap_or_else(|| self.title(form)))
            .collect();
        let variants = names::variants(titles.iter().map(String::as_str), &["Unknown"]);
        let (mut arms, mut mapping, mut given) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (form, (variant, is_other))) in
            forms.forms.into_iter().zip(variants).enumerate()
        {
            let place = form.at.clone();
            let notes = form.notes.clone();
            let placed = self.place(form, &format!("{name}{variant}"));
            match placed.component.clone() {
                Some(component) => {
                    let values = tags.get(index).cloned().unwrap_or_default();
                    for value in values {
                        mapping.push((value, text(&place, pointer(&component))));
                    }
                    if is_other || tag_of(index).is_none() {
                        let key = tag_of(index).unwrap_or(component);
                        given.push((key, text(&place, variant)));
                    }
                    arms.push(placed.bare(&place));
                }
                None => {
                    let mut arm = placed.schema;
                    arm.push(entry("title", text(&place, variant)));
                    arm.extend(
                        notes.description.map(|told| entry("description", text(&place, told))),
                    );
                    arms.push(Node { at: place, value: crate::load::Value::Object(arm) });
                }
            }
        }
        let mut entries = vec![entry("oneOf", list(at, arms))];
        if let Some((key, _)) = forms.tag {
            let tag = [("propertyName", text(at, key)), ("mapping", object(at, mapping))];
            entries.push(entry("discriminator", object(at, tag)));
        }
        if !given.is_empty() {
            entries.push(entry("x-variant-names", object(at, given)));
        }
        entries
    }

    /// The name of a form without a tag.
    fn title(&mut self, form: &Shape) -> String {
        if let Some(title) = form.notes.name.clone() {
            return title;
        }
        match &form.kind {
            Kind::Component(key) => {
                let target = self.settler.target(key).0;
                self.names.component(&target)
            }
            Kind::Text { .. } => "Text".to_owned(),
            Kind::Integer { .. } => "Integer".to_owned(),
            Kind::Number { .. } => "Number".to_owned(),
            Kind::Flag => "Boolean".to_owned(),
            Kind::List(_) => "List".to_owned(),
            _ => "Object".to_owned(),
        }
    }
}

impl Use {
    fn or_null(mut self, nullable: bool) -> Self {
        self.nullable |= nullable;
        self
    }
}

fn named(at: &Position, name: String) -> Use {
    let schema = reference(at, &name).entries().to_vec();
    Use { schema, component: Some(name), nullable: false, only_value: None }
}

fn has_null(shape: &Shape) -> bool {
    shape.nullable
        || match &shape.kind {
            Kind::Union(forms, _) => forms.iter().any(has_null),
            Kind::Null => true,
            _ => false,
        }
}

/// The properties that can be fields, each with the name of the field.
fn fields(properties: Vec<Property>) -> Vec<(String, Property)> {
    let mut seen = HashSet::new();
    let named =
        properties.into_iter().map(|property| (crate::names::field(&property.key), property));
    named.filter(|(field, _)| lint::can_be_field(field) && seen.insert(field.clone())).collect()
}

/// Whether no other property of the object has the name of a method for the null of this one.
fn null_methods_fit(field: &str, taken: &HashSet<String>) -> bool {
    let (set, read) = crate::names::null_methods(field);
    !taken.contains(&set) && !taken.contains(&read)
}

/// Where the null of an optional property is kept: beside the value, with methods to set and read it, or among
/// the unknown keys.
fn kept_null(at: &Position, has_methods: bool) -> Node {
    if has_methods { flag(at, true) } else { text(at, "in-extra") }
}

/// A schema with notes. Beside a reference they need an `allOf` around it.
fn with_notes(at: &Position, placed: Use, notes: Vec<(&str, Node)>) -> Node {
    let mut entries = match (&placed.component, notes.is_empty()) {
        (Some(name), false) => vec![entry("allOf", list(at, vec![reference(at, name)]))],
        _ => placed.schema,
    };
    entries.extend(notes.into_iter().map(|(key, value)| entry(key, value)));
    Node { at: at.clone(), value: crate::load::Value::Object(entries) }
}

fn enumerated(at: &Position, values: &[String]) -> Vec<Entry> {
    let variants = names::variants(values.iter().map(String::as_str), &["Unknown"]);
    let others = values.iter().zip(variants).filter(|(_, (_, is_other))| *is_other);
    let given: Vec<(String, Node)> =
        others.map(|(value, (variant, _))| (value.clone(), text(at, variant))).collect();
    let mut entries = vec![entry("enum", texts(at, values.iter().cloned()))];
    if !given.is_empty() {
        entries.push(entry("x-enum-names", object(at, given)));
    }
    entries
}

fn bounds(
    at: &Position,
    minimum: &Option<serde_json::Number>,
    maximum: &Option<serde_json::Number>,
) -> Vec<Entry> {
    let known = [("minimum", minimum), ("maximum", maximum)].into_iter();
    known.filter_map(|(key, bound)| Some(entry(key, number(at, bound.clone()?)))).collect()
}
