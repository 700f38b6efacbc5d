//! The bounds of a schema as Rust code. [`super`] decides which values have any.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::inner_schemas;
use crate::load::Node;
use crate::model::{Kind, Model, text};

/// Each keyword with its field in `Bounds`.
const NUMBERS: [(&str, &str); 2] = [("minimum", "minimum"), ("maximum", "maximum")];
const SIZES: [(&str, &str); 6] = [
    ("minLength", "least"),
    ("minItems", "least"),
    ("minProperties", "least"),
    ("maxLength", "most"),
    ("maxItems", "most"),
    ("maxProperties", "most"),
];

/// Whether a schema has a bound itself.
pub(super) fn has_own(schema: &Node) -> bool {
    !own(schema).is_empty()
}

/// The bounds of a schema and of the alias that it refers to, as an expression.
pub(super) fn of(schema: &Node, model: &Model) -> TokenStream {
    let fields = fields(schema, model);
    if fields.is_empty() {
        return quote! { &Bounds::ANY };
    }
    let fields = fields.iter().map(|(field, value)| {
        let field = format_ident!("{field}");
        quote! { #field: Some(#value) }
    });
    quote! { const { &Bounds { #(#fields,)* ..Bounds::ANY } } }
}

type Fields = BTreeMap<&'static str, TokenStream>;

fn fields(schema: &Node, model: &Model) -> Fields {
    let alias = model.target(schema).filter(|component| matches!(component.kind, Kind::Alias));
    let mut all = alias.map(|component| fields(component.schema, model)).unwrap_or_default();
    all.extend(own(schema));
    for inner in inner_schemas(schema) {
        if !fields(inner, model).is_empty() {
            all.insert("items", of(inner, model));
        }
    }
    all
}

fn own(schema: &Node) -> Fields {
    let mut found = Fields::new();
    for (key, field) in NUMBERS {
        // The type of a number of 0 or more has no other numbers.
        let is_unsigned = key == "minimum" && text(schema, "type") == "integer";
        let bound = schema.get(key).and_then(|bound| bound.as_number()?.as_f64());
        let bound = bound.filter(|bound| !is_unsigned || *bound != 0.0);
        found.extend(bound.map(|bound| {
            let bound = Literal::f64_unsuffixed(bound);
            (field, quote! { #bound })
        }));
    }
    for (key, field) in SIZES {
        let bound = schema.get(key).and_then(|bound| bound.as_number()?.as_u64());
        let bound = bound.filter(|bound| *bound > 0 || field == "most");
        found.extend(bound.map(|bound| {
            let bound = Literal::u64_unsuffixed(bound);
            (field, quote! { #bound })
        }));
    }
    let class = schema.get("pattern").and_then(Node::as_str).and_then(character_class);
    found.extend(class.map(|class| ("pattern", pattern(&class))));
    found
}

fn pattern(class: &CharacterClass) -> TokenStream {
    let text = &class.text;
    let ranges = class.ranges.iter().map(|(first, last)| match first == last {
        true => quote! { #first },
        false => quote! { #first..=#last },
    });
    quote! { Pattern { class: #text, has: |character| matches!(character, #(#ranges)|*) } }
}

/// A set of characters: `[a-zA-Z0-9_-]`.
#[derive(Debug, PartialEq, Eq)]
pub struct CharacterClass {
    text: String,
    ranges: Vec<(char, char)>,
}

/// The class of a pattern that is one class, repeated at least once: `^[a-zA-Z0-9_-]+$`. `None` for any other
/// pattern, which would need a crate for regular expressions in every program.
pub fn character_class(pattern: &str) -> Option<CharacterClass> {
    let inside = pattern.strip_prefix("^[")?.strip_suffix("]+$")?;
    let is_special = |character| matches!(character, '\\' | '[' | ']' | '^' | '&' | '~');
    if inside.is_empty() || inside.contains(is_special) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut rest = inside.chars().peekable();
    while let Some(first) = rest.next() {
        // A `-` at the start or the end stands for itself.
        let mut after = rest.clone();
        let range = (first != '-').then(|| (after.next(), after.next()));
        if let Some((Some('-'), Some(last))) = range {
            if last < first {
                return None;
            }
            ranges.push((first, last));
            rest = after;
        } else {
            ranges.push((first, first));
        }
    }
    Some(CharacterClass { text: format!("[{inside}]"), ranges })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_repeated() {
        let ranges = |pattern| character_class(pattern).map(|class| class.ranges);
        assert_eq!(ranges("^[a-z_-]+$"), Some(vec![('a', 'z'), ('_', '_'), ('-', '-')]));
        assert_eq!(ranges("^[-.:]+$"), Some(vec![('-', '-'), ('.', '.'), (':', ':')]));
        for other in ["[a-z]+", "^[a-z]*$", "^[]+$", "^[z-a]+$", r"^[\w]+$", "^[^a]+$", "^a[b]+$"] {
            assert_eq!(ranges(other), None, "{other}");
        }
    }
}
