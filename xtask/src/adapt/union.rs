//! Finds out how the forms of a union can be told apart: by the kind of JSON, or objects by a tag. Forms
//! that cannot are joined, so that one type takes all of them and nothing is lost.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::read::Reader;
use super::shape::{Kind, Property, Shape};
use crate::model::Json;
use crate::problem::Problem;

/// How many forms of unions are looked at in one document. Unions of unions in circles could take for ever.
const MOST_FORMS: usize = 300_000;
/// How deep unions in unions are looked into.
const DEEPEST: usize = 16;

/// The forms of a union that differ, and how the objects among them are told apart.
pub(super) struct Forms {
    /// The forms. No two are the same kind of JSON, except objects if there is a tag.
    pub forms: Vec<Shape>,
    /// The key that tells the objects apart, and its values in each of the forms; empty for a form that is
    /// no object.
    pub tag: Option<(String, Vec<Vec<String>>)>,
}

/// What a schema turns out to be.
pub(super) enum Settled {
    /// A schema that is not a union.
    One(Shape),
    /// Two forms or more.
    Several(Forms),
}

/// Settles the schemas of a document.
pub(super) struct Settler<'a> {
    /// Reads the schemas.
    pub reader: Reader<'a>,
    shapes: HashMap<String, Rc<Shape>>,
    /// The components that are looked at.
    open: HashSet<String>,
    /// How many forms were looked at.
    forms: usize,
}

impl<'a> Settler<'a> {
    pub(super) fn new(reader: Reader<'a>) -> Self {
        Self { reader, shapes: HashMap::new(), open: HashSet::new(), forms: 0 }
    }

    /// The shape of a component: another component if it is only a second name.
    pub(super) fn component(&mut self, name: &str) -> Rc<Shape> {
        if let Some(shape) = self.shapes.get(name) {
            return shape.clone();
        }
        let node = self.reader.component(name);
        let shape = node.map(|node| self.reader.read(node));
        let shape =
            Rc::new(shape.unwrap_or_else(|| Shape::new(&self.reader.document.root.at, Kind::Any)));
        self.shapes.insert(name.to_owned(), shape.clone());
        shape
    }

    /// Follows second names to the component that has the type, and whether null is allowed on the way.
    pub(super) fn target(&mut self, name: &str) -> (String, bool) {
        let mut current = name.to_owned();
        let mut nullable = false;
        for _ in 0..DEEPEST {
            if !self.open.insert(current.clone()) {
                break;
            }
            let shape = self.component(&current);
            let settled = self.settle((*shape).clone());
            self.open.remove(&current);
            let Settled::One(one) = settled else { break };
            nullable |= one.nullable;
            match one.kind {
                Kind::Component(next) if next != current => current = next,
                _ => break,
            }
        }
        // A union keeps its null at its uses.
        nullable |= self.is_nullable(&current);
        (current, nullable)
    }

    fn is_nullable(&mut self, name: &str) -> bool {
        let shape = self.component(name);
        let has_null = match &shape.kind {
            Kind::Union(forms, _) => {
                forms.iter().any(|form| form.nullable || matches!(form.kind, Kind::Null))
            }
            _ => false,
        };
        shape.nullable || has_null
    }

    /// What a component is: never a component or a union, unless its forms are told apart.
    fn looked_up(&mut self, name: &str) -> Settled {
        let (target, _) = self.target(name);
        let shape = self.component(&target);
        if !self.open.insert(target.clone()) {
            return Settled::One(Shape::new(&shape.at, Kind::Null));
        }
        let settled = self.settle((*shape).clone());
        self.open.remove(&target);
        settled
    }

    /// Finds out what a schema is.
    pub(super) fn settle(&mut self, shape: Shape) -> Settled {
        let Kind::Union(forms, tag) = shape.kind else { return Settled::One(shape) };
        let mut nullable = shape.nullable;
        let mut flat = Vec::new();
        self.flatten(forms, &mut flat, &mut nullable, 0);
        let at = shape.at.clone();
        let one = |kind: Kind| {
            let (at, notes) = (at.clone(), shape.notes.clone());
            Settled::One(Shape { at, nullable, notes, kind })
        };
        if flat.is_empty() {
            return one(Kind::Null);
        }
        if flat.iter().any(|form| matches!(self.kind_of(form), Kind::Any)) {
            return one(Kind::Any);
        }
        let (forms, tag) = self.told_apart(flat, tag.as_deref());
        match forms.len() {
            1 => {
                let mut forms = forms;
                let form = forms.remove(0);
                let mut notes = shape.notes.clone();
                notes.description = notes.description.or(form.notes.description);
                Settled::One(Shape {
                    at,
                    nullable: nullable || form.nullable,
                    notes,
                    kind: form.kind,
                })
            }
            _ => Settled::Several(Forms { forms, tag }),
        }
    }

