//! Generates what a merged piece becomes, and how a whole is cut into pieces. [`super::merge`]
//! generates how pieces are merged.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Shape, field, rust_type};
use crate::model::{Component, Model, Property, StreamRule};
use crate::names;

/// The `IntoWhole` impl of a piece: each key moves to the key with the same name.
pub(super) fn into_impl(piece: &Component, whole: &Component, model: &Model) -> TokenStream {
    let (from, into) = (rust_type(piece), rust_type(whole));
    if piece.name == whole.name {
        return quote! {
            impl IntoWhole<Self> for #from {
                fn into_whole(mut self) -> Self {
                    let extra = std::mem::take(&mut self.extra);
                    rules::place(&mut self, extra);
                    self
                }
            }
        };
    }
    let nulls = shared_nulls(piece, whole).map(|property| {
        let (set, read) = null_methods(property);
        quote! { if self.#read() { whole = whole.#set(); } }
    });
    let moves = moved(piece).filter_map(|property| {
        // The whole always has its constants, so they have no field there.
        whole.property(property.key).filter(|each| each.constant.is_none())?;
        let field = field(property);
        Some(if Shape::of(property).is_piece(model) {
            quote! { whole.#field = self.#field.into_whole(); }
        } else {
            quote! { whole.#field = self.#field; }
        })
    });
    let others = moved(piece).filter(|property| whole.property(property.key).is_none());
    let others: Vec<TokenStream> = others
        .map(|property| {
            let (field, key) = (field(property), &property.key);
            quote! { rules::add_json(&mut self.extra, #key, &self.#field); }
        })
        .collect();
    let this = if others.is_empty() {
        quote! { self }
    } else {
        quote! { mut self }
    };
    quote! {
        impl IntoWhole<#into> for #from {
            fn into_whole(#this) -> #into {
                let mut whole = #into::default();
                #(#others)*
                #(#nulls)*
                #(#moves)*
                rules::place(&mut whole, self.extra);
                whole
            }
        }
    }
}

/// The `Streamed` impl of a whole: which keys go into one piece, and which are cut.
pub(super) fn streamed_impl(piece: &Component, whole: &Component, model: &Model) -> TokenStream {
    let (part, from) = (rust_type(piece), rust_type(whole));
    let frames = moved(piece).filter_map(|property| frame(property, whole, model));
    // The nulls of texts belong to the pieces of the text.
    let not_joined = |property: &&Property| property.stream != Some(StreamRule::Join);
    let nulls = shared_nulls(piece, whole).filter(not_joined).map(|property| {
        let (set, read) = null_methods(property);
        quote! { if self.#read() { piece = piece.#set(); } }
    });
    let fields = whole.properties().iter().filter(|property| property.constant.is_none());
    let others = fields.filter(|property| is_only_in_whole(property, piece, model));
    let others: Vec<TokenStream> = others
        .map(|property| {
            let (field, key) = (field(property), &property.key);
            quote! { rules::add_json(&mut extra, #key, &self.#field); }
        })
        .collect();
    let mutable = (!others.is_empty()).then(|| quote! { mut });
    let texts: Vec<TokenStream> =
        moved(piece).filter_map(|property| cut(property, whole, piece, model)).collect();
    let split = if texts.is_empty() {
        quote! { _ }
    } else {
        quote! { split }
    };
    let text_fields: Vec<_> = moved(piece)
        .filter(|property| is_text(property) && whole.property(property.key).is_some())
        .map(field)
        .collect();
    let empty_texts = (!text_fields.is_empty()).then(|| {
        quote! {
            if with_empty_texts {
                #(piece.#text_fields = self.#text_fields.as_ref().map(|_| String::new());)*
            }
        }
    });
    let flag = if text_fields.is_empty() {
        quote! { _ }
    } else {
        quote! { with_empty_texts }
    };
    quote! {
        impl Streamed<#part> for #from {
            fn frame(&self, #flag: bool) -> #part {
                let mut piece = #part::default();
                #(#frames)*
                #(#nulls)*
                #empty_texts
                let #mutable extra = self.extra.clone();
                #(#others)*
                rules::place(&mut piece, extra);
                piece
            }

            fn pieces(&self, #split: SplitText) -> impl Iterator<Item = #part> {
                iter::empty()#(#texts)*
            }
        }
    }
}

/// The properties that keep a null in a piece and in its whole.
fn shared_nulls<'a>(
    piece: &'a Component<'a>,
    whole: &'a Component<'a>,
) -> impl Iterator<Item = &'a Property<'a>> {
    piece.kept_nulls().filter(|property| whole.kept_nulls().any(|each| each.key == property.key))
}

/// The methods that set and read the null of a key.
fn null_methods(property: &Property) -> (Ident, Ident) {
    let (set, read) = names::null_methods(&property.field);
    (format_ident!("{set}"), format_ident!("{read}"))
}

/// The properties that rules carry from the pieces to the whole.
fn moved<'d>(piece: &'d Component<'d>) -> impl Iterator<Item = &'d Property<'d>> {
    let by_rule = |property: &&Property| {
        !matches!(property.stream, None | Some(StreamRule::Omit | StreamRule::HandWritten))
    };
    piece.properties().iter().filter(by_rule)
}

/// A property of the whole that the pieces have under another name, or not at all, such as
/// `message`: hand-written code makes it from `delta`.
fn is_only_in_whole(property: &Property, piece: &Component, model: &Model) -> bool {
    let target = |each| model.component(Shape::of(each).name()?)?.adds_up_to;
    let whole = Shape::of(property).name();
    let mut hand_written =
        piece.properties().iter().filter(|each| each.stream == Some(StreamRule::HandWritten));
    piece.property(property.key).is_none()
        && !hand_written.any(|each| whole.is_some() && target(each) == whole)
}

/// Whether the values are plain texts, which are cut.
fn is_text(property: &Property) -> bool {
    property.stream == Some(StreamRule::Join) && matches!(Shape::of(property), Shape::Other)
}

/// The part of a property that belongs to the frame.
fn frame(property: &Property, whole: &Component, model: &Model) -> Option<TokenStream> {
    let target = whole.property(property.key)?;
    let field = field(property);
    if let Some(constant) = &target.constant {
        return Some(quote! { piece.#field = Some(#constant.into()); });
    }
    let shape = Shape::of(property);
    Some(match property.stream? {
        StreamRule::Join => return None,
        StreamRule::ByIndex => {
            quote! { piece.#field = rules::if_empty(&self.#field); }
        }
        StreamRule::Merge if shape.is_piece_of_other(model) => {
            let frame = quote! { whole.frame(true) };
            let frame = if property.boxed {
                quote! { Box::new(#frame) }
            } else {
                frame
            };
            quote! { piece.#field = self.#field.as_ref().map(|whole| #frame); }
        }
        _ => quote! { piece.#field.clone_from(&self.#field); },
    })
}

/// How the value of a property is cut into pieces.
fn cut(
    property: &Property,
    whole: &Component,
    piece: &Component,
    model: &Model,
) -> Option<TokenStream> {
    whole.property(property.key).filter(|each| each.constant.is_none())?;
    let (field, part) = (field(property), rust_type(piece));
    let shape = Shape::of(property);
    let pieces = match property.stream? {
        StreamRule::Join if is_text(property) => quote! { rules::cut(&self.#field, split) },
        StreamRule::ByIndex => quote! { rules::one_by_one(&self.#field) },
        StreamRule::Merge if shape.is_piece_of_other(model) => {
            quote! { rules::nested(&self.#field, split) }
        }
        _ => return None,
    };
    Some(quote! {
        .chain(#pieces.map(|value| #part::default().#field(value)))
    })
}
