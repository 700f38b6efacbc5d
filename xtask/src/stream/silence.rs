//! Generates which values say nothing and so replace nothing: empty texts, lists and objects.
//! [`super::merge`] generates the rules that ask.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::merge::reports;
use super::{Shape, rust_type};
use crate::model::{Component, Json, Kind, Model, Property, StreamRule, Union};

/// The `SaysNothing` impl of each named type that a rule asks about.
pub(super) fn impls(pieces: &[&Component], model: &Model) -> TokenStream {
    let by_rule = |property: &&Property| {
        let rules = [StreamRule::First, StreamRule::Last, StreamRule::Closing];
        property.stream.is_some_and(|rule| rules.contains(&rule))
    };
    let reports = reports(pieces, model);
    let asked = pieces
        .iter()
        .flat_map(|piece| piece.properties().iter().filter(by_rule))
        .chain(reports.iter().flat_map(|report| report.properties()));
    let named = asked.filter_map(|property| match Shape::of(property) {
        Shape::Named(name) => Some(name),
        _ => None,
    });
    let names: BTreeSet<&str> = named.collect();
    let components = model.components.iter().filter(|component| names.contains(component.name));
    components.filter_map(impl_of).collect()
}

fn impl_of(component: &Component) -> Option<TokenStream> {
    let name = rust_type(component);
    let answer = match &component.kind {
        Kind::Enum(_) => quote! { rules::is_no_label(self.as_str()) },
        Kind::Object(_) if has_default(component) => quote! { *self == Self::default() },
        Kind::Object(_) => quote! { false },
        Kind::Union(union) => union_answer(union),
        Kind::Alias => return None,
    };
    Some(quote! {
        impl SaysNothing for #name {
            fn says_nothing(&self) -> bool {
                #answer
            }
        }
    })
}

fn union_answer(union: &Union) -> TokenStream {
    let arms = union.arms.iter().filter_map(|arm| {
        let variant = format_ident!("{}", arm.variant);
        let answer = match arm.json {
            Json::Text | Json::List => quote! { value.is_empty() },
            Json::Integer => quote! { *value == 0 },
            Json::Number => quote! { *value == 0.0 },
            Json::Object => quote! { rules::is_empty_json(value) },
            Json::Boolean => return None,
        };
        Some(quote! { Self::#variant(value) => #answer, })
    });
    quote! {
        match self {
            #(#arms)*
            _ => false,
        }
    }
}

/// Whether an object can be empty, because no key is mandatory.
fn has_default(component: &Component) -> bool {
    component.properties().iter().all(|property| !property.required || property.constant.is_some())
}