    /// Lists the forms, those of inner unions included, each once. Null is a form that goes.
    fn flatten(
        &mut self,
        forms: Vec<Shape>,
        flat: &mut Vec<Shape>,
        nullable: &mut bool,
        depth: usize,
    ) {
        for mut form in forms {
            self.forms += 1;
            if self.forms > MOST_FORMS {
                return self.too_many(&form);
            }
            *nullable |= std::mem::take(&mut form.nullable);
            match form.kind {
                Kind::Null => *nullable = true,
                Kind::Union(inner, _) if depth < DEEPEST => {
                    self.flatten(inner, flat, nullable, depth + 1);
                }
                Kind::Component(ref name) => {
                    let (name, or_null) = self.target(name);
                    *nullable |= or_null;
                    let shape = self.component(&name);
                    match (&shape.kind, self.open.contains(&name)) {
                        (Kind::Union(..), true) => {}
                        (Kind::Union(inner, _), false) if depth < DEEPEST => {
                            self.open.insert(name.clone());
                            self.flatten(inner.clone(), flat, nullable, depth + 1);
                            self.open.remove(&name);
                        }
                        _ if flat.iter().any(|known| is_component(known, &name)) => {}
                        _ => flat.push(Shape { kind: Kind::Component(name), ..form }),
                    }
                }
                _ => flat.push(form),
            }
        }
    }

    fn too_many(&mut self, form: &Shape) {
        if self.forms == MOST_FORMS + 1 {
            let problem = Problem::error("too-large", "unions of unions have too many forms")
                .why(format!("more than {MOST_FORMS} forms would be looked at"))
                .fix("write the forms of the union in one list, and let no union lead back to itself")
                .at(&form.at);
            self.reader.problems.push(problem);
        }
    }

    /// The kind of a form, looked up if it is a component.
    pub(super) fn kind_of(&mut self, form: &Shape) -> Kind {
        match &form.kind {
            Kind::Component(name) => match self.looked_up(name) {
                Settled::One(shape) => match shape.kind {
                    Kind::Null => Kind::Any,
                    kind => kind,
                },
                Settled::Several(forms) => Kind::Union(forms.forms, None),
            },
            kind => kind.clone(),
        }
    }

    /// Joins the forms that are the same kind of JSON.
    #[allow(clippy::type_complexity, reason = "it is taken apart at once")]
    fn told_apart(
        &mut self,
        flat: Vec<Shape>,
        tag: Option<&str>,
    ) -> (Vec<Shape>, Option<(String, Vec<Vec<String>>)>) {
        let mut groups: Vec<(Json, Vec<Shape>)> = Vec::new();
        for form in flat {
            let json = json_of(&self.kind_of(&form));
            match groups.iter_mut().find(|(known, _)| *known == json) {
                Some((_, forms)) => forms.push(form),
                None => groups.push((json, vec![form])),
            }
        }
        let (mut forms, mut found) = (Vec::new(), None);
        for (json, group) in groups {
            if json == Json::Object && group.len() > 1 {
                found = self.tag(&group, tag);
                if let Some((_, values)) = &mut found {
                    let before = forms.len();
                    values.splice(0..0, vec![Vec::new(); before]);
                    forms.extend(group);
                    continue;
                }
            }
            forms.push(self.joined(json, group));
        }
        if let Some((_, values)) = &mut found {
            values.resize(forms.len(), Vec::new());
        }
        (forms, found)
    }

    /// The key that tells objects apart, with its values in each: the one that the document names, or one
    /// that every object has with values of its own.
    fn tag(&mut self, forms: &[Shape], named: Option<&str>) -> Option<(String, Vec<Vec<String>>)> {
        let objects: Vec<Vec<Property>> =
            forms.iter().filter_map(|form| self.object(form)).collect();
        if objects.len() != forms.len() {
            return None;
        }
        let first: Vec<String> =
            objects.first()?.iter().map(|property| property.key.clone()).collect();
        let named = named.map(str::to_owned).filter(|key| first.contains(key));
        named.into_iter().chain(first).find_map(|key| {
            let values: Option<Vec<Vec<String>>> =
                objects.iter().map(|object| self.values(object, &key)).collect();
            let values = values?;
            let mut seen = HashSet::new();
            values.iter().flatten().all(|value| seen.insert(value.clone())).then_some((key, values))
        })
    }

    /// The properties of an object form.
    fn object(&mut self, form: &Shape) -> Option<Vec<Property>> {
        match self.kind_of(form) {
            Kind::Object(properties) => Some(properties),
            _ => None,
        }
    }

