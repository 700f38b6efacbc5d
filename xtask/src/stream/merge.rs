//! Generates how a piece takes in the next one, key by key. [`super::whole`] generates what the
//! merged piece becomes.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Shape, field, rust_type};
use crate::load::Node;
use crate::model::{Component, Kind, Model, Property, StreamRule};

/// The `Merge` impl of a piece.
pub(super) fn impl_of(piece: &Component, model: &Model) -> TokenStream {
    let name = rust_type(piece);
    let statements = piece.properties().iter().filter_map(statement);
    let nulls = piece.kept_nulls().next().map(|_| quote! { self.nulls |= new.nulls; });
    let modes = modes(piece);
    let brings = piece.properties().iter().filter_map(|property| brings(property, model));
    quote! {
        impl Merge for #name {
            fn merge(&mut self, new: &Self) {
                #(#statements)*
                #nulls
                rules::unknown(&mut self.extra, &new.extra, Self::mode);
            }

            fn brings_something(&self) -> bool {
                #(#brings)||*
            }

            fn mode(key: &str) -> Mode {
                #modes
            }
        }
    }
}

fn statement(property: &Property) -> Option<TokenStream> {
    let rule = match property.stream? {
        StreamRule::Join => quote! { join },
        StreamRule::First => quote! { first },
        StreamRule::Last | StreamRule::Closing => quote! { last },
        StreamRule::Append => quote! { append },
        StreamRule::ByIndex => quote! { by_index },
        StreamRule::Merge => quote! { merge },
        StreamRule::Omit | StreamRule::HandWritten => return None,
    };
    let field = field(property);
    Some(quote! { rules::#rule(&mut self.#field, &new.#field); })
}

/// Keys that only name or sort the other keys of the piece.
const LABELS: [&str; 6] = ["format", "id", "index", "name", "role", "type"];

/// Whether a key brings content instead of a label.
fn brings(property: &Property, model: &Model) -> Option<TokenStream> {
    let field = field(property);
    let is_label = LABELS.contains(&property.key);
    Some(match property.stream? {
        StreamRule::Omit | StreamRule::HandWritten => return None,
        StreamRule::First | StreamRule::Last if is_label => return None,
        StreamRule::Merge if Shape::of(property).is_piece(model) => {
            quote! { rules::brings_something(&self.#field) }
        }
        StreamRule::ByIndex => quote! { rules::brings_something(self.#field.iter().flatten()) },
        StreamRule::Merge => quote! { self.#field.is_some() },
        _ => quote! { rules::says(&self.#field) },
    })
}

/// How a value in `extra` is merged. Its key is unknown to the document, or the value has another
/// shape than documented.
fn modes(piece: &Component) -> TokenStream {
    let keys = |wanted: &[StreamRule]| -> Vec<&str> {
        let properties = piece.properties().iter();
        let found = properties
            .filter(|property| property.stream.is_some_and(|rule| wanted.contains(&rule)));
        found.map(|property| property.key).collect()
    };
    let arm = |keys: &[&str], mode: TokenStream| {
        (!keys.is_empty()).then(|| quote! { #(#keys)|* => Mode::#mode, })
    };
    let joined = arm(&keys(&[StreamRule::Join]), quote! { Joined });
    let omitted = arm(&keys(&[StreamRule::Omit]), quote! { Omitted });
    let documented = keys(&[
        StreamRule::First,
        StreamRule::Last,
        StreamRule::Closing,
        StreamRule::Append,
        StreamRule::ByIndex,
        StreamRule::Merge,
        StreamRule::HandWritten,
    ]);
    let joins = piece.schema.get("x-stream-unknown").and_then(Node::as_str) == Some("join");
    let others = if joins {
        quote! { Pieces }
    } else {
        quote! { Resent }
    };
    let documented = if joins { arm(&documented, quote! { Resent }) } else { None };
    if joined.is_none() && omitted.is_none() && documented.is_none() {
        return quote! { let _ = key; Mode::#others };
    }
    quote! {
        match key {
            #joined
            #omitted
            #documented
            _ => Mode::#others,
        }
    }
}

/// The `Part` impl of a piece that comes in lists: whether the next piece belongs to the same part.
pub(super) fn part_impl(piece: &Component) -> TokenStream {
    let name = rust_type(piece);
    let index = piece.property("index").map(field);
    let (has_index, same_place) = match &index {
        Some(field) => (quote! { self.#field.is_some() }, quote! { self.#field == next.#field }),
        None => (quote! { false }, quote! { true }),
    };
    let next = index.as_ref().map_or_else(|| format_ident!("_"), |_| format_ident!("next"));
    let continues = continues(piece);
    quote! {
        impl Part for #name {
            fn has_index(&self) -> bool {
                #has_index
            }

            fn has_place_of(&self, #next: &Self) -> bool {
                #same_place
            }

            #continues
        }
    }
}

/// A piece continues a part if type and id agree, and if the part is not closed or the piece adds nothing.
fn continues(piece: &Component) -> TokenStream {
    let labels = ["type", "id"].into_iter().filter_map(|key| piece.property(key)).map(field);
    let mut conditions: Vec<_> =
        labels.map(|field| quote! { rules::agree(&self.#field, &next.#field) }).collect();
    let closing = fields_with(piece, StreamRule::Closing);
    let texts = fields_with(piece, StreamRule::Join);
    if !closing.is_empty() {
        let is_closed = any(closing.iter().map(|field| quote! { rules::says(&self.#field) }));
        let adds = texts.iter().map(|field| quote! { rules::says(&next.#field) });
        let closes_again = closing
            .iter()
            .map(|field| quote! { (rules::says(&next.#field) && self.#field != next.#field) });
        let adds = any(adds.chain(closes_again));
        conditions.push(quote! { !((#is_closed) && (#adds)) });
    }
    if conditions.is_empty() {
        return quote! { fn is_continued_by(&self, _: &Self) -> bool { true } };
    }
    quote! {
        fn is_continued_by(&self, next: &Self) -> bool {
            #(#conditions)&&*
        }
    }
}

fn any(conditions: impl Iterator<Item = TokenStream>) -> TokenStream {
    let conditions = conditions.collect::<Vec<_>>();
    quote! { #(#conditions)||* }
}

fn fields_with(piece: &Component, rule: StreamRule) -> Vec<proc_macro2::Ident> {
    piece.properties().iter().filter(|property| property.stream == Some(rule)).map(field).collect()
}

/// The objects without rules that are merged key by key, and the objects in them.
pub(super) fn reports<'m>(
    pieces: &[&'m Component<'m>],
    model: &'m Model<'m>,
) -> Vec<&'m Component<'m>> {
    let mut found = BTreeSet::new();
    let merged = |property: &&Property| property.stream == Some(StreamRule::Merge);
    let mut open: Vec<&str> = pieces
        .iter()
        .flat_map(|piece| piece.properties().iter().filter(merged))
        .filter_map(|property| Shape::of(property).name())
        .collect();
    while let Some(name) = open.pop() {
        let Some(component) = model.component(name) else { continue };
        let is_report = component.adds_up_to.is_none() && is_object(component);
        if is_report && found.insert(name) {
            let inner = component.properties().iter().map(Shape::of);
            open.extend(inner.filter_map(|shape| match shape {
                Shape::Named(name) => Some(name),
                _ => None,
            }));
        }
    }
    model.components.iter().filter(|component| found.contains(component.name)).collect()
}

/// The `Merge` impl of an object without rules: it merges the objects in it, and keeps the last of
/// all other values.
pub(super) fn report_impl(report: &Component, model: &Model) -> TokenStream {
    let name = rust_type(report);
    let statements =
        report.properties().iter().filter(|each| each.constant.is_none()).map(|each| {
            let field = field(each);
            let named = match Shape::of(each) {
                Shape::Named(name) => model.component(name),
                _ => None,
            };
            match (named.is_some_and(is_object), each.required) {
                (true, false) => quote! { rules::merge(&mut self.#field, &new.#field); },
                (true, true) => quote! { self.#field.merge(&new.#field); },
                (false, false) => quote! { rules::last(&mut self.#field, &new.#field); },
                (false, true) => quote! { self.#field.clone_from(&new.#field); },
            }
        });
    quote! {
        impl Merge for #name {
            fn merge(&mut self, new: &Self) {
                #(#statements)*
                rules::unknown(&mut self.extra, &new.extra, Self::mode);
            }
        }
    }
}

pub(super) fn is_object(component: &Component) -> bool {
    matches!(component.kind, Kind::Object(_))
}
