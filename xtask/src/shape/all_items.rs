//! `all_items`: adds a method that goes through all pages of a list, for each operation with a parameter `after`
//! whose answer has `data` and `has_more`. The client crate has the code that asks for the pages.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Expr, FnArg, Ident, ImplItemFn, Item, Pat, Type, parse_quote};

use super::Tree;
use super::tree::{inner_of, simple_name};
use crate::model::{Component, MethodForm, Model, Operation, text};
use crate::names;

/// A list: its component in the document, and the name of its items.
struct List<'m> {
    component: &'m Component<'m>,
    item: &'m Component<'m>,
}

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in std::mem::take(&mut tree.methods) {
        let operation = with_parameters(&method, model);
        let all = operation.and_then(|operation| {
            let list = list(operation, tree, model)?;
            let reader = reader(tree, &list);
            tree.missing.in_operation(reader.is_some(), operation, "fields for a page of a list");
            Some(all_method(&method, operation, &list, &reader?))
        });
        tree.methods.push(method);
        tree.methods.extend(all);
    }
}

/// The operation of the method that takes the optional parameters.
fn with_parameters<'m>(method: &ImplItemFn, model: &'m Model<'m>) -> Option<&'m Operation<'m>> {
    let (operation, form) = model.operation_of(&method.sig.ident.to_string())?;
    (form == MethodForm::With).then_some(operation)
}

/// The list that an operation answers with, if it answers page by page.
fn list<'m>(operation: &Operation, tree: &Tree, model: &'m Model<'m>) -> Option<List<'m>> {
    if !takes_cursor(operation, tree) {
        return None;
    }
    let component = model.component(operation.answer?)?;
    let has_more = component.property("has_more")?;
    let data = component.property("data")?;
    let item = model.target(data.schema.get("items")?)?;
    (text(has_more.schema, "type") == "boolean").then_some(List { component, item })
}

/// Whether the struct of optional parameters has a text `after`.
fn takes_cursor(operation: &Operation, tree: &Tree) -> bool {
    let name = names::variant(operation.id);
    let mut structs = tree.client.iter().filter_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    let fields = structs.next().into_iter().flat_map(|item| &item.fields);
    fields.into_iter().any(|field| {
        field.ident.as_ref().is_some_and(|name| name == "after")
            && inner_of(&field.ty, "Option").is_some_and(|inner| simple_name(inner) == "String")
    })
}

fn all_method(
    with: &ImplItemFn,
    operation: &Operation,
    list: &List<'_>,
    reader: &Expr,
) -> ImplItemFn {
    let item = format_ident!("{}", list.item.name);
    let all = format_ident!("{}", MethodForm::All.name(&operation.method_name));
    let with_name = &with.sig.ident;
    let inputs = with.sig.inputs.iter().map(without_lifetime);
    let names: Vec<&Ident> = with.sig.inputs.iter().filter_map(argument).collect();
    let owned: Vec<TokenStream> = names.iter().map(|name| quote! { #name.to_owned() }).collect();
    let passed: Vec<TokenStream> = with.sig.inputs.iter().filter_map(passed).collect();
    let clones: Vec<TokenStream> = names.iter().map(|name| quote! { #name.clone() }).collect();
    let names_again = names.iter().map(|name| match *name == "parameters" {
        true => quote! { mut #name },
        false => quote! { #name },
    });
    parse_quote! {
        pub fn #all(#(#inputs),*) -> Items<types::#item> {
            let (client, #(#names),*) = (self.clone(), #(#owned),*);
            Items::new(
                move |after| {
                    let (client, #(#names_again),*) = (client.clone(), #(#clones),*);
                    async move {
                        parameters.after = after.or(parameters.after);
                        client.#with_name(#(#passed),*).await
                    }
                },
                #reader,
            )
        }
    }
}

/// An argument as the method takes it, from a value that is owned.
fn passed(input: &FnArg) -> Option<TokenStream> {
    let name = argument(input)?;
    let FnArg::Typed(typed) = input else { return None };
    let is_borrowed = matches!(&*typed.ty, Type::Reference(_));
    Some(if is_borrowed {
        quote! { &#name }
    } else {
        quote! { #name }
    })
}

fn argument(input: &FnArg) -> Option<&Ident> {
    let FnArg::Typed(argument) = input else { return None };
    match &*argument.pat {
        Pat::Ident(name) => Some(&name.ident),
        _ => None,
    }
}

fn without_lifetime(input: &FnArg) -> FnArg {
    let mut input = input.clone();
    match &mut input {
        FnArg::Receiver(_) => return parse_quote! { &self },
        FnArg::Typed(argument) => {
            if let Type::Reference(reference) = &mut *argument.ty {
                reference.lifetime = None;
            }
        }
    }
    input
}

/// How a page is taken apart.
fn reader(tree: &Tree, list: &List<'_>) -> Option<Expr> {
    let has_more = read(tree, list.component, "has_more")?;
    let data = read(tree, list.component, "data")?;
    let last_id = read(tree, list.component, "last_id").unwrap_or(quote! { None });
    let id = match id_type(tree, list.item) {
        Some(true) => quote! { item.id.as_deref() },
        Some(false) => quote! { Some(&item.id) },
        None => quote! { None },
    };
    let argument = if id_type(tree, list.item).is_some() { "item" } else { "_item" };
    let argument = format_ident!("{argument}");
    let (name, item) =
        (format_ident!("{}", list.component.name), format_ident!("{}", list.item.name));
    Some(parse_quote! {
        PageReader {
            extra: |page: &types::#name| &page.extra,
            id: |#argument: &types::#item| #id,
            parts: |page: types::#name| PageParts { items: #data, last_id: #last_id, has_more: #has_more },
        }
    })
}

/// Reads a field as an `Option`.
fn read(tree: &Tree, component: &Component, key: &str) -> Option<TokenStream> {
    let name = format_ident!("{}", component.property(key)?.field);
    let is_optional = is_optional(tree, component, &name)?;
    Some(if is_optional {
        quote! { page.#name }
    } else {
        quote! { Some(page.#name) }
    })
}

/// Whether the id of an item is optional; `None` if it has no id that is a text.
fn id_type(tree: &Tree, item: &Component) -> Option<bool> {
    let id = item.property("id").filter(|id| text(id.schema, "type") == "string")?;
    is_optional(tree, item, &format_ident!("{}", id.field))
}

fn is_optional(tree: &Tree, component: &Component, field: &Ident) -> Option<bool> {
    let owner = tree.types.iter().find(|each| each.name == component.name)?;
    let fields = owner.fields();
    let (_, rust_type) = fields.iter().find(|(name, _)| *name == field)?;
    Some(inner_of(rust_type, "Option").is_some())
}
