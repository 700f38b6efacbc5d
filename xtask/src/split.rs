//! Splits the tree into files: types and client, and in each crate the code that people review and
//! the code that they need not read. [`crate::write`] writes the files.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{File, Item, parse_quote};

use crate::layout::{Home, Layout};
use crate::shape::{Tree, Type};

/// A file before it is formatted.
pub struct Part {
    /// The path from the root of the project.
    pub path: String,
    /// One line that describes the file.
    pub about: &'static str,
    /// The items.
    pub file: File,
}

/// Returns the files of the types crate and of the client crate.
pub fn split(mut tree: Tree, layout: &Layout) -> Vec<Part> {
    let tree = &mut tree;
    let home = &layout.types;
    let mut parts = vec![
        module(tree, layout),
        types(tree, home),
        serde_impls(tree, home),
        unknown_impls(tree, home),
        validate_impls(tree, home),
        json_schemas(tree, home),
    ];
    parts.extend(layout.operations().map(|path| operations(tree, path, layout)));
    parts
}

fn module(tree: &Tree, layout: &Layout) -> Part {
    let module: Option<Item> = layout.is_one_crate().then(|| parse_quote! { mod client; });
    // Without optional parameters, the methods are all that the module has.
    let exports = layout.is_one_crate() && !tree.client.is_empty();
    let export: Option<Item> = exports.then(|| parse_quote! { pub use client::*; });
    Part {
        path: layout.types.source("generated/mod.rs"),
        about: "The generated modules: the types, and the impls, which need no review.",
        file: parse_quote! {
            #module
            #[cfg(feature = "schemars")]
            mod json_schemas;
            mod serde_impls;
            mod types;
            mod unknown_impls;
            mod validate_impls;

            #export
            pub use types::*;
        },
    }
}

fn types(tree: &mut Tree, home: &Home) -> Part {
    let types = std::mem::take(&mut tree.types);
    let mut items = Vec::with_capacity(types.len() * 2);
    for mut each in types {
        items.push(each.item);
        items.append(&mut each.impls);
        // The other files take the rest.
        each.item = Item::Verbatim(TokenStream::new());
        tree.types.push(each);
    }
    let head = parse_quote! {
        #![allow(
            deprecated,
            unused_imports,
            clippy::doc_markdown,
            clippy::large_enum_variant,
            clippy::new_without_default,
            clippy::should_implement_trait,
            clippy::too_many_arguments,
            reason = "the document decides what there is, and what is deprecated is still carried"
        )]

        use std::convert::Infallible;
        use std::fmt;
        use std::str::FromStr;

        use serde_json::Value;

        use crate::{Extra, Nulls, OrderedMap, UnknownValue, UnknownVariant};
    };
    Part {
        path: home.source("generated/types.rs"),
        about: "The types of the document, in its order.",
        file: with_items(head, items),
    }
}

fn serde_impls(tree: &mut Tree, home: &Home) -> Part {
    let items: Vec<Item> = taken(tree, |each| &mut each.serde);
    let head = parse_quote! {
        #![allow(
            deprecated,
            unused_imports,
            clippy::match_single_binding,
            clippy::too_many_lines,
            reason = "a long type has a long impl, and what is deprecated is still carried"
        )]

        use serde_core::de::{Deserialize, Deserializer};
        use serde_core::ser::{Serialize, Serializer};
        use serde_json::Value;

        use super::types::*;
        use crate::decode::{self, FromJson, Keys, ObjectReader, Outcome, Parts, Scalar, Tagged};
        use crate::encode;
        use crate::{Extra, Nulls};
    };
    Part {
        path: home.source("generated/serde_impls.rs"),
        about: "How each type is read from JSON and written to it.",
        file: with_items(head, items),
    }
}

fn unknown_impls(tree: &mut Tree, home: &Home) -> Part {
    let head = parse_quote! {
        #![allow(
            deprecated,
            clippy::match_single_binding,
            clippy::single_match,
            unreachable_patterns,
            unused_imports,
            reason = "one shape of code for all, and what is deprecated is still carried"
        )]

        use super::types::*;
        use crate::decode::Keys;
        use crate::unknown::{self, Finding, FindingKind, Path, Unknown};
    };
    Part {
        path: home.source("generated/unknown_impls.rs"),
        about: "How unknown keys, values and arms of each type are found and removed.",
        file: with_items(head, taken(tree, |each| &mut each.unknown)),
    }
}

fn validate_impls(tree: &mut Tree, home: &Home) -> Part {
    let head = parse_quote! {
        #![allow(
            deprecated,
            clippy::match_single_binding,
            clippy::single_match,
            clippy::too_many_lines,
            unreachable_patterns,
            unused_imports,
            reason = "one shape of code for all, and what is deprecated is still carried"
        )]

        use serde_json::Value;

        use super::types::*;
        use crate::OrderedMap;
        use crate::decode::{self, FromJson};
        use crate::validate::{Bounds, Pattern, Report, Validate};
    };
    Part {
        path: home.source("generated/validate_impls.rs"),
        about: "What the document allows in each type of a request.",
        file: with_items(head, taken(tree, |each| &mut each.validate)),
    }
}

fn json_schemas(tree: &mut Tree, home: &Home) -> Part {
    let head = parse_quote! {
        #![allow(
            deprecated,
            unused_imports,
            reason = "one list of imports for all, and what is deprecated is still carried"
        )]

        use std::borrow::Cow;

        use schemars::{JsonSchema, Schema, SchemaGenerator};

        use super::types::*;
        use crate::json_schema;
    };
    Part {
        path: home.source("generated/json_schemas.rs"),
        about: "The JSON Schema of each type, as the document has it.",
        file: with_items(head, taken(tree, |each| &mut each.json_schema)),
    }
}

/// Adds the items without a way through tokens, because parsing them again takes as long as
/// everything before it.
fn with_items(mut head: File, items: Vec<Item>) -> File {
    head.items.extend(items);
    head
}

/// Takes one part of each type out of the tree, because a copy of a large one would take gigabytes.
fn taken(tree: &mut Tree, part: fn(&mut Type) -> &mut Vec<Item>) -> Vec<Item> {
    tree.types.iter_mut().flat_map(|each| std::mem::take(part(each))).collect()
}

fn operations(tree: &Tree, path: String, layout: &Layout) -> Part {
    let (methods, items) = (&tree.methods, &tree.client);
    let types = match layout.is_one_crate() {
        true => "crate".to_owned(),
        false => layout.types.ident(),
    };
    let types = format_ident!("{types}");
    Part {
        path,
        about: "A method for each operation of the document.",
        file: parse_quote! {
            #![allow(
                deprecated,
                clippy::doc_markdown,
                clippy::needless_lifetimes,
                clippy::unnecessary_to_owned,
                clippy::too_many_arguments,
                unused_imports,
                reason = "the signatures are progenitor's, and not every document needs all imports"
            )]

            use #types as types;

            use crate::{Client, reqwest};
            use crate::runtime::{
                ByteStream, Error, Form, Items, OperationInfo, PageParts, PageReader, QueryParam,
                RequestBuilder, Response, Streamed, cookie_param, cookie_params, encode_path,
                header_param,
            };

            impl Client {
                #(#methods)*
            }

            #(#items)*
        },
    }
}
