//! The syntax tree that the passes work on: one entry for each type, with separate parts for the
//! output files. [`crate::split`] decides which file a part goes into.

use std::collections::HashMap;

use syn::{Fields, Ident, Item, ItemEnum, ItemStruct, Type as RustType};

use crate::emit::Emitted;
use crate::load::escape_step;
use crate::model::{Model, Operation};

/// Everything that is generated.
pub struct Tree {
    /// The types, in the document's order.
    pub types: Vec<Type>,
    /// The methods of the client, in the document's order.
    pub methods: Vec<syn::ImplItemFn>,
    /// Items of the client that are not methods.
    pub client: Vec<Item>,
    /// What the passes expected from progenitor and did not find.
    pub(super) missing: Missing,
}

/// What a pass expected from progenitor and did not find. [`super::shape`] makes a problem of each, so that
/// another version of progenitor is noticed.
#[derive(Default)]
pub(super) struct Missing {
    found: Vec<(String, String)>,
}

impl Missing {
    /// Records `what` at a JSON pointer of the document, unless it is there.
    pub(super) fn unless(&mut self, is_there: bool, at: &str, what: &str) {
        if !is_there {
            self.found.push((at.to_owned(), what.to_owned()));
        }
    }

    /// The same for a type.
    pub(super) fn in_type(&mut self, is_there: bool, name: &str, what: &str) {
        self.unless(is_there, &format!("/components/schemas/{name}"), what);
    }

    /// The same for a method.
    pub(super) fn in_operation(&mut self, is_there: bool, operation: &Operation, what: &str) {
        let path = escape_step(operation.path);
        self.unless(is_there, &format!("/paths/{path}/{}", operation.method), what);
    }

    /// Takes all that was recorded: a pointer and what is missing there.
    pub(super) fn take(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.found)
    }
}

/// One type and everything that belongs to it.
pub struct Type {
    /// The name of the type and of its schema.
    pub name: String,
    /// The struct, enum or alias.
    pub item: Item,
    /// Inherent impls and conversions, which people read.
    pub impls: Vec<Item>,
    /// The impls of `Serialize` and `Deserialize`, and their helpers.
    pub serde: Vec<Item>,
    /// The impl of `Unknown`.
    pub unknown: Vec<Item>,
    /// The impl of `Validate`.
    pub validate: Vec<Item>,
    /// The impl of `JsonSchema`.
    pub json_schema: Vec<Item>,
}

impl Tree {
    /// Sorts progenitor's items into types, in the document's order, and methods.
    pub(super) fn new(emitted: Emitted, model: &Model) -> Self {
        let mut types: Vec<Type> = emitted.types.into_iter().filter_map(Type::new).collect();
        types.sort_by_key(|each| model.place(&each.name).unwrap_or(usize::MAX));
        let mut missing = Missing::default();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        types.iter().for_each(|each| *counts.entry(&each.name).or_default() += 1);
        for component in &model.components {
            let is_once = counts.remove(component.name) == Some(1);
            missing.in_type(is_once, component.name, "one struct or enum of this name");
        }
        let other = counts.into_keys().min();
        missing.unless(other.is_none(), "", "no type but those of the schemas");
        Self { types, methods: Vec::new(), client: emitted.client, missing }
    }
}

impl Type {
    fn new(item: Item) -> Option<Self> {
        let name = match &item {
            Item::Struct(item) => item.ident.to_string(),
            Item::Enum(item) => item.ident.to_string(),
            _ => return None,
        };
        Some(Self {
            name,
            item,
            impls: Vec::new(),
            serde: Vec::new(),
            unknown: Vec::new(),
            validate: Vec::new(),
            json_schema: Vec::new(),
        })
    }

    /// The struct with named fields, if it is one.
    pub fn as_struct(&self) -> Option<&ItemStruct> {
        match &self.item {
            Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => Some(item),
            _ => None,
        }
    }

    /// The same, mutable.
    pub fn as_struct_mut(&mut self) -> Option<&mut ItemStruct> {
        match &mut self.item {
            Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => Some(item),
            _ => None,
        }
    }

    /// The enum, if it is one.
    pub fn as_enum(&self) -> Option<&ItemEnum> {
        match &self.item {
            Item::Enum(item) => Some(item),
            _ => None,
        }
    }

    /// The same, mutable.
    pub fn as_enum_mut(&mut self) -> Option<&mut ItemEnum> {
        match &mut self.item {
            Item::Enum(item) => Some(item),
            _ => None,
        }
    }

    /// The fields of a struct except `extra` and `nulls`, each with its name and type.
    pub fn fields(&self) -> Vec<(&Ident, &RustType)> {
        let fields = self.as_struct().into_iter().flat_map(|item| &item.fields);
        fields
            .filter_map(|field| Some((field.ident.as_ref()?, &field.ty)))
            .filter(|(name, _)| *name != "extra" && *name != "nulls")
            .collect()
    }
}

/// The `T` of an `Outer<T>`.
pub(super) fn inner_of<'a>(rust_type: &'a RustType, outer: &str) -> Option<&'a RustType> {
    let RustType::Path(path) = rust_type else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == outer)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.last() {
        Some(syn::GenericArgument::Type(inner)) => Some(inner),
        _ => None,
    }
}

/// The last name of a path: `Usage` of `crate::Usage`, `Vec` of `Vec<Usage>`.
pub(super) fn simple_name(rust_type: &RustType) -> String {
    match rust_type {
        RustType::Path(path) => {
            path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}
