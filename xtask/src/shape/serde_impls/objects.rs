//! Writes the impls of a struct: its keys, how each is read into its field, and their order on the
//! wire. [`super::unions`] does this for unions.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::super::derives::is_all_optional;
use super::super::tree::Type;
use super::text_match;
use crate::model::{Property, reference};
use crate::names;

/// A property and its Rust names.
struct Slot<'a> {
    property: &'a Property<'a>,
    key: &'a str,
    field: Ident,
    local: Ident,
    /// Its number in `nulls`, if it keeps a null there.
    null: Option<Literal>,
}

impl Slot<'_> {
    /// Whether the key is mandatory.
    fn is_mandatory(&self) -> bool {
        self.property.constant.is_some() || (self.property.required && !self.property.nullable)
    }
}

pub(super) fn impls(each: &Type, properties: &[Property]) -> Vec<Item> {
    let name = format_ident!("{}", each.name);
    let mut numbers = (0..).map(Literal::u32_unsuffixed);
    let slots: Vec<Slot<'_>> =
        properties.iter().map(|property| slot(property, &mut numbers)).collect();
    let mut items = vec![keys_impl(&name, &slots)];
    items.extend(to_json_impls(&name, &slots));
    items.push(from_json_impl(&name, &slots, is_all_optional(each)));
    items
}

fn slot<'a>(property: &'a Property<'a>, numbers: &mut impl Iterator<Item = Literal>) -> Slot<'a> {
    let field = names::field(property.key);
    Slot {
        property,
        key: property.key,
        local: format_ident!("read_{}", field.trim_end_matches('_')),
        field: format_ident!("{field}"),
        null: (property.keeps_null && !property.required).then(|| numbers.next()).flatten(),
    }
}

fn keys_impl(name: &Ident, slots: &[Slot<'_>]) -> Item {
    let arms: Vec<(String, TokenStream)> = slots
        .iter()
        .enumerate()
        .map(|(position, slot)| {
            let position = Literal::usize_unsuffixed(position);
            (slot.key.to_owned(), quote! { Some(#position) })
        })
        .collect();
    let matching = text_match(&quote! { key }, &arms, &quote! { None });
    parse_quote! {
        impl Keys for #name {
            fn position(key: &str) -> Option<usize> {
                #matching
            }

            fn extra_mut(&mut self) -> &mut Extra {
                &mut self.extra
            }
        }
    }
}

fn to_json_impls(name: &Ident, slots: &[Slot<'_>]) -> [Item; 2] {
    let positions = (0..slots.len()).map(Literal::usize_unsuffixed);
    let entries = slots.iter().map(entry);
    [
        parse_quote! {
            impl encode::ToJson for #name {
                fn json(&self) -> encode::Json<'_> {
                    encode::Json::Object(self)
                }
            }
        },
        parse_quote! {
            impl encode::Object for #name {
                fn entry(&self, position: usize) -> encode::Entry<'_> {
                    match position {
                        #(#positions => #entries,)*
                        _ => encode::Entry::End,
                    }
                }

                fn extra(&self) -> Option<&Extra> {
                    Some(&self.extra)
                }
            }
        },
    ]
}

