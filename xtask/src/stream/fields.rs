//! Generates which keys an object has, so that unknown keys find their place. [`super::merge`]
//! generates how the values of the keys are merged.

use proc_macro2::TokenStream;
use quote::quote;

use super::{field, rust_type};
use crate::model::Component;

/// The `Fields` of an object.
pub(super) fn impl_of(component: &Component) -> TokenStream {
    let name = rust_type(component);
    let keys: Vec<&str> = component.properties().iter().map(|each| each.key).collect();
    // A constant has no field.
    let others: Vec<_> =
        component.properties().iter().filter(|each| each.constant.is_none()).collect();
    let field_keys = others.iter().map(|each| each.key);
    let fields: Vec<_> = others.iter().map(|each| field(each)).collect();
    quote! {
        impl Fields for #name {
            fn knows(key: &str) -> bool {
                matches!(key, #(#keys)|*)
            }

            fn field(&mut self, key: &str) -> Option<&mut dyn rules::Field> {
                match key {
                    #(#field_keys => Some(&mut self.#fields),)*
                    _ => None,
                }
            }

            fn fill(&mut self, other: Self) {
                #(rules::fill(&mut self.#fields, other.#fields);)*
                rules::fill_extra(&mut self.extra, other.extra);
            }

            fn extra_mut(&mut self) -> &mut types::Extra {
                &mut self.extra
            }
        }
    }
}
