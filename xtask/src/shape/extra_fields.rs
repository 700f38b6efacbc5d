//! `extra_fields`: replaces progenitor's map of unknown keys by our `Extra`, which keeps their
//! order and does not allocate while it is empty. `serde_impls` fills it.

use syn::{Fields, Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Component, Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let is_object = |component: &Component| matches!(component.kind, Kind::Object(_));
        if !model.component(&each.name).is_some_and(is_object) {
            continue;
        }
        let was_map = name_the_map(each);
        let mut has_map = was_map;
        if let Some(item) = each.as_struct_mut()
            && let Fields::Named(named) = &mut item.fields
        {
            let all = std::mem::take(&mut named.named);
            has_map |= all.iter().any(is_extra);
            named.named = all.into_iter().filter(|field| !is_extra(field)).collect();
            named.named.push(parse_quote! { pub extra: Extra });
        }
        tree.missing.in_type(has_map, &each.name, "a map of unknown keys, `extra`");
    }
}

/// Progenitor makes a struct around a map of an object that has only constants.
/// Returns whether this is such a struct.
fn name_the_map(each: &mut Type) -> bool {
    if let Item::Struct(item) = &mut each.item
        && matches!(item.fields, Fields::Unnamed(_))
    {
        let name = &item.ident;
        each.item = parse_quote! { pub struct #name {} };
        return true;
    }
    false
}

fn is_extra(field: &syn::Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == "extra")
}
