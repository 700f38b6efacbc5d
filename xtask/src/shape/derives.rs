//! `derives`: derives the traits that need no generated code, and adds `#[non_exhaustive]`.
//! `serde_impls` adds serialisation.

use syn::{Attribute, Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let derive: Attribute = match &component.kind {
            Kind::Object(_) if is_all_optional(each) => {
                parse_quote! { #[derive(Clone, Debug, Default, PartialEq)] }
            }
            Kind::Object(_) | Kind::Union(_) => parse_quote! { #[derive(Clone, Debug, PartialEq)] },
            Kind::Enum(_) => parse_quote! { #[derive(Clone, Debug, PartialEq, Eq, Hash)] },
            Kind::Alias => continue,
        };
        let attributes = [derive, parse_quote! { #[non_exhaustive] }];
        match &mut each.item {
            Item::Struct(item) => item.attrs.extend(attributes),
            Item::Enum(item) => item.attrs.extend(attributes),
            _ => {}
        }
    }
}

/// Whether an empty value of the type is valid.
pub(super) fn is_all_optional(each: &Type) -> bool {
    each.fields().iter().all(|(_, rust_type)| super::tree::simple_name(rust_type) == "Option")
}
