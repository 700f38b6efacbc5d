//! `extra_fields`: replaces progenitor's map of unknown keys by our `Extra`, which keeps their
//! order and does not allocate while it is empty. `serde_impls` fills it.

use syn::{Fields, Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let component = model.component(&each.name);
        if component.is_some_and(|component| matches!(component.kind, Kind::Object(_))) {
            name_the_map(each);
        }
        let Some(item) = each.as_struct_mut() else { continue };
        let Fields::Named(named) = &mut item.fields else { continue };
        named.named =
            std::mem::take(&mut named.named).into_iter().filter(|f| !is_extra(f)).collect();
        named.named.push(parse_quote! { pub extra: Extra });
    }
}

/// Progenitor makes a struct around a map of an object that has only constants.
fn name_the_map(each: &mut Type) {
    if let Item::Struct(item) = &mut each.item
        && matches!(item.fields, Fields::Unnamed(_))
    {
        let name = &item.ident;
        each.item = parse_quote! { pub struct #name {} };
    }
}

fn is_extra(field: &syn::Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == "extra")
}
