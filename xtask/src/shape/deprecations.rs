//! `deprecations`: marks what the document deprecates with `#[deprecated]`, so that the compiler
//! warns its users. The note says what to use instead, and comes from the description.

use syn::{Attribute, Fields, ImplItem, Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Component, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let names: Vec<(String, String)> = component
            .properties()
            .iter()
            .filter(|property| property.deprecated)
            .map(|property| (property.field.clone(), note(&property.description)))
            .collect();
        deprecate_fields(each, &names);
        deprecate_setters(each, &names);
        deprecate_type(each, component);
    }
    for method in &mut tree.methods {
        let found = model.operation_of(&method.sig.ident.to_string());
        if let Some((operation, _)) = found.filter(|(operation, _)| operation.deprecated) {
            method.attrs.push(attribute(&note(operation.description)));
        }
    }
}

fn deprecate_type(each: &mut Type, component: &Component) {
    if !component.deprecated {
        return;
    }
    let attribute = attribute(&note(component.description));
    match &mut each.item {
        Item::Struct(item) => item.attrs.push(attribute),
        Item::Enum(item) => item.attrs.push(attribute),
        _ => {}
    }
}

fn deprecate_fields(each: &mut Type, names: &[(String, String)]) {
    let Some(item) = each.as_struct_mut() else { return };
    let Fields::Named(fields) = &mut item.fields else { return };
    for field in &mut fields.named {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        field.attrs.extend(find(names, &name));
    }
}

fn deprecate_setters(each: &mut Type, names: &[(String, String)]) {
    for item in &mut each.impls {
        let Item::Impl(block) = item else { continue };
        for method in &mut block.items {
            let ImplItem::Fn(method) = method else { continue };
            method.attrs.extend(find(names, &method.sig.ident.to_string()));
        }
    }
}

fn find(names: &[(String, String)], name: &str) -> Option<Attribute> {
    names.iter().find(|(deprecated, _)| deprecated == name).map(|(_, note)| attribute(note))
}

fn attribute(note: &str) -> Attribute {
    parse_quote! { #[deprecated(note = #note)] }
}

/// The sentence that says what to use instead: the one with `instead` or `replaced`, else the last.
fn note(description: &str) -> String {
    let sentences: Vec<&str> = description.split_inclusive(". ").map(str::trim).collect();
    let mut telling = sentences.iter().filter(|sentence| {
        let sentence = sentence.to_lowercase();
        ["instead", "replace", "use "].iter().any(|word| sentence.contains(word))
    });
    telling.next().or(sentences.last()).map(|note| (*note).to_owned()).unwrap_or_default()
}
