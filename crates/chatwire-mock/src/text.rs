//! Makes the words of an answer, and cuts text into tokens. [`answer`](crate::answer) builds the
//! completion around them.

use std::fmt::Write as _;

/// Returns the words for a prompt. They are the same every time.
///
/// It repeats the text of `Say …`, counts for `count to N`, and quotes any other prompt. The
/// quotation has an é and a 😀, which show code that cuts characters in two.
pub(crate) fn reply(prompt: &str) -> String {
    let prompt = prompt.trim();
    if let Some(rest) = strip_word(prompt, "say") {
        return said(rest);
    }
    if let Some(number) = strip_word(prompt, "count to").and_then(leading_number) {
        return count_to(number.min(MOST_COUNTED));
    }
    format!("You said: “{prompt}” That is all that a mock knows, apart from café and 😀.")
}

/// Cuts text into pieces of about the size of real tokens: a word with its space, a long word in
/// parts, and every other character alone. Joined, the pieces are the text.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (token, after) = rest.split_at_checked(token_len(rest))?;
        rest = after;
        (!token.is_empty()).then_some(token)
    })
}

fn token_len(text: &str) -> usize {
    let mut in_word = false;
    for (taken, (at, c)) in text.char_indices().enumerate() {
        let goes_on = match c {
            ' ' => at == 0,
            c if c.is_alphanumeric() => taken < LONGEST_TOKEN,
            // Any other character is a token, with the space before it if there is one.
            _ if !in_word && taken <= usize::from(text.starts_with(' ')) => {
                return at + c.len_utf8();
            }
            _ => false,
        };
        if !goes_on {
            return at;
        }
        in_word |= c.is_alphanumeric();
    }
    text.len()
}

/// The rest of `text` after `word`, ignoring case, if it is not empty.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    let rest = rest.strip_prefix([' ', ':']).map(str::trim)?;
    (start.eq_ignore_ascii_case(word) && !rest.is_empty()).then_some(rest)
}

fn said(text: &str) -> String {
    let text = text.trim_matches(['"', '\'', '“', '”', '.', '!', '?', ' ']);
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}!", chars.as_str())
}

fn count_to(number: u64) -> String {
    let mut text = String::new();
    for number in 1..=number {
        let comma = if number > 1 { ", " } else { "" };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{number}");
    }
    text
}

fn leading_number(text: &str) -> Option<u64> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

const LONGEST_TOKEN: usize = 7;
const MOST_COUNTED: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prompt: &str, expected: &str) {
        assert_eq!(reply(prompt), expected);
    }

    #[test]
    fn replies() {
        check("Say this is a test", "This is a test!");
        check(" SAY: “école 😀.” ", "École 😀!");
        check("Count to 4, please", "1, 2, 3, 4");
        check("count to nowhere", &reply("count to nowhere"));
        check("say", "You said: “say” That is all that a mock knows, apart from café and 😀.");
        check("", "You said: “” That is all that a mock knows, apart from café and 😀.");
    }

    fn tokens_of(text: &str) -> Vec<&str> {
        tokens(text).collect()
    }

    #[test]
    fn tokens_join_to_the_text() {
        assert_eq!(tokens_of("This is a test!"), ["This", " is", " a", " test", "!"]);
        assert_eq!(tokens_of("extraordinary  é😀\n"), ["extraor", "dinary", " ", " é", "😀", "\n"]);
        for text in ["", " ", "  ", "a  b", "😀😀", " .. x", "“café”", "e\u{301}\u{301}"] {
            assert_eq!(tokens_of(text).concat(), text);
            assert!(tokens_of(text).iter().all(|token| !token.is_empty()), "{text:?}");
        }
    }
}