    /// The values that a property of an object can have, if it is an enum.
    fn values(&mut self, object: &[Property], key: &str) -> Option<Vec<String>> {
        let property = object.iter().find(|property| property.key == key)?;
        match self.settle(property.shape.clone()) {
            Settled::One(shape) => match self.kind_of(&shape) {
                Kind::Text { values, .. } if !values.is_empty() => Some(values),
                _ => None,
            },
            Settled::Several(_) => None,
        }
    }

    /// One schema that takes what each of these takes. All are the same kind of JSON.
    fn joined(&mut self, json: Json, mut group: Vec<Shape>) -> Shape {
        if group.len() == 1 {
            return group.remove(0);
        }
        let Some(first) = group.first().cloned() else {
            return Shape::new(&self.reader.document.root.at, Kind::Any);
        };
        let kinds: Vec<Kind> = group.iter().map(|form| self.kind_of(form)).collect();
        let kind = match json {
            Json::Text => texts(kinds),
            Json::Integer => Kind::Integer { minimum: None, maximum: None },
            Json::Number => Kind::Number { minimum: None, maximum: None },
            Json::Boolean => Kind::Flag,
            Json::List => {
                Kind::List(Box::new(Shape::new(&first.at, Kind::Union(items(kinds), None))))
            }
            Json::Object => wide(kinds, &first),
        };
        Shape { kind, notes: super::shape::Notes::default(), ..first }
    }
}

/// The kind of JSON that a form is.
fn json_of(kind: &Kind) -> Json {
    match kind {
        Kind::Text { .. } => Json::Text,
        Kind::Integer { .. } => Json::Integer,
        Kind::Number { .. } => Json::Number,
        Kind::Flag => Json::Boolean,
        Kind::List(_) => Json::List,
        _ => Json::Object,
    }
}

fn is_component(form: &Shape, name: &str) -> bool {
    matches!(&form.kind, Kind::Component(known) if known == name)
}

/// An enum of all values, or plain text. An enum takes any other text, too.
fn texts(kinds: Vec<Kind>) -> Kind {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for kind in kinds {
        if let Kind::Text { values, .. } = kind {
            all.extend(values.into_iter().filter(|value| seen.insert(value.clone())));
        }
    }
    Kind::Text { format: None, values: all }
}

fn items(kinds: Vec<Kind>) -> Vec<Shape> {
    let items = kinds.into_iter().filter_map(|kind| match kind {
        Kind::List(items) => Some(*items),
        _ => None,
    });
    items.collect()
}

/// An object with the properties of all. A key is mandatory if it is in each.
fn wide(kinds: Vec<Kind>, first: &Shape) -> Kind {
    let objects: Vec<Vec<Property>> = kinds
        .iter()
        .filter_map(|kind| match kind {
            Kind::Object(properties) => Some(properties.clone()),
            _ => None,
        })
        .collect();
    if objects.is_empty() {
        let values = kinds.into_iter().filter_map(|kind| match kind {
            Kind::Map(values) => Some(*values),
            _ => None,
        });
        return Kind::Map(Box::new(Shape::new(&first.at, Kind::Union(values.collect(), None))));
    }
    let has_maps = objects.len() < kinds.len();
    let mut order: Vec<String> = Vec::new();
    let mut found: HashMap<String, Vec<Property>> = HashMap::new();
    for property in objects.iter().flatten() {
        let same = found.entry(property.key.clone()).or_default();
        if same.is_empty() {
            order.push(property.key.clone());
        }
        same.push(property.clone());
    }
    let properties = order.into_iter().filter_map(|key| {
        let same = found.remove(&key)?;
        let everywhere = same.len() == objects.len() && !has_maps;
        let required = everywhere && same.iter().all(|property| property.required);
        let mut shapes: Vec<Shape> = same.into_iter().map(|property| property.shape).collect();
        let shape = match shapes.len() {
            1 => shapes.remove(0),
            _ => {
                let notes = shapes.first().map(|shape| shape.notes.clone()).unwrap_or_default();
                Shape { notes, ..Shape::new(&first.at, Kind::Union(shapes, None)) }
            }
        };
        Some(Property { key, shape, required })
    });
    Kind::Object(properties.collect())
}

impl Settler<'_> {
    /// The components that are the forms of a union, if all its forms are components. Two unions with the
    /// same forms are the same type.
    pub(super) fn signature(&mut self, shape: &Shape) -> Option<String> {
        let Kind::Union(forms, _) = &shape.kind else { return None };
        let mut flat = Vec::new();
        self.flatten(forms.clone(), &mut flat, &mut false, 0);
        let names = flat.iter().map(|form| match &form.kind {
            Kind::Component(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect::<Option<Vec<_>>>().map(|names| names.join("|"))
    }
}
