//! `unknown_impls`: writes the impls of `Unknown`, which finds and removes what the document does
//! not know. `serde_impls` keeps it in the first place.
//!
//! The methods are inlined, so that only programs which use them compile them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::model::{Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let name = format_ident!("{}", each.name);
        let item = match &component.kind {
            Kind::Object(_) => object_impl(&name, each, model),
            Kind::Enum(_) => enum_impl(&name),
            Kind::Union(_) => union_impl(&name, each),
            Kind::Alias => continue,
        };
        each.unknown.push(item);
    }
}

fn object_impl(name: &Ident, each: &Type, model: &Model) -> Item {
    let component = model.component(&each.name);
    let fields: Vec<(Ident, &str)> = each
        .fields()
        .iter()
        .filter(|(_, rust_type)| !knows_everything(rust_type))
        .filter_map(|(field, _)| {
            let property = component?.field(&field.to_string())?;
            Some(((*field).clone(), property.key))
        })
        .collect();
    let visits = fields.iter().map(|(field, key)| -> TokenStream {
        quote! { unknown::visit_field(#key, &self.#field, path, visit); }
    });
    let strips = fields.iter().map(|(field, _)| quote! { self.#field.strip_unknown(); });
    parse_quote! {
        impl Unknown for #name {
            #[inline]
            fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
                #(#visits)*
                let is_known = |key: &str| <Self as Keys>::position(key).is_some();
                unknown::visit_extra(&self.extra, is_known, path, visit);
            }

            #[inline]
            fn strip_unknown(&mut self) {
                #(#strips)*
                self.extra.clear();
            }
        }
    }
}

/// Plain values hold nothing unknown.
fn knows_everything(rust_type: &syn::Type) -> bool {
    const PLAIN: [&str; 6] = ["String", "bool", "i64", "u64", "f64", "Value"];
    let inner = ["Option", "Vec", "OrderedMap"]
        .iter()
        .find_map(|outer| super::tree::inner_of(rust_type, outer));
    match inner {
        Some(inner) => knows_everything(inner),
        None => PLAIN.contains(&super::tree::simple_name(rust_type).as_str()),
    }
}

fn enum_impl(name: &Ident) -> Item {
    parse_quote! {
        impl Unknown for #name {
            #[inline]
            fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
                if let Self::Unknown(value) = self {
                    visit(path, Finding::text(value.as_str()));
                }
            }

            #[inline]
            fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }
    }
}

fn union_impl(name: &Ident, each: &Type) -> Item {
    let known: Vec<(&Ident, bool)> = each
        .as_enum()
        .into_iter()
        .flat_map(|item| &item.variants)
        .filter(|variant| variant.ident != "Unknown")
        .map(|variant| {
            let plain = variant.fields.iter().next().is_some_and(|f| knows_everything(&f.ty));
            (&variant.ident, plain)
        })
        .collect();
    let look_inside: Vec<&Ident> =
        known.iter().filter(|(_, plain)| !plain).map(|(name, _)| *name).collect();
    parse_quote! {
        impl Unknown for #name {
            #[inline]
            fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
                match self {
                    #(Self::#look_inside(value) => value.visit_unknown(path, visit),)*
                    Self::Unknown(value) => {
                        visit(path, Finding::json(FindingKind::UnknownVariant, value.as_json()));
                    }
                    _ => {}
                }
            }

            #[inline]
            fn strip_unknown(&mut self) {
                match self {
                    #(Self::#look_inside(value) => value.strip_unknown(),)*
                    _ => {}
                }
            }

            #[inline]
            fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }
    }
}
