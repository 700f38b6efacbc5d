//! `optional_fields`: what need not be on the wire is an `Option`, lists and maps too, because an
//! absent list is not an empty one. Maps take their plain form on the way, and what is rare and large
//! goes behind a pointer, so that everything else stays small.

use syn::{Fields, parse_quote};

use super::Tree;
use super::aliases::plain_map;
use super::tree::inner_of;
use crate::model::Model;
use crate::names;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let Some(item) = each.as_struct_mut() else { continue };
        let Fields::Named(named) = &mut item.fields else { continue };
        for field in &mut named.named {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            let mut properties = component.properties().iter();
            let property = properties.find(|property| names::field(&property.key) == name);
            let Some(property) = property else { continue };
            let bare = inner_of(&field.ty, "Option").unwrap_or(&field.ty);
            let mut bare = plain_map(bare);
            if property.boxed {
                bare = parse_quote! { Box<#bare> };
            }
            field.ty = match property.required && !property.nullable {
                true => bare,
                false => parse_quote! { Option<#bare> },
            };
        }
    }
}
