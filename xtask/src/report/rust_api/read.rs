//! Reads the public interface from the syntax trees of a crate's files. [`super::attributes`] reads
//! attributes, and [`super::types`] compares two interfaces.

use quote::ToTokens;
use syn::{
    Fields, FnArg, ImplItem, ImplItemFn, Item, ItemImpl, Pat, ReturnType, Signature, Type, UseTree,
    Visibility,
};

use super::attributes;
use super::surface::{Attributes, Impl, Member, Method, Surface, TypeApi, TypeKind};
use super::text::line;

/// The traits of `chatwire-types` that it does not export.
const INTERNAL_TRAITS: [&str; 3] = ["FromJson", "Keys", "Tagged"];

/// What one file adds to the interface of its crate.
pub(super) fn surface(file: &syn::File) -> Surface {
    let mut surface = Surface::default();
    file.items.iter().for_each(|item| read_item(item, &mut surface));
    file.items.iter().for_each(|item| read_impl(item, &mut surface));
    surface
}

fn read_item(item: &Item, surface: &mut Surface) {
    let read = match item {
        Item::Struct(item) => read_struct(item),
        Item::Enum(item) => read_enum(item),
        Item::Type(item) => read_alias(item),
        Item::Impl(_) => return,
        item => return read_other(item, surface),
    };
    let Some(read) = read.filter(|read| !read.attributes.hidden) else { return };
    if let TypeKind::Alias(target) = &read.kind {
        surface.aliases.insert(read.name.clone(), target.clone());
    }
    for derived in &read.attributes.derives {
        let implemented = Impl { owner: read.name.clone(), types: Vec::new() };
        surface.impls.insert(format!("impl {derived} for {}", read.name), implemented);
    }
    surface.types.push(read);
}

fn read_struct(item: &syn::ItemStruct) -> Option<TypeApi> {
    let is_open = item.fields.iter().any(|field| !is_public(&field.vis));
    let members = item.fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis));
    let members = members.map(|(position, field)| Member {
        name: field.ident.as_ref().map_or_else(|| position.to_string(), ToString::to_string),
        content: line(&field.ty),
        attributes: attributes::read(&field.attrs),
    });
    let declared = declared(&item.vis, &item.ident, &item.generics, &item.attrs)?;
    Some(TypeApi {
        kind: TypeKind::Struct,
        is_exhaustive: !declared.attributes.non_exhaustive && !is_open,
        members: visible(members),
        ..declared
    })
}

fn read_enum(item: &syn::ItemEnum) -> Option<TypeApi> {
    let members = item.variants.iter().map(|variant| Member {
        name: variant.ident.to_string(),
        content: match &variant.fields {
            Fields::Unit => String::new(),
            fields => line(fields),
        },
        attributes: attributes::read(&variant.attrs),
    });
    let declared = declared(&item.vis, &item.ident, &item.generics, &item.attrs)?;
    Some(TypeApi {
        kind: TypeKind::Enum,
        is_exhaustive: !declared.attributes.non_exhaustive,
        members: visible(members),
        ..declared
    })
}

fn read_alias(item: &syn::ItemType) -> Option<TypeApi> {
    let declared = declared(&item.vis, &item.ident, &item.generics, &item.attrs)?;
    Some(TypeApi { kind: TypeKind::Alias(line(&item.ty)), ..declared })
}

/// What all public types have.
fn declared(
    visibility: &Visibility,
    name: &syn::Ident,
    generics: &syn::Generics,
    attributes: &[syn::Attribute],
) -> Option<TypeApi> {
    is_public(visibility).then(|| TypeApi {
        attributes: attributes::read(attributes),
        generics: line(generics),
        ..empty(&name.to_string())
    })
}

fn empty(name: &str) -> TypeApi {
    TypeApi {
        name: name.to_owned(),
        kind: TypeKind::HandWritten,
        generics: String::new(),
        attributes: Attributes::default(),
        is_exhaustive: false,
        members: Vec::new(),
        methods: Vec::new(),
        constants: Vec::new(),
    }
}

fn visible(members: impl Iterator<Item = Member>) -> Vec<Member> {
    members.filter(|member| !member.attributes.hidden).collect()
}

