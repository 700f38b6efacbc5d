//! `tagged_unions`: names the variants of unions as the document says, and adds an opaque arm for
//! unknown forms and conversions from the content of an arm. `serde_impls` chooses the arm while
//! decoding.

use std::collections::BTreeMap;

use proc_macro2::Ident;
use quote::{ToTokens, format_ident, quote};
use syn::{Fields, Item, Type as RustType, parse_quote};

use super::Tree;
use super::tree::{inner_of, simple_name};
use crate::model::{Kind, Model, Union};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let Kind::Union(union) = &component.kind else { continue };
        let name = format_ident!("{}", each.name);
        let arms = arms(&each.item, union);
        let is_whole = arms.len() == union.arms.len() && is_in_order(&each.item);
        tree.missing.in_type(is_whole, &each.name, "an enum with a variant for each form");
        each.item = declaration(&name, &arms);
        each.impls.extend(conversions(&name, &arms));
        each.impls.extend(arms.iter().filter_map(|(variant, held)| {
            let component = model.component(&simple_name(held))?;
            matches!(component.kind, Kind::Enum(_)).then(|| from_text(&name, variant, held))
        }));
    }
}

/// The variants and their content. Progenitor keeps the order of the branches, and makes a struct
/// of a union with only one branch.
pub(super) fn arms(item: &Item, union: &Union) -> Vec<(Ident, RustType)> {
    let held: Vec<&Fields> = match item {
        Item::Enum(item) => item.variants.iter().map(|variant| &variant.fields).collect(),
        Item::Struct(item) => vec![&item.fields],
        _ => Vec::new(),
    };
    let names = union.arms.iter().map(|arm| format_ident!("{}", arm.variant));
    let types = held.into_iter().filter_map(|fields| fields.iter().next());
    names.zip(types.map(|field| field.ty.clone())).collect()
}

/// Whether the variants are in the order of the document. [`crate::lower`] numbers them.
fn is_in_order(item: &Item) -> bool {
    let Item::Enum(item) = item else { return true };
    item.variants
        .iter()
        .enumerate()
        .all(|(number, variant)| variant.ident == format!("Arm{number}"))
}

fn declaration(name: &Ident, arms: &[(Ident, RustType)]) -> Item {
    let variants = arms.iter().map(|(variant, held)| quote! { #variant(#held) });
    parse_quote! {
        pub enum #name {
            #(#variants,)*
            Unknown(UnknownVariant),
        }
    }
}

fn conversions(name: &Ident, arms: &[(Ident, RustType)]) -> Vec<Item> {
    let mut counts = BTreeMap::new();
    for (_, held) in arms {
        *counts.entry(held.to_token_stream().to_string()).or_insert(0) += 1;
    }
    let unique = |held: &RustType| counts.get(&held.to_token_stream().to_string()) == Some(&1);
    let known = arms.iter().filter(|(_, held)| unique(held));
    known.flat_map(|(variant, held)| from_arm(name, variant, held)).collect()
}

/// An arm that holds an open enum of strings also converts from text.
fn from_text(name: &Ident, variant: &Ident, held: &RustType) -> Item {
    parse_quote! {
        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                Self::#variant(#held::from(text))
            }
        }
    }
}

fn from_arm(name: &Ident, variant: &Ident, held: &RustType) -> Vec<Item> {
    let mut items = vec![parse_quote! {
        impl From<#held> for #name {
            fn from(value: #held) -> Self {
                Self::#variant(value)
            }
        }
    }];
    if held.to_token_stream().to_string() == "String" {
        items.push(parse_quote! {
            impl From<&str> for #name {
                fn from(text: &str) -> Self {
                    Self::#variant(text.to_owned())
                }
            }
        });
    }
    if let Some(element) = inner_of(held, "Vec") {
        items.push(parse_quote! {
            impl<const N: usize> From<[#element; N]> for #name {
                fn from(values: [#element; N]) -> Self {
                    Self::#variant(values.into())
                }
            }
        });
        if element.to_token_stream().to_string() == "String" {
            items.push(parse_quote! {
                impl<const N: usize> From<[&str; N]> for #name {
                    fn from(texts: [&str; N]) -> Self {
                        Self::#variant(texts.map(str::to_owned).into())
                    }
                }
            });
        }
    }
    if let Some(boxed) = inner_of(held, "Box") {
        items.push(parse_quote! {
            impl From<#boxed> for #name {
                fn from(value: #boxed) -> Self {
                    Self::#variant(Box::new(value))
                }
            }
        });
    }
    items
}
