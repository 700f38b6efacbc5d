//! `optional_fields`: makes optional properties an `Option`, also lists and maps, because an absent
//! list is not an empty one. Properties with `x-boxed`, and
//! those that contain their own type, go into a `Box`; `tagged_unions` boxes the arms of unions.

use syn::{Fields, Type as RustType, parse_quote};

use super::Tree;
use super::tree::inner_of;
use crate::model::Model;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let Some(item) = each.as_struct_mut() else { continue };
        let Fields::Named(named) = &mut item.fields else { continue };
        for field in &mut named.named {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            let Some(property) = component.field(&name) else { continue };
            let (bare, is_cyclic) = unwrap(&field.ty);
            let mut bare = bare.clone();
            if property.boxed || is_cyclic {
                bare = parse_quote! { Box<#bare> };
            }
            field.ty = match property.required && !property.nullable {
                true => bare,
                false => parse_quote! { Option<#bare> },
            };
        }
    }
}

/// The type without each `Option` and `Box` around it, and whether there was a `Box`. Progenitor
/// puts a `Box` on either side of the `Option` if a type would contain itself.
fn unwrap(rust_type: &RustType) -> (&RustType, bool) {
    let (mut bare, mut boxed) = (rust_type, false);
    loop {
        if let Some(inner) = inner_of(bare, "Box") {
            (bare, boxed) = (inner, true);
        } else if let Some(inner) = inner_of(bare, "Option") {
            bare = inner;
        } else {
            return (bare, boxed);
        }
    }
}
