//! `bare_types`: removes everything that progenitor derives, annotates and implements, and shortens
//! paths, so that only the fields of a type are left. Later passes add what a type implements.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Item, Path};

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
        if json && path.is_ident("Map") {
            path.segments.insert(0, syn::PathSegment::from(quote::format_ident!("serde_json")));
        }
    }
}
