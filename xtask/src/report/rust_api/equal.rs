//! Decides whether two spellings are the same type: an alias is the type that it stands for, and
//! `types::Usage` is `Usage`. [`super::members`] and [`super::methods`] ask.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};

use super::Pair;
use super::text::line;

/// How many aliases may stand for each other in a row, so that a circle ends.
const DEPTH: usize = 16;

impl Pair<'_> {
    /// Whether both spellings are one type.
    pub(super) fn is_same_type(self, base: &str, head: &str) -> bool {
        base == head || expanded(base, &self.base.aliases) == expanded(head, &self.head.aliases)
    }
}

/// The type without aliases and without the name of the module.
fn expanded(text: &str, aliases: &BTreeMap<String, String>) -> String {
    match text.parse::<TokenStream>() {
        Ok(tokens) => line(&expand(tokens, aliases, DEPTH)),
        Err(_) => text.to_owned(),
    }
}

fn expand(tokens: TokenStream, aliases: &BTreeMap<String, String>, depth: usize) -> TokenStream {
    let mut expanded = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if name == "types" && is_colon(tokens.peek()) => {
                tokens.by_ref().take(2).for_each(drop);
            }
            TokenTree::Ident(name) => match aliases.get(&name.to_string()) {
                Some(target) if depth > 0 => {
                    let target: TokenStream = target.parse().unwrap_or_default();
                    expanded.extend(expand(target, aliases, depth - 1));
                }
                _ => expanded.extend([TokenTree::Ident(name)]),
            },
            TokenTree::Group(group) => {
                let inner = expand(group.stream(), aliases, depth);
                expanded.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            token => expanded.extend([token]),
        }
    }
    expanded
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_what_it_stands_for() {
        let aliases = [("Words", "Vec<Word>"), ("Word", "String"), ("Loop", "Box<Loop>")];
        let aliases = aliases.map(|(name, target)| (name.to_owned(), target.to_owned())).into();
        let expand = |text| expanded(text, &aliases);
        assert_eq!(expand("Option<&'a types::Words>"), "Option<&'a Vec<String>>");
        assert_eq!(expand("(Word)"), "(String)");
        assert_eq!(expand("Other"), "Other");
        assert!(expand("Loop").ends_with(&format!("Loop{}", ">".repeat(DEPTH))));
    }
}
