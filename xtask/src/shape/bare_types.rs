//! `bare_types`: removes everything that progenitor derives, annotates and implements, and shortens
//! paths, so that only the fields of a type are left. Later passes add what a type implements.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Item, Path, PathArguments};

use super::Tree;
use crate::model::Model;

pub(super) fn apply(tree: &mut Tree, _: &Model) {
    for each in &mut tree.types {
        Bare.visit_item_mut(&mut each.item);
        match &mut each.item {
            Item::Struct(item) => item.attrs.clear(),
            Item::Enum(item) => item.attrs.clear(),
            _ => {}
        }
    }
}

fn is_named(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}

struct Bare;

impl VisitMut for Bare {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        // `field_order` needs the wire name of a field, and removes it.
        attributes.retain(|attribute| attribute.path().is_ident("serde"));
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let json = path.segments.iter().any(|segment| segment.ident == "serde_json");
        if let Some(last) = path.segments.pop() {
            path.segments.clear();
            path.leading_colon = None;
            path.segments.push(last);
        }
        if json && is_named(path, "Map") {
            *path = syn::parse_quote! { OrderedMap<Value> };
        } else if is_named(path, "OrderedMap")
            && let Some(last) = path.segments.last_mut()
            && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        {
            // Our map has no type parameter for its keys.
            arguments.args = arguments.args.iter().last().cloned().into_iter().collect();
        }
    }
}
