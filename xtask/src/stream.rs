//! Generates the file of the stream crate that says how a stream adds up and how a completion is
//! taken apart again, from the `x-stream` rules of the document. [`crate::shape`] generates the
//! types and the client.
//!
//! A schema with `x-adds-up-to` is called a piece here. Each gets four impls: one [merges](merge)
//! pieces, two turn the merged piece into the whole and the whole into pieces ([`whole`]), and one
//! finds the places of unknown keys ([`fields`]). [`nodes`] generates the way to each
//! value of a chunk.

mod fields;
mod merge;
mod nodes;
mod silence;
mod whole;

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::parse_quote;

use crate::layout::Layout;
use crate::model::{Component, Kind, Model, Property, StreamRule, reference};
use crate::split::Part;

/// Returns the file of the stream crate; `None` if there is no such crate, or if no object of the
/// document is streamed.
pub fn part(model: &Model, layout: &Layout) -> Option<Part> {
    let home = layout.stream.as_ref()?;
    let types = format_ident!("{}", layout.types.ident());
    let pieces: Vec<&Component> = pieces(model).collect();
    if pieces.is_empty() {
        return None;
    }
    let impls = pieces.iter().map(|piece| piece_impls(piece, model));
    let fields = with_places(&pieces, model).into_iter().map(fields::impl_of);
    let reports = merge::reports(&pieces, model);
    let reports = reports.into_iter().map(|report| merge::report_impl(report, model));
    let silences = silence::impls(&pieces, model);
    let nodes = nodes::impls(model);
    let node_imports = (!nodes.is_empty()).then(|| {
        quote! {
            use crate::template::{IntoNode, Node, NodeObject};
        }
    });
    Some(Part {
        path: home.source("generated.rs"),
        about: "How the pieces of a stream add up, how a completion is cut, and how values of a chunk are reached.",
        file: parse_quote! {
            #![allow(
                deprecated,
                clippy::match_like_matches_macro,
                clippy::match_same_arms,
                clippy::match_single_binding,
                reason = "one shape of code for all, and what is deprecated is still carried"
            )]

            use std::iter;

            use #types as types;

            use crate::rules::{self, Fields, IntoWhole, Merge, Mode, Part, SaysNothing, Streamed};
            use crate::split_text::SplitText;
            #node_imports

            #(#impls)*
            #(#reports)*
            #(#fields)*
            #silences
            #(#nodes)*
        },
    })
}

/// The pieces, in the document's order.
fn pieces<'m>(model: &'m Model<'m>) -> impl Iterator<Item = &'m Component<'m>> {
    model.components.iter().filter(|component| component.adds_up_to.is_some())
}

fn piece_impls(piece: &Component, model: &Model) -> TokenStream {
    let merge = merge::impl_of(piece, model);
    let part = is_part(piece, model).then(|| merge::part_impl(piece));
    let wholes = wholes(piece, model);
    let into = wholes.iter().map(|whole| whole::into_impl(piece, whole, model));
    let streamed = wholes.iter().filter(|whole| whole.name != piece.name);
    let streamed = streamed.map(|whole| whole::streamed_impl(piece, whole, model));
    quote! {
        #merge
        #part
        #(#into)*
        #(#streamed)*
    }
}

/// What a piece adds up to: an object, or the object forms of a union.
fn wholes<'m>(piece: &Component, model: &'m Model<'m>) -> Vec<&'m Component<'m>> {
    let Some(whole) = piece.adds_up_to.and_then(|name| model.component(name)) else {
        return Vec::new();
    };
    match &whole.kind {
        Kind::Union(_) => whole.forms().iter().filter_map(|form| model.target(form)).collect(),
        _ => vec![whole],
    }
}

/// Pieces and wholes, each once, in the document's order.
fn with_places<'m>(pieces: &[&'m Component<'m>], model: &'m Model<'m>) -> Vec<&'m Component<'m>> {
    let mut names = BTreeSet::new();
    for piece in pieces {
        names.insert(piece.name);
        names.extend(wholes(piece, model).iter().map(|whole| whole.name));
    }
    model.components.iter().filter(|component| names.contains(component.name)).collect()
}

/// Whether lists of this piece are merged part by part.
fn is_part(piece: &Component, model: &Model) -> bool {
    let lists = pieces(model).flat_map(|other| other.properties());
    let mut lists = lists.filter(|property| property.stream == Some(StreamRule::ByIndex));
    lists.any(|property| Shape::of(property).item() == Some(piece.name))
}

/// The Rust type of a component.
fn rust_type(component: &Component) -> TokenStream {
    let name = format_ident!("{}", component.name);
    quote! { types::#name }
}

fn field(property: &Property) -> Ident {
    format_ident!("{}", property.field)
}

/// The type of a property.
enum Shape<'d> {
    /// A component.
    Named(&'d str),
    /// A list of a component.
    ListOf(&'d str),
    /// Anything else.
    Other,
}

impl<'d> Shape<'d> {
    fn of(property: &Property<'d>) -> Self {
        if let Some(name) = reference(property.schema) {
            return Self::Named(name);
        }
        match property.schema.get("items").and_then(reference) {
            Some(name) => Self::ListOf(name),
            None => Self::Other,
        }
    }

    /// The component of the items, if it is a list of one.
    fn item(&self) -> Option<&'d str> {
        match self {
            Self::ListOf(name) => Some(name),
            _ => None,
        }
    }

    /// The component of the value or of its items.
    fn name(&self) -> Option<&'d str> {
        match self {
            Self::Named(name) | Self::ListOf(name) => Some(name),
            Self::Other => None,
        }
    }

    /// Whether the value is a piece, or a list of pieces.
    fn is_piece(&self, model: &Model) -> bool {
        let component = self.name().and_then(|name| model.component(name));
        component.is_some_and(|component| component.adds_up_to.is_some())
    }

    /// Whether the value is a piece of another type.
    fn is_piece_of_other(&self, model: &Model) -> bool {
        let piece = self.name().and_then(|name| model.component(name));
        piece.is_some_and(|piece| piece.adds_up_to.is_some_and(|whole| whole != piece.name))
    }
}