/// Keeps the tokens of a public item that the generator did not write until now.
fn read_other(item: &Item, surface: &mut Surface) {
    let (visibility, label) = match item {
        Item::Const(item) => (&item.vis, format!("const {}", item.ident)),
        Item::Fn(item) => (&item.vis, format!("fn {}", item.sig.ident)),
        Item::Mod(item) => (&item.vis, format!("mod {}", item.ident)),
        Item::Static(item) => (&item.vis, format!("static {}", item.ident)),
        Item::Trait(item) => (&item.vis, format!("trait {}", item.ident)),
        Item::Union(item) => (&item.vis, format!("union {}", item.ident)),
        // The files of the module are compared themselves.
        Item::Use(item) if is_all_of_a_module(&item.tree) => return,
        Item::Use(item) => (&item.vis, format!("use {}", line(&item.tree))),
        Item::ExternCrate(item) => (&item.vis, format!("extern crate {}", item.ident)),
        // A macro can make anything public.
        item => {
            let text = line(item);
            surface.others.insert(text.clone(), text);
            return;
        }
    };
    if is_public(visibility) {
        surface.others.insert(label, line(item));
    }
}

/// `client::*`
fn is_all_of_a_module(tree: &UseTree) -> bool {
    matches!(tree, UseTree::Path(path) if matches!(*path.tree, UseTree::Glob(_)))
}

fn read_impl(item: &Item, surface: &mut Surface) {
    let Item::Impl(block) = item else { return };
    match &block.trait_ {
        Some(_) => read_trait_impl(block, surface),
        None => read_inherent_impl(block, surface),
    }
}

fn read_trait_impl(block: &ItemImpl, surface: &mut Surface) {
    let Some((path, _)) = &block.trait_ else { return };
    let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    if INTERNAL_TRAITS.contains(&name.as_str()) {
        return;
    }
    // The trait may be imported or not.
    let path = path.segments.last().map(line).unwrap_or_default();
    let (generics, target) = (line(&block.generics), line(&block.self_ty));
    let types = block.items.iter().filter(|item| matches!(item, ImplItem::Type(_)));
    let types = types.map(|item| line(item).trim_end_matches(';').to_owned()).collect();
    let key = format!("impl{generics} {path} for {target}");
    surface.impls.insert(key, Impl { owner: last_name(&block.self_ty), types });
}

fn read_inherent_impl(block: &ItemImpl, surface: &mut Surface) {
    let name = last_name(&block.self_ty);
    let position = surface.types.iter().position(|each| each.name == name);
    let position = position.unwrap_or_else(|| {
        surface.types.push(empty(&name));
        surface.types.len() - 1
    });
    let Some(owner) = surface.types.get_mut(position) else { return };
    for item in &block.items {
        match item {
            ImplItem::Fn(item) if is_public(&item.vis) => owner.methods.push(method(item)),
            ImplItem::Const(item) if is_public(&item.vis) => owner.constants.push(Member {
                name: item.ident.to_string(),
                content: line(&item.ty),
                attributes: attributes::read(&item.attrs),
            }),
            _ => {}
        }
    }
    owner.methods.retain(|method| !method.attributes.hidden);
    owner.constants.retain(|constant| !constant.attributes.hidden);
}

fn method(item: &ImplItemFn) -> Method {
    let signature = without_patterns(&item.sig);
    let arguments = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some((line(&argument.pat), line(&argument.ty))),
        FnArg::Receiver(_) => None,
    });
    let output = match &signature.output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, output) => line(output),
    };
    Method {
        name: signature.ident.to_string(),
        arguments: arguments.collect(),
        output,
        frame: frame(&signature),
        signature: line(&signature),
        attributes: attributes::read(&item.attrs),
    }
}

/// The signature without `mut`, which only the body needs.
fn without_patterns(signature: &Signature) -> Signature {
    let mut signature = signature.clone();
    for argument in &mut signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(argument) => {
                if let Pat::Ident(name) = &mut *argument.pat {
                    name.mutability = None;
                }
            }
        }
    }
    signature
}

/// The signature without its arguments and its return type.
fn frame(signature: &Signature) -> String {
    let mut frame = signature.clone();
    frame.output = ReturnType::Default;
    frame.inputs = frame
        .inputs
        .into_iter()
        .filter(|argument| matches!(argument, FnArg::Receiver(_)))
        .collect();
    line(&frame)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The last name of a path: `Stop` of `types::Stop`.
fn last_name(rust_type: &Type) -> String {
    match rust_type {
        Type::Path(path) => {
            path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
        }
        other => other.to_token_stream().to_string(),
    }
}
