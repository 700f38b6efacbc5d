//! Makes foreign text safe for a terminal, so that the words of a server and the keys of a payload
//! cannot move the cursor, start a line or reverse the writing. The crates that print such text
//! decide how much of it they show.

use std::borrow::Cow;

/// Returns the text on one line, with an escape for every character that a terminal would obey.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_active)
}

/// Returns the text with the escapes of [`one_line`], but keeps its line ends and tabs.
pub fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_active(character) && !matches!(character, '\n' | '\t'))
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match is_escaped(character) {
            true => escaped.extend(character.escape_default()),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, line separators, and the marks that change the direction of the writing.
fn is_active(character: char) -> bool {
    let steers = matches!(
        character,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || steers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_terminal_obeys_are_escaped() {
        let check = |text: &str, line: &str, kept: &str| {
            assert_eq!((&*one_line(text), &*lines(text)), (line, kept));
        };
        check("é 😀 \\n", "é 😀 \\n", "é 😀 \\n");
        check("\n\u{1b}[31m", r"\n\u{1b}[31m", "\n\\u{1b}[31m");
        check("a\tb\r\u{7}\u{7f}", r"a\tb\r\u{7}\u{7f}", "a\tb\\r\\u{7}\\u{7f}");
        check("\u{9b}2J\u{202e}\u{2028}", r"\u{9b}2J\u{202e}\u{2028}", r"\u{9b}2J\u{202e}\u{2028}");
        check("\u{61c}\u{200f}\u{2066}", r"\u{61c}\u{200f}\u{2066}", r"\u{61c}\u{200f}\u{2066}");
    }
}