fn entry(slot: &Slot<'_>) -> TokenStream {
    let (key, field) = (slot.key, &slot.field);
    match (&slot.property.constant, slot.is_mandatory(), &slot.null) {
        (Some(constant), _, _) => quote! { encode::required(#key, #constant) },
        (None, true, _) => quote! { encode::required(#key, &self.#field) },
        (None, false, Some(number)) => quote! {
            encode::optional_or_null(#key, &self.#field, self.nulls.contains(#number))
        },
        (None, false, None) => quote! { encode::optional(#key, &self.#field) },
    }
}

fn from_json_impl(name: &Ident, slots: &[Slot<'_>], all_optional: bool) -> Item {
    let constants = slots.iter().any(|slot| slot.property.constant.is_some());
    let body = match all_optional && !constants {
        true => read_in_place(slots),
        false => read_and_check(slots),
    };
    parse_quote! {
        impl FromJson for #name {
            const EXPECTED: &'static str = "an object";

            fn from_object(
                object: &mut dyn decode::Entries,
                slot: &mut Option<Self>,
            ) -> Result<Outcome, decode::Failed> {
                #body
            }
        }
    }
}

/// If every key is optional, the value exists from the start.
fn read_in_place(slots: &[Slot<'_>]) -> TokenStream {
    let value = match slots.is_empty() {
        true => quote! { *slot = Some(Self::default()); },
        false => quote! { let value = slot.insert(Self::default()); },
    };
    let reading = read_loop(slots, &quote! { &mut value.nulls }, |slot| {
        let field = &slot.field;
        quote! { &mut value.#field }
    });
    quote! {
        let mut reader = ObjectReader::new(object);
        #value
        #reading
        Ok(reader.finish(slot))
    }
}

/// If some keys are mandatory, the value is built once all of them have been read.
fn read_and_check(slots: &[Slot<'_>]) -> TokenStream {
    let locals: Vec<&Ident> = slots.iter().map(|slot| &slot.local).collect();
    let has_nulls = slots.iter().any(|slot| slot.null.is_some());
    let nulls = has_nulls.then(|| quote! { let mut nulls = Nulls::default(); });
    let with_nulls = has_nulls.then(|| quote! { , nulls });
    let reading = read_loop(slots, &quote! { &mut nulls }, |slot| {
        let local = &slot.local;
        quote! { &mut #local }
    });
    let mandatory: Vec<&Slot<'_>> = slots.iter().filter(|slot| slot.is_mandatory()).collect();
    let given: Vec<&Ident> = mandatory.iter().map(|slot| &slot.local).collect();
    let present = mandatory.iter().map(|slot| present(slot));
    let checks = mandatory.iter().map(|slot| {
        let (key, local) = (slot.key, &slot.local);
        quote! { (#key, #local.is_some()) }
    });
    let fields = slots.iter().filter(|slot| slot.property.constant.is_none()).map(|slot| {
        let (field, local) = (&slot.field, &slot.local);
        quote! { #field: #local }
    });
    let parts = slots.iter().map(part);
    quote! {
        let mut reader = ObjectReader::new(object);
        #(let mut #locals = None;)*
        #nulls
        #reading
        let missing = decode::first_missing(&[#(#checks),*]);
        match (#(#given,)*) {
            (#(#present,)*) => {
                *slot = Some(Self { #(#fields,)* extra: Extra::new() #with_nulls });
                Ok(reader.finish(slot))
            }
            (#(#given,)*) => Ok(reader.misfit(missing, Parts::default() #(#parts)*)),
        }
    }
}

fn present(slot: &Slot<'_>) -> TokenStream {
    let local = &slot.local;
    match &slot.property.constant {
        Some(_) => quote! { Some(()) },
        None => quote! { Some(#local) },
    }
}

fn part(slot: &Slot<'_>) -> TokenStream {
    let (key, local) = (slot.key, &slot.local);
    match (&slot.property.constant, &slot.null) {
        (Some(constant), _) => quote! { .with_constant(#key, #constant, #local) },
        (None, Some(number)) => quote! { .with_null(#key, &#local, nulls.contains(#number)) },
        (None, None) => quote! { .with(#key, &#local) },
    }
}

fn read_loop(
    slots: &[Slot<'_>],
    nulls: &TokenStream,
    into: impl Fn(&Slot<'_>) -> TokenStream,
) -> TokenStream {
    let arms = slots.iter().enumerate().map(|(position, slot)| {
        let (key, target) = (slot.key, into(slot));
        let position = Literal::usize_unsuffixed(position);
        match (&slot.property.constant, slot.is_mandatory()) {
            (Some(constant), _) => {
                quote! { #position => reader.constant(#key, #constant, #target), }
            }
            (None, true) if slot.property.keeps_null => {
                let union =
                    format_ident!("{}", reference(slot.property.schema).unwrap_or_default());
                quote! { #position => reader.required_or_null(#key, #target, #union::Unknown), }
            }
            (None, true) => quote! { #position => reader.required(#key, #target), },
            (None, false) => match &slot.null {
                Some(number) => quote! {
                    #position => reader.optional_or_null(#key, #target, #nulls, #number),
                },
                None if slot.property.null_in_extra => {
                    quote! { #position => reader.optional_or_extra(#key, #target), }
                }
                None => quote! { #position => reader.optional(#key, #target), },
            },
        }
    });
    if slots.is_empty() {
        return quote! { while reader.next_known(Self::position)?.is_some() {} };
    }
    quote! {
        while let Some(position) = reader.next_known(Self::position)? {
            match position {
                #(#arms)*
                _ => reader.skip(),
            }?;
        }
    }
}
