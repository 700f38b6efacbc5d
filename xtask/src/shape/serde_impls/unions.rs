//! Writes the impls of a union: the JSON that leads to each arm, and the unknown arm for everything
//! else. [`super::objects`] does this for structs.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, ItemEnum, parse_quote};

use super::super::tree::Type;
use super::text_match;
use crate::model::{Arm, Json, Union};

/// An arm and its variant.
struct Held<'a> {
    arm: &'a Arm<'a>,
    variant: Ident,
}

pub(super) fn impls(each: &Type, union: &Union) -> Vec<Item> {
    let name = format_ident!("{}", each.name);
    let Some(item) = each.as_enum() else { return Vec::new() };
    let held: Vec<Held<'_>> = union.arms.iter().filter_map(|arm| held(arm, item)).collect();
    let mut items = vec![
        to_json_impl(&name, &held),
        from_json_impl(&name, &held, union),
        from_value_impl(&name),
    ];
    items.extend(tagged_impl(&name, &held, union));
    items
}

fn held<'a>(arm: &'a Arm<'a>, item: &ItemEnum) -> Option<Held<'a>> {
    let variant = item.variants.iter().find(|variant| variant.ident == arm.variant)?;
    Some(Held { arm, variant: variant.ident.clone() })
}

fn to_json_impl(name: &Ident, held: &[Held<'_>]) -> Item {
    let variants = held.iter().map(|held| &held.variant);
    parse_quote! {
        impl encode::ToJson for #name {
            fn json(&self) -> encode::Json<'_> {
                match self {
                    #(Self::#variants(value) => encode::ToJson::json(value),)*
                    Self::Unknown(value) => encode::ToJson::json(value),
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
    let expected = expected(held);
    parse_quote! {
        impl FromJson for #name {
            const EXPECTED: &'static str = #expected;

            fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
                #scalar
            }

            fn from_list(
                list: &mut dyn decode::Items,
                slot: &mut Option<Self>,
            ) -> Result<Outcome, decode::Failed> {
                #list
            }

            fn from_object(
                object: &mut dyn decode::Entries,
                slot: &mut Option<Self>,
            ) -> Result<Outcome, decode::Failed> {
                #object
            }
        }
    }
}

/// The kinds of JSON that the arms take, for messages: `a string or a list`.
fn expected(held: &[Held<'_>]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for kind in held.iter().map(|held| kind(held.arm.json)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => "any JSON but null".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn kind(json: Json) -> &'static str {
    match json {
        Json::Text => "a string",
        Json::Integer => "an integer",
        Json::Number => "a number",
        Json::Boolean => "a boolean",
        Json::List => "a list",
        Json::Object => "an object",
    }
}

fn from_scalar(held: &[Held<'_>]) -> TokenStream {
    let arm = |json| held.iter().find(|held| held.arm.json == json).map(|held| &held.variant);
    let text = arm(Json::Text).map(|variant| {
        let read = read_scalar(variant);
        quote! { Scalar::Text(_) | Scalar::Owned(_) => #read, }
    });
    let number = from_number(arm(Json::Integer), arm(Json::Number));
    let flag = arm(Json::Boolean).map(|variant| {
        let read = read_scalar(variant);
        quote! { Scalar::Bool(_) => #read, }
    });
    let kinds = [text, number, flag];
    let arms: Vec<&TokenStream> = kinds.iter().flatten().collect();
    if arms.is_empty() {
        return quote! { decode::unknown_scalar(value, slot, Self::Unknown) };
    }
    let rest = (arms.len() < kinds.len()).then(|| {
        quote! { other => decode::unknown_scalar(other, slot, Self::Unknown), }
    });
    quote! {
        match value {
            #(#arms)*
            #rest
        }
    }
}

/// If the union also has an arm for integers, the arm for numbers takes fractions and integers that
/// do not fit the other.
fn from_number(integer: Option<&Ident>, number: Option<&Ident>) -> Option<TokenStream> {
    if let (Some(integer), Some(number)) = (integer, number) {
        return Some(quote! {
            Scalar::Number(value) => {
                decode::number_arm(value, slot, Self::#integer, Self::#number, Self::Unknown)
            }
        });
    }
    let read = read_scalar(integer.or(number)?);
    Some(quote! { Scalar::Number(_) => #read, })
}

fn read_scalar(variant: &Ident) -> TokenStream {
    quote! { decode::scalar_arm(value, slot, Self::#variant, Self::Unknown) }
}

fn from_list(held: &[Held<'_>]) -> TokenStream {
    match held.iter().find(|held| held.arm.json == Json::List) {
        Some(Held { variant, .. }) => {
            quote! { decode::list_arm(list, slot, Self::#variant, Self::Unknown) }
        }
        None => quote! { decode::unknown_list(list, slot, Self::Unknown) },
    }
}

fn from_object(held: &[Held<'_>], union: &Union) -> TokenStream {
    let object = held.iter().find(|held| held.arm.json == Json::Object);
    match (&union.tag, object) {
        (Some(_), Some(_)) => quote! { decode::tagged(object, slot, Self::Unknown) },
        (None, Some(Held { variant, .. })) => {
            quote! { decode::object_arm(object, slot, Self::#variant, Self::Unknown) }
        }
        (_, None) => quote! { decode::unknown_object(object, slot, Self::Unknown) },
    }
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
        arms.extend(each.arm.tag_values.iter().map(|value| ((*value).to_owned(), read_arm(each))));
    }
    let untagged = union.when_untagged.as_ref();
    let untagged = untagged.and_then(|name| objects.iter().find(|held| held.arm.variant == *name));
    // A missing tag is an empty string here.
    arms.extend(untagged.map(|held| (String::new(), read_arm(held))));
    let unknown = quote! { decode::unknown_tag(object) };
    let matching = text_match(&quote! { tag }, &arms, &unknown);
    let has_tag = has_tag_method(&objects, held.len());
    Some(parse_quote! {
        impl Tagged for #name {
            const TAG: &'static str = #tag;

            fn from_tagged(
                tag: &str,
                object: &mut dyn decode::Entries,
                slot: &mut Option<Self>,
            ) -> Result<Outcome, decode::Failed> {
                #matching
            }

            #has_tag
        }
    })
}

/// If the tag of each arm is a constant, the default method of the trait is right, so none is
/// written.
fn has_tag_method(objects: &[&Held<'_>], variants: usize) -> Option<TokenStream> {
    let open: Vec<TokenStream> = objects.iter().filter_map(|held| has_open_tag(held)).collect();
    let rest = (open.len() < variants).then(|| quote! { _ => true, });
    (!open.is_empty()).then(|| {
        quote! {
            fn has_tag(&self, tag: &str) -> bool {
                match self {
                    #(#open,)*
                    Self::Unknown(_) => true,
                    #rest
                }
            }
        }
    })
}

fn has_open_tag(held: &Held<'_>) -> Option<TokenStream> {
    let property = held.arm.open_tag.as_ref()?;
    let (variant, field) = (&held.variant, format_ident!("{}", property.field));
    let own_tag = match property.required && !property.nullable {
        true => quote! { value.#field.as_str() },
        false => quote! { value.#field.as_ref().map_or("", |tag| tag.as_str()) },
    };
    Some(quote! { Self::#variant(value) => #own_tag == tag })
}

fn read_arm(held: &Held<'_>) -> TokenStream {
    let variant = &held.variant;
    quote! { decode::tagged_arm(object, slot, Self::#variant) }
}
