//! `constructors`: adds `new`, which takes what every service needs, and a chainable setter for
//! each optional field. Structs are `#[non_exhaustive]`, so users can build them in no other way.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, Type as RustType, parse_quote};

use super::Tree;
use super::tree::{Type, inner_of, simple_name};
use crate::model::{Component, Kind, Model, Property};

/// A field and its property.
struct Field<'a> {
    name: &'a Ident,
    rust_type: &'a RustType,
    property: &'a Property<'a>,
}

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        if matches!(component.kind, Kind::Object(_)) {
            let item = builder_impl(each, component, model);
            each.impls.insert(0, item);
        }
    }
}

fn builder_impl(each: &Type, component: &Component, model: &Model) -> Item {
    let name = format_ident!("{}", each.name);
    let fields: Vec<Field<'_>> = each
        .fields()
        .into_iter()
        .filter_map(|(name, rust_type)| {
            let property = component.field(&name.to_string())?;
            Some(Field { name, rust_type, property })
        })
        .collect();
    let new = new_method(&fields, component.kept_nulls().next().is_some(), model);
    let setters = fields.iter().map(|field| setter(field, model));
    parse_quote! {
        impl #name {
            #new
            #(#setters)*

            /// Sets a key that the document does not know, such as an option of one service.
            #[must_use]
            pub fn with_extra(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
                self.extra.insert(key, value.into());
                self
            }
        }
    }
}

fn new_method(fields: &[Field<'_>], keeps_nulls: bool, model: &Model) -> TokenStream {
    let arguments: Vec<&Field<'_>> =
        fields.iter().filter(|field| field.property.is_constructor_argument()).collect();
    let parameters = arguments.iter().map(|field| {
        let (name, taken) = (field.name, taken_type(bare(field), model));
        quote! { #name: #taken }
    });
    let values = fields.iter().map(|field| {
        let (name, value) = (field.name, initial_value(field, model));
        match *name == value.to_string() {
            true => quote! { #name },
            false => quote! { #name: #value },
        }
    });
    let doc = new_doc(&arguments, &preset(fields));
    let nulls = keeps_nulls.then(|| quote! { , nulls: Nulls::default() });
    quote! {
        #(#[doc = #doc])*
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#values,)* extra: Extra::new() #nulls }
        }
    }
}

/// Describes what `new` sets by itself.
fn preset(fields: &[Field<'_>]) -> Vec<String> {
    let own = fields.iter().filter(|field| !field.property.is_constructor_argument());
    own.filter_map(|Field { property, .. }| {
        property.constructor_value.as_ref().map(|value| format!("`{}` to `{value}`", property.key))
    })
    .collect()
}

fn new_doc(arguments: &[&Field<'_>], preset: &[String]) -> Vec<String> {
    let names: Vec<String> =
        arguments.iter().map(|field| format!("`{}`", field.property.key)).collect();
    let with = match names.as_slice() {
        [] => String::new(),
        [only] => format!(" with {only}"),
        [first @ .., last] => format!(" with {} and {last}", first.join(", ")),
    };
    match (with.is_empty(), preset) {
        (true, []) => vec![" Creates an empty value.".to_owned()],
        (false, []) => vec![format!(" Creates a value{with}; everything else is absent.")],
        // Two paragraphs, because the text may be longer than one line.
        _ => vec![
            format!(" Creates a value{with}."),
            format!(" Sets {}; everything else is absent.", preset.join(" and ")),
        ],
    }
}

fn initial_value(field: &Field<'_>, model: &Model) -> TokenStream {
    let name = field.name;
    let value = if field.property.is_constructor_argument() {
        converted(&quote! { #name }, bare(field), model)
    } else if let Some(text) = &field.property.constructor_value {
        constructor_value(text, bare(field), model)
    } else {
        return quote! { None };
    };
    wrapped(value, field)
}

/// The value that the constructor sets: a variant of an enum, or a text.
fn constructor_value(text: &str, rust_type: &RustType, model: &Model) -> TokenStream {
    let component = model.component(&simple_name(rust_type));
    let variant = component.and_then(|component| match &component.kind {
        Kind::Enum(values) => values.iter().find(|value| value.text == text),
        _ => None,
    });
    match variant {
        Some(value) => {
            let variant = super::open_enums::variant(value);
            quote! { #rust_type::#variant }
        }
        None => quote! { #text.into() },
    }
}

fn setter(field: &Field<'_>, model: &Model) -> TokenStream {
    let (name, taken) = (field.name, taken_type(bare(field), model));
    let value = wrapped(converted(&quote! { #name }, bare(field), model), field);
    let doc = format!(" Sets `{}`.", field.property.key.replace('`', "'"));
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #name(mut self, #name: #taken) -> Self {
            self.#name = #value;
            self
        }
    }
}

fn is_option(field: &Field<'_>) -> bool {
    simple_name(field.rust_type) == "Option"
}

/// The type without its `Option`.
fn present<'a>(field: &Field<'a>) -> &'a RustType {
    inner_of(field.rust_type, "Option").unwrap_or(field.rust_type)
}

/// The type without its `Option` and its `Box`.
fn bare<'a>(field: &Field<'a>) -> &'a RustType {
    inner_of(present(field), "Box").unwrap_or(present(field))
}

/// The value in the `Box` and the `Option` of the field.
fn wrapped(value: TokenStream, field: &Field<'_>) -> TokenStream {
    let value = if simple_name(present(field)) == "Box" {
        quote! { Box::new(#value) }
    } else {
        value
    };
    if is_option(field) {
        quote! { Some(#value) }
    } else {
        value
    }
}

/// Numbers and booleans have no `Into`, because the type of a literal would be ambiguous.
fn is_plain(rust_type: &RustType) -> bool {
    ["bool", "i64", "u64", "f64"].contains(&simple_name(rust_type).as_str())
}

/// The union in a list of a union. Its items may be given as what becomes the union, such as its arms.
fn union_in_list<'a>(rust_type: &'a RustType, model: &Model) -> Option<&'a RustType> {
    let item = inner_of(rust_type, "Vec")?;
    let component = model.component(&simple_name(item))?;
    matches!(component.kind, Kind::Union(_)).then_some(item)
}

fn taken_type(rust_type: &RustType, model: &Model) -> TokenStream {
    match union_in_list(rust_type, model) {
        Some(item) => quote! { impl IntoIterator<Item: Into<#item>> },
        None if is_plain(rust_type) => quote! { #rust_type },
        None => quote! { impl Into<#rust_type> },
    }
}

fn converted(value: &TokenStream, rust_type: &RustType, model: &Model) -> TokenStream {
    match union_in_list(rust_type, model) {
        Some(_) => quote! { #value.into_iter().map(Into::into).collect() },
        None if is_plain(rust_type) => value.clone(),
        None => quote! { #value.into() },
    }
}
