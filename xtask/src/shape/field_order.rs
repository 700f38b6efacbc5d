//! `field_order`: puts fields in the order of the document instead of the alphabet, and removes
//! their wire names. Later passes find a field by its position and its property by its name.

use std::collections::HashMap;

use syn::{Attribute, Field, Fields, LitStr};

use super::Tree;
use crate::model::{Model, Property};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let wanted = component.properties().iter().filter(|property| property.constant.is_none());
        let wanted: Vec<&Property> = wanted.collect();
        let name = each.name.clone();
        let fields = each.as_struct_mut().and_then(|item| match &mut item.fields {
            Fields::Named(named) => Some(named),
            _ => None,
        });
        let Some(fields) = fields else {
            tree.missing.in_type(wanted.is_empty(), &name, "a struct with named fields");
            continue;
        };
        let mut found: HashMap<String, Field> = HashMap::new();
        let mut others = Vec::new();
        for field in std::mem::take(&mut fields.named) {
            match wire_name(&field) {
                key if component.property(&key).is_some() => drop(found.insert(key, field)),
                _ => others.push(field),
            }
        }
        for property in wanted {
            let field = found.remove(property.key);
            let what = format!("a field of the key `{}`", property.key);
            tree.missing.in_type(field.is_some(), &name, &what);
            fields.named.extend(field.map(|field| named(field, property)));
        }
        let unknown = found.into_keys().min();
        tree.missing.in_type(unknown.is_none(), &name, "no field of a constant");
        fields.named.extend(others);
    }
}

/// Gives the field the name of [`crate::names::field`], on which every other pass relies.
fn named(mut field: Field, property: &Property) -> Field {
    field.ident = Some(quote::format_ident!("{}", property.field));
    field.attrs.clear();
    field
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
