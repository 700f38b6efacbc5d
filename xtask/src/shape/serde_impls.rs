//! `serde_impls`: writes the impls of `Serialize` and `Deserialize`, which keep unknown keys, keep
//! values of another shape, and choose the arm of a union by its tag. They only list the keys and
//! arms; the hand-written `decode` and `encode` of the types crate do the work.

mod objects;
mod unions;

use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let items = match &component.kind {
            Kind::Object(properties) => objects::impls(each, properties),
            Kind::Union(union) => unions::impls(each, union),
            Kind::Enum(_) => enum_impls(each),
            Kind::Alias => continue,
        };
        each.serde = items;
        each.serde.extend(serde_traits(each));
    }
}

/// The traits of serde, which use those of the types crate.
fn serde_traits(each: &Type) -> [Item; 2] {
    let name = format_ident!("{}", each.name);
    [
        parse_quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    encode::serialize(self, serializer)
                }
            }
        },
        parse_quote! {
            impl<'de> Deserialize<'de> for #name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    decode::deserialize(deserializer)
                }
            }
        },
    ]
}

fn enum_impls(each: &Type) -> Vec<Item> {
    let name = format_ident!("{}", each.name);
    vec![
        parse_quote! {
            impl encode::ToJson for #name {
                fn json(&self) -> encode::Json<'_> {
                    encode::Json::Text(self.as_str())
                }
            }
        },
        parse_quote! {
            impl FromJson for #name {
                const EXPECTED: &'static str = "a string";

                fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
                    decode::text(value, slot, |text| Self::from(text))
                }
            }
        },
    ]
}

/// A `match` on a text, with a fallback.
fn text_match(
    on: &proc_macro2::TokenStream,
    arms: &[(String, proc_macro2::TokenStream)],
    fallback: &proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    let arms = arms.iter().map(|(text, result)| quote! { #text => #result });
    quote! { match #on { #(#arms,)* _ => #fallback } }
}
