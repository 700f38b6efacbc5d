//! The impls of a union: which JSON leads to which arm, and that everything else is kept in the
//! unknown one. Structs are next door in [`super::objects`].

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, ItemEnum, Type as RustType, parse_quote};

use super::super::tree::Type;
use super::text_match;
use crate::model::{Arm, Json, Union};

/// An arm with the Rust type that it holds.
struct Held<'a> {
    arm: &'a Arm,
    variant: Ident,
    rust_type: RustType,
}

pub(super) fn impls(each: &Type, union: &Union) -> Vec<Item> {
    let name = format_ident!("{}", each.name);
    let Some(item) = each.as_enum() else { return Vec::new() };
    let held: Vec<Held<'_>> = union.arms.iter().filter_map(|arm| held(arm, item)).collect();
    let mut items = vec![
        serialize_impl(&name, &held),
        from_json_impl(&name, &held, union),
        from_value_impl(&name),
    ];
    items.extend(tagged_impl(&name, &held, union));
    items
}

fn held<'a>(arm: &'a Arm, item: &ItemEnum) -> Option<Held<'a>> {
    let variant = item.variants.iter().find(|variant| variant.ident == arm.variant)?;
    let rust_type = variant.fields.iter().next()?.ty.clone();
    Some(Held { arm, variant: variant.ident.clone(), rust_type })
}

fn serialize_impl(name: &Ident, held: &[Held<'_>]) -> Item {
    let variants = held.iter().map(|held| &held.variant);
    parse_quote! {
        impl Serialize for #name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(Self::#variants(value) => value.serialize(serializer),)*
                    Self::Unknown(value) => value.serialize(serializer),
                }
            }
        }
    }
}

fn from_value_impl(name: &Ident) -> Item {
    parse_quote! {
        impl From<Value> for #name {
            fn from(json: Value) -> Self {
                decode::from_json(json, Self::Unknown)
            }
        }
    }
}

fn from_json_impl(name: &Ident, held: &[Held<'_>], union: &Union) -> Item {
    let scalar = from_scalar(held);
    let list = from_list(held);
    let object = from_object(held, union);
    parse_quote! {
        impl FromJson for #name {
            const EXPECTED: &'static str = "any JSON but null";

            fn from_scalar(value: Scalar<'_>) -> Decoded<Self> {
                #scalar
            }

            fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Decoded<Self>, A::Error> {
                #list
            }

            fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Decoded<Self>, A::Error> {
                #object
            }
        }
    }
}

fn from_scalar(held: &[Held<'_>]) -> TokenStream {
    let patterns = [
        (Json::Text, quote! { Scalar::Text(_) | Scalar::Owned(_) }),
        (Json::Number, quote! { Scalar::Number(_) }),
        (Json::Boolean, quote! { Scalar::Bool(_) }),
    ];
    let arms: Vec<TokenStream> = patterns
        .iter()
        .filter_map(|(json, pattern)| {
            let found = held.iter().find(|held| held.arm.json == *json)?;
            let known = known(found, &quote! { from_scalar(value) });
            Some(quote! { #pattern => #known, })
        })
        .collect();
    if arms.is_empty() {
        return quote! { Decoded::unknown_scalar(value, Self::Unknown) };
    }
    quote! {
        match value {
            #(#arms)*
            other => Decoded::unknown_scalar(other, Self::Unknown),
        }
    }
}

fn from_list(held: &[Held<'_>]) -> TokenStream {
    match held.iter().find(|held| held.arm.json == Json::List) {
        Some(found) => {
            let known = known(found, &quote! { from_list(list)? });
            quote! { Ok(#known) }
        }
        None => quote! { Decoded::unknown_list(list, Self::Unknown) },
    }
}

fn from_object(held: &[Held<'_>], union: &Union) -> TokenStream {
    let mut objects = held.iter().filter(|held| held.arm.json == Json::Object);
    match (&union.tag, objects.next()) {
        (Some(_), Some(_)) => quote! { decode::tagged(object) },
        (None, Some(only)) => {
            let known = known(only, &quote! { from_object(object)? });
            quote! { Ok(#known) }
        }
        (_, None) => quote! { Decoded::unknown_object(object, Self::Unknown) },
    }
}

/// The expression that reads an arm, or keeps what does not fit.
fn known(held: &Held<'_>, read: &TokenStream) -> TokenStream {
    let (rust_type, variant) = (&held.rust_type, &held.variant);
    // A `?` belongs to the reading, so that it comes before what is made of the result.
    quote! { Decoded::or_unknown(<#rust_type as FromJson>::#read, Self::#variant, Self::Unknown) }
}

fn tagged_impl(name: &Ident, held: &[Held<'_>], union: &Union) -> Option<Item> {
    let tag = union.tag.as_ref()?;
    let objects: Vec<&Held<'_>> =
        held.iter().filter(|held| held.arm.json == Json::Object).collect();
    if objects.is_empty() {
        return None;
    }
    let mut arms = Vec::new();
    for each in &objects {
        arms.extend(each.arm.tag_values.iter().map(|value| (value.clone(), read_arm(each))));
    }
    let untagged = union.when_untagged.as_ref();
    let untagged = untagged.and_then(|name| objects.iter().find(|held| held.arm.variant == *name));
    // The tag is empty when it is missing.
    arms.extend(untagged.map(|held| (String::new(), read_arm(held))));
    let unknown = quote! { Decoded::unknown_object(object, Self::Unknown) };
    let matching = text_match(quote! { tag }, &arms, &unknown);
    Some(parse_quote! {
        impl Tagged for #name {
            const TAG: &'static str = #tag;

            fn from_tagged<'de, A: MapAccess<'de>>(
                tag: &str,
                object: A,
            ) -> Result<Decoded<Self>, A::Error> {
                #matching
            }
        }
    })
}

fn read_arm(held: &Held<'_>) -> TokenStream {
    let known = known(held, &quote! { from_object(object)? });
    quote! { Ok(#known) }
}
