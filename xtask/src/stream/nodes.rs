//! Generates how the templates of the stream crate reach a value inside a chunk, by the positions of its keys.
//! [`super::merge`] generates how values add up.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::{field, rust_type};
use crate::load::Node;
use crate::model::{Component, Kind, Model, Property, reference, text};

/// The impls for a chunk and for each object and union in it.
pub(super) fn impls(model: &Model) -> Vec<TokenStream> {
    let mut found = BTreeSet::new();
    let mut open = vec!["ChatCompletionChunk".to_owned()];
    while let Some(name) = open.pop() {
        let Some(component) = model.component(&name) else { continue };
        if matches!(component.kind, Kind::Object(_) | Kind::Union(_)) && found.insert(name) {
            open.extend(inner_names(component));
        }
    }
    let components = model.components.iter().filter(|component| found.contains(component.name));
    components.map(|component| impl_of(component, model)).collect()
}

/// The components that a component refers to, in its properties or forms.
fn inner_names(component: &Component) -> Vec<String> {
    let properties = component.properties().iter().map(|property| property.schema);
    let schemas = properties.chain(component.forms());
    schemas
        .filter_map(|schema| reference(schema).or_else(|| reference(schema.get("items")?)))
        .map(str::to_owned)
        .collect()
}

fn impl_of(component: &Component, model: &Model) -> TokenStream {
    match &component.kind {
        Kind::Union(_) => union_impl(component, model),
        _ => object_impl(component, model),
    }
}

fn object_impl(component: &Component, model: &Model) -> TokenStream {
    let name = rust_type(component);
    let positions = (0..).map(Literal::usize_unsuffixed);
    let properties: Vec<_> = component.properties().iter().zip(positions).collect();
    let keys = properties.iter().map(|(property, position)| {
        let key = Literal::byte_string(property.key.as_bytes());
        quote! { #key => #position, }
    });
    let children = properties.iter().filter_map(|(property, position)| {
        let child = child(property, model)?;
        Some(quote! { #position => #child, })
    });
    quote! {
        impl NodeObject for #name {
            fn position(&self, key: &[u8]) -> Option<usize> {
                Some(match key {
                    #(#keys)*
                    _ => return None,
                })
            }

            fn child(&mut self, position: usize) -> Option<Node<'_>> {
                match position {
                    #(#children)*
                    _ => None,
                }
            }

            fn extra_mut(&mut self) -> &mut types::Extra {
                &mut self.extra
            }
        }

        impl IntoNode for #name {
            fn node(&mut self) -> Option<Node<'_>> {
                Some(Node::Object(self))
            }
        }
    }
}

fn child(property: &Property, model: &Model) -> Option<TokenStream> {
    let field = field(property);
    if property.constant.is_some() {
        return None;
    }
    match node_kind(property.schema, model)? {
        NodeKind::Integers => Some(quote! { self.#field.as_mut().map(Node::Integers) }),
        NodeKind::Other => Some(quote! { self.#field.node() }),
    }
}

enum NodeKind {
    /// A list of integers, whose length differs from chunk to chunk.
    Integers,
    Other,
}

/// What a value of a schema is in the tree; `None` if no value inside of it may differ.
fn node_kind(schema: &Node, model: &Model) -> Option<NodeKind> {
    if let Some(name) = reference(schema) {
        let component = model.component(name)?;
        return match &component.kind {
            Kind::Object(_) | Kind::Union(_) => Some(NodeKind::Other),
            Kind::Enum(_) => None,
            Kind::Alias => node_kind(component.schema, model),
        };
    }
    match text(schema, "type") {
        "string" | "integer" | "number" => Some(NodeKind::Other),
        "array" => match node_kind(schema.get("items")?, model)? {
            NodeKind::Integers => None,
            NodeKind::Other if is_integer(schema.get("items")?) => Some(NodeKind::Integers),
            NodeKind::Other => Some(NodeKind::Other),
        },
        _ => None,
    }
}

fn is_integer(schema: &Node) -> bool {
    text(schema, "type") == "integer" && schema.get("minimum").is_none()
}

fn union_impl(component: &Component, model: &Model) -> TokenStream {
    let name = rust_type(component);
    let Kind::Union(union) = &component.kind else { return TokenStream::new() };
    let forms = component.forms();
    let arms = union.arms.iter().zip(0_usize..).filter_map(|(arm, position)| {
        let (form, earlier) = (forms.get(position)?, forms.get(..position)?);
        let variant = format_ident!("{}", arm.variant);
        match node_kind(form, model)? {
            NodeKind::Integers => None,
            NodeKind::Other if earlier.iter().any(|earlier| may_take(earlier, form, model)) => None,
            NodeKind::Other => Some(quote! { Self::#variant(value) => value.node(), }),
        }
    });
    quote! {
        impl IntoNode for #name {
            fn node(&mut self) -> Option<Node<'_>> {
                match self {
                    #(#arms)*
                    _ => None,
                }
            }
        }
    }
}

/// Whether another value of a form may be read as an earlier form: after 1.5, the value 2 is an integer.
fn may_take(earlier: &Node, form: &Node, model: &Model) -> bool {
    scalar(earlier, model).is_some_and(|syntax| Some(syntax) == scalar(form, model))
}

/// The JSON type of a string or number, without the difference between an integer and a fraction.
fn scalar(schema: &Node, model: &Model) -> Option<&'static str> {
    if let Some(name) = reference(schema) {
        let component = model.component(name)?;
        return match &component.kind {
            Kind::Enum(_) => Some("string"),
            _ => scalar(component.schema, model),
        };
    }
    match text(schema, "type") {
        "string" => Some("string"),
        "integer" | "number" => Some("number"),
        _ => None,
    }
}
