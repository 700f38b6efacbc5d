//! `open_enums`: gives every enum of strings an opaque arm for unknown values, and infallible
//! conversions. `tagged_unions` does the same for unions.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::Tree;
use crate::model::{EnumValue, Kind, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        let Kind::Enum(values) = &component.kind else { continue };
        let name = format_ident!("{}", each.name);
        each.item = declaration(&name, values);
        each.impls.extend(impls(&name, values));
    }
}

fn declaration(name: &Ident, values: &[EnumValue]) -> Item {
    let variants = values.iter().map(variant);
    parse_quote! {
        pub enum #name {
            #(#variants,)*
            Unknown(UnknownValue),
        }
    }
}

pub(super) fn variant(value: &EnumValue) -> Ident {
    format_ident!("{}", value.variant)
}

fn impls(name: &Ident, values: &[EnumValue]) -> Vec<Item> {
    let mut items = vec![text_impl(name, values), from_str(name, values)];
    items.extend([
        parse_quote! {
            impl From<String> for #name {
                fn from(text: String) -> Self {
                    Self::from(text.as_str())
                }
            }
        },
        parse_quote! {
            impl FromStr for #name {
                type Err = Infallible;

                fn from_str(text: &str) -> Result<Self, Infallible> {
                    Ok(Self::from(text))
                }
            }
        },
        parse_quote! {
            impl fmt::Display for #name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(self.as_str())
                }
            }
        },
        parse_quote! {
            impl PartialEq<str> for #name {
                fn eq(&self, text: &str) -> bool {
                    self.as_str() == text
                }
            }
        },
        parse_quote! {
            impl PartialEq<&str> for #name {
                fn eq(&self, text: &&str) -> bool {
                    self.as_str() == *text
                }
            }
        },
    ]);
    items
}

fn text_impl(name: &Ident, values: &[EnumValue]) -> Item {
    let texts: Vec<&str> = values.iter().map(|value| value.text).collect();
    let arms = values.iter().map(|value| {
        let (variant, text) = (variant(value), &value.text);
        quote! { Self::#variant => #text }
    });
    parse_quote! {
        impl #name {
            /// The texts of the values that the document names, in its order.
            pub const KNOWN: &'static [&'static str] = &[#(#texts),*];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(#arms,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }
    }
}

fn from_str(name: &Ident, values: &[EnumValue]) -> Item {
    let arms = values.iter().map(|value| -> TokenStream {
        let (variant, text) = (variant(value), &value.text);
        quote! { #text => Self::#variant }
    });
    parse_quote! {
        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                match text {
                    #(#arms,)*
                    unknown => Self::Unknown(UnknownValue::new(unknown)),
                }
            }
        }
    }
}
