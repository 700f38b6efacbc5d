//! `validate_impls`: writes the impls of `Validate`, which finds what the document does not allow in a request: bounds
//! and shapes. `serde_impls` keeps such values instead of refusing them.
//!
//! Only the types of requests have one, because an answer is never refused. The methods are inlined, so that only
//! programs which use them compile them.

mod bounds;

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, Type as RustType, parse_quote};

use super::Tree;
use super::tree::{Type, inner_of};
use crate::load::Node;
use crate::model::{self, Json, Kind, Model, Property, Union};
pub use bounds::character_class;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    let reached = types_of_requests(model);
    for each in tree.types.iter_mut().filter(|each| reached.contains(&each.name)) {
        let Some(component) = model.component(&each.name) else { continue };
        let name = format_ident!("{}", each.name);
        let item = match &component.kind {
            Kind::Object(properties) => object_impl(&name, each, properties, model),
            Kind::Union(union) => union_impl(&name, each, union, component.forms(), model),
            // Every value is allowed.
            Kind::Enum(_) => parse_quote! { impl Validate for #name {} },
            Kind::Alias => continue,
        };
        each.validate.push(item);
    }
}

/// The names of the schemas that a request can have.
fn types_of_requests(model: &Model) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<String> = model
        .operations
        .iter()
        .filter_map(|operation| operation.request.map(str::to_owned))
        .collect();
    while let Some(name) = left.pop() {
        let Some(component) = model.component(&name) else { continue };
        if reached.insert(name) {
            references(component.schema, &mut left);
        }
    }
    reached
}

fn references(schema: &Node, names: &mut Vec<String>) {
    let target = schema.get("$ref").and_then(Node::as_str);
    names.extend(target.and_then(model::component_name).map(str::to_owned));
    schema.entries().iter().for_each(|entry| references(&entry.value, names));
    schema.items().iter().for_each(|item| references(item, names));
}

fn object_impl(name: &Ident, each: &Type, properties: &[Property], model: &Model) -> Item {
    let fields = each.fields();
    let typed: Vec<(&Property, &Ident, &RustType)> = properties
        .iter()
        .filter_map(|property| {
            let (field, rust_type) = fields.iter().find(|(field, _)| **field == property.field)?;
            Some((property, *field, *rust_type))
        })
        .collect();
    let checks = typed.iter().filter(|(property, ..)| is_checked(property.schema, model)).map(
        |(property, field, _)| {
            let (key, bounds) = (&property.key, bounds::of(property.schema, model));
            quote! { report.field(#key, &self.#field, #bounds); }
        },
    );
    // A key that only some services know may have another shape elsewhere.
    let shapes = typed.iter().filter(|(property, ..)| property.services.is_empty()).map(
        |(property, _, rust_type)| {
            let (key, inner) = (&property.key, innermost(rust_type));
            quote! { #key => decode::why::<#inner>, }
        },
    );
    let shapes: Vec<TokenStream> = shapes.collect();
    let why = match shapes.is_empty() {
        true => quote! { |_| None },
        false => quote! { |key| Some(match key { #(#shapes)* _ => return None }) },
    };
    parse_quote! {
        impl Validate for #name {
            #[inline]
            fn validate<'a>(&'a self, _: &Bounds, report: &mut Report<'a>) {
                #(#checks)*
                report.extra(&self.extra, #why);
            }
        }
    }
}

/// The type of a value that is there: without `Option` and `Box`.
fn innermost(rust_type: &RustType) -> &RustType {
    let inner = ["Option", "Box"].iter().find_map(|outer| inner_of(rust_type, outer));
    inner.map_or(rust_type, innermost)
}

fn union_impl(name: &Ident, each: &Type, union: &Union, forms: &[Node], model: &Model) -> Item {
    let arms = union.arms.iter().zip(forms);
    let checked = arms.filter(|(_, form)| is_checked(form, model)).map(|(arm, form)| {
        let (variant, bounds) = (format_ident!("{}", arm.variant), bounds::of(form, model));
        quote! { Self::#variant(value) => { value.validate(#bounds, report); } }
    });
    let reasons = reasons(each, union);
    parse_quote! {
        impl Validate for #name {
            #[inline]
            fn validate<'a>(&'a self, _: &Bounds, report: &mut Report<'a>) {
                match self {
                    #(#checked)*
                    Self::Unknown(value) => {
                        let expected = <Self as FromJson>::EXPECTED;
                        report.unknown(value.as_json(), expected, &[#(#reasons),*]);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What can say why a list or an object fits no arm. A scalar has no parts, so its kind says everything.
fn reasons(each: &Type, union: &Union) -> Vec<TokenStream> {
    let variants = each.as_enum().into_iter().flat_map(|item| &item.variants);
    let of_arms = variants.filter_map(|variant| {
        let arm = union.arms.iter().find(|arm| variant.ident == arm.variant)?;
        let is_wanted = match arm.json {
            Json::List => true,
            Json::Object => union.tag.is_none(),
            _ => false,
        };
        let inner = innermost(&variant.fields.iter().next()?.ty);
        is_wanted.then(|| quote! { decode::why::<#inner> })
    });
    let has_tagged = union.tag.is_some() && union.arms.iter().any(|arm| arm.json == Json::Object);
    let tagged = has_tagged.then(|| quote! { decode::why_tagged::<Self> });
    of_arms.chain(tagged).collect()
}

/// Whether the document says anything about a value beyond its kind.
fn is_checked(schema: &Node, model: &Model) -> bool {
    bounds::has_own(schema)
        || inner_schemas(schema).any(|inner| is_checked(inner, model))
        || model.target(schema).is_some_and(|component| match &component.kind {
            Kind::Object(_) | Kind::Union(_) => true,
            Kind::Enum(_) => false,
            Kind::Alias => is_checked(component.schema, model),
        })
}

/// The schemas of the items of a list, or of the values of a map.
fn inner_schemas(schema: &Node) -> impl Iterator<Item = &Node> {
    ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key))
}
