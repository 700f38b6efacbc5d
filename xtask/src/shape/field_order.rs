//! `field_order`: puts fields in the order of the document instead of the alphabet, and removes
//! their wire names. Later passes find a field by its position and its property by its name.

use syn::{Attribute, Field, Fields, LitStr};

use super::Tree;
use crate::model::{Component, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let Some(item) = each.as_struct_mut() else { continue };
        let Fields::Named(named) = &mut item.fields else { continue };
        let mut fields: Vec<Field> = std::mem::take(&mut named.named).into_iter().collect();
        fields.sort_by_key(|field| place(field, component));
        for field in &mut fields {
            finish(field, component);
        }
        named.named.extend(fields);
    }
}

fn place(field: &Field, component: &Component) -> usize {
    let key = wire_name(field);
    component.properties().iter().position(|property| property.key == key).unwrap_or(usize::MAX)
}

/// Gives the field the name of [`crate::names::field`], on which every other pass relies.
fn finish(field: &mut Field, component: &Component) {
    let key = wire_name(field);
    if let Some(property) = component.property(&key) {
        field.ident = Some(quote::format_ident!("{}", property.field));
    }
    field.attrs.clear();
}

fn wire_name(field: &Field) -> String {
    let renamed = field.attrs.iter().find_map(rename);
    renamed.or_else(|| field.ident.as_ref().map(ToString::to_string)).unwrap_or_default()
}

/// The name in `#[serde(rename = "…")]`.
fn rename(attribute: &Attribute) -> Option<String> {
    let mut found = None;
    let parsed = attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("rename") {
            found = Some(meta.value()?.parse::<LitStr>()?.value());
        } else if meta.input.peek(syn::Token![=]) {
            meta.value()?.parse::<syn::Expr>()?;
        }
        Ok(())
    });
    parsed.ok().and(found)
}
