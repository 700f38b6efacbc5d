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
            let made = make_alias(each);
            tree.missing.in_type(made.is_some(), &each.name, "a struct around one value");
        }
    }
}

fn make_alias(each: &mut Type) -> Option<()> {
    let Item::Struct(item) = &each.item else { return None };
    let Fields::Unnamed(fields) = &item.fields else { return None };
    let field = fields.unnamed.first()?;
    let name = &item.ident;
    let target = &field.ty;
    each.item = parse_quote! { pub type #name = #target; };
    Some(())
}
