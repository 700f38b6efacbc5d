//! `kept_nulls`: adds `nulls` to objects with `x-keep-null`, which remembers the keys that came as null,
//! and the methods that set and read each null. `serde_impls` fills it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Fields, parse_quote};

use super::Tree;
use crate::model::{Component, Model, Property};
use crate::names;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let Some(methods) = methods(component) else { continue };
        let Some(item) = each.as_struct_mut() else { continue };
        let Fields::Named(fields) = &mut item.fields else { continue };
        fields.named.push(parse_quote! { #[doc(hidden)] pub nulls: Nulls });
        each.impls.push(parse_quote! { #methods });
    }
}

fn methods(component: &Component) -> Option<TokenStream> {
    component.kept_nulls().next()?;
    let name = format_ident!("{}", component.name);
    let methods = (0..).zip(component.kept_nulls()).map(|(number, key)| null_methods(key, number));
    Some(quote! { impl #name { #(#methods)* } })
}

/// The methods that set and read the null of a key.
fn null_methods(property: &Property, number: u32) -> TokenStream {
    let field = format_ident!("{}", property.field);
    let (set, read) = names::null_methods(&property.field);
    let (set, read) = (format_ident!("{set}"), format_ident!("{read}"));
    let number = Literal::u32_unsuffixed(number);
    let set_doc = format!(
        " Writes `{}` as null while it has no value. Some services refuse the object without the key.",
        property.key
    );
    let read_doc =
        format!(" Whether `{}` is written as null, because it came as null.", property.key);
    quote! {
        #[doc = #set_doc]
        #[must_use]
        pub fn #set(mut self) -> Self {
            self.nulls.set(#number, true);
            self
        }

        #[doc = #read_doc]
        #[must_use]
        pub fn #read(&self) -> bool {
            self.#field.is_none() && self.nulls.contains(#number)
        }
    }
}
