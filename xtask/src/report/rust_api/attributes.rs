//! Reads the attributes that users notice. [`super::read`] reads the items that they stand on.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, Meta, Path, Token};

use super::surface::Attributes;
use super::text::line;

/// Attributes that change nothing for users.
const HARMLESS: [&str; 5] = ["allow", "expect", "inline", "must_use", "rustfmt"];

/// Reads the attributes of one item.
pub(super) fn read(attributes: &[Attribute]) -> Attributes {
    let mut read = Attributes::default();
    for attribute in attributes {
        let name = attribute.path().to_token_stream().to_string();
        match name.as_str() {
            "doc" => read_doc(attribute, &mut read),
            "deprecated" => read.deprecated = Some(note(attribute)),
            "non_exhaustive" => read.non_exhaustive = true,
            "derive" => read.derives.extend(derives(attribute)),
            name if HARMLESS.contains(&name) => {}
            _ => read.others.push(line(attribute)),
        }
    }
    read.others.sort();
    read
}

fn read_doc(attribute: &Attribute, read: &mut Attributes) {
    match &attribute.meta {
        Meta::NameValue(pair) => {
            read.doc.push_str(text(&pair.value).trim());
            read.doc.push('\n');
        }
        Meta::List(list) if list.tokens.to_string() == "hidden" => read.hidden = true,
        _ => {}
    }
}

fn note(attribute: &Attribute) -> String {
    let Meta::List(list) = &attribute.meta else { return String::new() };
    let pairs = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let notes = pairs.into_iter().flatten().find_map(|pair| match pair {
        Meta::NameValue(pair) if pair.path.is_ident("note") => Some(text(&pair.value)),
        _ => None,
    });
    notes.unwrap_or_default()
}

fn derives(attribute: &Attribute) -> Vec<String> {
    let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
    paths.into_iter().flatten().map(|path| line(&path)).collect()
}

fn text(value: &Expr) -> String {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.value(),
            other => other.to_token_stream().to_string(),
        },
        other => other.to_token_stream().to_string(),
    }
}
