//! `aliases`: a named map, list, scalar or any JSON becomes a type alias instead of a new type.
//! Named objects, enums and unions stay types.

use syn::{Fields, Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let is_alias =
            model.component(&each.name).is_some_and(|found| matches!(found.kind, Kind::Alias));
        if is_alias {
            make_alias(each);
        }
    }
}

fn make_alias(each: &mut Type) {
    let Item::Struct(item) = &each.item else { return };
    let Fields::Unnamed(fields) = &item.fields else { return };
    let Some(field) = fields.unnamed.first() else { return };
    let name = &item.ident;
    let target = &field.ty;
    each.item = parse_quote! { pub type #name = #target; };
}
