//! Writes tokens as people write them, on one line: `Option<Vec<Usage>>`. [`super::read`] decides
//! which tokens a signature has.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens on one line.
pub(super) fn line(tokens: &impl ToTokens) -> String {
    let mut line = String::new();
    write(tokens.to_token_stream(), &mut line);
    line
}

fn write(tokens: TokenStream, line: &mut String) {
    let mut previous: Option<TokenTree> = None;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_last = tokens.peek().is_none_or(|next| is_punct(next, '>'));
        if is_punct(&token, ',') && is_last {
            // A comma at the end of a list says nothing.
            continue;
        }
        if previous.as_ref().is_some_and(|previous| is_apart(previous, &token, line)) {
            line.push(' ');
        }
        match &token {
            TokenTree::Group(group) => write_group(group, line),
            token => line.push_str(&token.to_string()),
        }
        previous = Some(token);
    }
}

fn write_group(group: &Group, line: &mut String) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Brace if group.stream().is_empty() => ("{", "}"),
        Delimiter::Brace => ("{ ", " }"),
        Delimiter::None => ("", ""),
    };
    line.push_str(open);
    write(group.stream(), line);
    line.push_str(close);
}

/// Whether a space belongs between two neighbours. `line` ends with the first one.
fn is_apart(previous: &TokenTree, next: &TokenTree, line: &str) -> bool {
    use TokenTree::{Group, Ident, Literal, Punct};
    match (previous, next) {
        (Punct(first), _) if first.spacing() == Spacing::Joint => false,
        (_, Group(group)) if group.delimiter() == Delimiter::Brace => true,
        (Punct(first), Ident(_)) if first.as_char() == '>' => true,
        (Punct(first), _) => {
            let is_arrow = line.ends_with("->") || line.ends_with("=>");
            let separates = matches!(first.as_char(), ',' | ':' | ';' | '=' | '+');
            is_arrow || (separates && !line.ends_with("::"))
        }
        (Ident(_) | Group(_), Punct(second)) => matches!(second.as_char(), '=' | '+' | '-' | '&'),
        (Ident(_), Group(_)) => is_lifetime(line),
        (Ident(_) | Group(_), Ident(_)) | (Ident(_), Literal(_)) => true,
        _ => false,
    }
}

/// Whether the line ends with a lifetime such as `'static`.
fn is_lifetime(line: &str) -> bool {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    line.trim_end_matches(is_name).ends_with('\'')
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_people_write() {
        for text in [
            "Option<Vec<Usage>>",
            "&'static [&'static str]",
            "async fn list<'a>(&'a self, after: Option<&'a str>) -> Result<Response<types::List>, Error>",
            "fn new(model: impl Into<String>, choices: impl Into<Vec<Choice>>) -> Self",
            "impl<const N: usize> From<[String; N]> for Stop",
            "Box<dyn Fn(&Path, Finding<'_>) -> bool + Send>",
            "Result<(), Error>",
            "type Err = Infallible",
            "(OrderedMap<serde_json::Value>)",
            "pub trait Count {}",
            "pub fn total() -> i64 { 0 }",
        ] {
            let tokens: TokenStream = text.parse().unwrap();
            assert_eq!(line(&tokens), text);
        }
    }

    #[test]
    fn the_last_comma_is_left_out() {
        let tokens: TokenStream = "fn a(b: u8,) -> Result<u8, Error,>".parse().unwrap();
        assert_eq!(line(&tokens), "fn a(b: u8) -> Result<u8, Error>");
    }
}
