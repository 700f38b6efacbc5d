//! Text of others as a terminal may see it: a server's words and a payload's keys must not move the
//! cursor or start a line. What is printed where is up to [`chat`](crate::chat) and
//! [`check`](crate::check).

use std::borrow::Cow;

/// The text on one line, with every character escaped that would do something.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_active)
}

/// The text with its own lines and tabs, and everything else escaped that would do something.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_active(c) && !matches!(c, '\n' | '\t'))
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_escaped(c) {
            true => escaped.extend(c.escape_default()),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, line separators, and what turns the direction of writing around.
fn is_active(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_do_something_is_escaped() {
        let check = |text: &str, line: &str, kept: &str| {
            assert_eq!((&*one_line(text), &*lines(text)), (line, kept));
        };
        check("é 😀 \\n", "é 😀 \\n", "é 😀 \\n");
        check("\n\u{1b}[31m", r"\n\u{1b}[31m", "\n\\u{1b}[31m");
        check("a\tb\r\u{7}\u{7f}", r"a\tb\r\u{7}\u{7f}", "a\tb\\r\\u{7}\\u{7f}");
        check("\u{9b}2J\u{202e}\u{2028}", r"\u{9b}2J\u{202e}\u{2028}", r"\u{9b}2J\u{202e}\u{2028}");
    }
}
