//! Shortens data of a server to a line that is safe to print on a terminal.
//! [`super::display`] puts the line into a message.

use chatwire_types::terminal;

/// The maximum number of characters of a body or event in a message.
const MAX_LINE: usize = 200;

/// The maximum number of characters of the server's own message.
const MAX_MESSAGE: usize = 500;

/// The maximum number of bytes that are read to make a short line.
const MAX_READ: usize = 4096;

/// Returns the beginning of a text as one line. For binary data, returns its size and first bytes.
pub(super) fn short_line(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_owned();
    }
    let (start, rest) = split_start(bytes);
    let text = String::from_utf8_lossy(start);
    if is_binary(&text) {
        let start: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return format!("{} bytes of binary data, beginning with {}", bytes.len(), start.join(" "));
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(MAX_LINE).collect();
    let dots = if short.len() < line.len() || !rest.is_empty() { "…" } else { "" };
    visible(&short) + dots
}

/// Returns the beginning of a message. The result may still have control characters; see [`visible`].
pub(super) fn cut_message(text: &str) -> String {
    let end = text.char_indices().nth(MAX_MESSAGE).map(|(end, _)| end);
    match end.and_then(|end| text.get(..end)) {
        Some(start) => start.to_owned() + "…",
        None => text.to_owned(),
    }
}

/// Splits off the bytes that are read for a message. A long text is trimmed before.
pub(super) fn split_start(text: &[u8]) -> (&[u8], &[u8]) {
    if text.len() <= MAX_READ {
        return (text, &[]);
    }
    split_between_characters(text.trim_ascii(), MAX_READ)
}

/// Splits a text at a position, or up to three bytes earlier if the position is inside a character.
pub(super) fn split_between_characters(text: &[u8], position: usize) -> (&[u8], &[u8]) {
    let begins_character = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80);
    let nearest = (position.saturating_sub(3)..=position).rev().find(begins_character);
    text.split_at_checked(nearest.unwrap_or(position)).unwrap_or((text, &[]))
}

/// Escapes characters that would move the cursor or change the writing direction. Line ends and tabs stay.
pub(super) fn visible(text: &str) -> String {
    terminal::lines(text).into_owned()
}

/// Whether more than one character in eight is a control character or invalid.
fn is_binary(text: &str) -> bool {
    let odd = |character: &char| {
        *character == char::REPLACEMENT_CHARACTER
            || (character.is_control() && !character.is_whitespace())
    };
    text.chars().filter(odd).count() * 8 > text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short_and_visible() {
        assert_eq!(short_line(b""), "nothing");
        assert_eq!(short_line(b"a\r\n\tb \xFF and more of it"), "a b \u{FFFD} and more of it");
        assert_eq!(
            short_line("red \u{1b}[31m and \u{202E}back, and so on".as_bytes()),
            "red \\u{1b}[31m and \\u{202e}back, and so on"
        );
        assert_eq!(
            short_line(b"\x1F\x8B\x08\0\0\0\0\0\0\x03rest"),
            "14 bytes of binary data, beginning with 1f 8b 08 00 00 00 00 00"
        );
        assert_eq!(short_line("é".repeat(300).as_bytes()), "é".repeat(200) + "…");
        assert_eq!(visible("a\n\tb\x07\u{9b}"), "a\n\tb\\u{7}\\u{9b}");
    }

    #[test]
    fn only_the_start_of_a_long_body_is_read() {
        let text = [&b"some words "[..], &[b' '; MAX_READ], &[0; 100_000], b"."].concat();
        assert_eq!(short_line(&text), "some words…");
        let data = [&[0; MAX_READ][..], &[b'a'; 100_000]].concat();
        let expected = "104096 bytes of binary data, beginning with 00 00 00 00 00 00 00 00";
        assert_eq!(short_line(&data), expected);
        let blank = " \n".repeat(MAX_READ);
        assert_eq!(short_line(format!("{blank}a b{blank}").as_bytes()), "a b");
        assert_eq!(short_line(blank.as_bytes()), "");
    }

    #[test]
    fn no_character_is_cut() {
        for within in 1..4 {
            let blanks = " ".repeat(MAX_READ - 1 - within);
            assert_eq!(short_line(format!("a{blanks}\u{1F600} b").as_bytes()), "a…", "{within}");
        }
        let blanks = " ".repeat(MAX_READ - 5);
        assert_eq!(short_line(format!("a{blanks}\u{1F600} b").as_bytes()), "a \u{1F600}…");
        // Bytes that are not a character are cut at the position.
        assert_eq!(split_between_characters(&[0x80; 10], 6).0.len(), 6);
        assert_eq!(split_between_characters(&[0x80; 10], 2).0.len(), 2);
        assert_eq!(split_between_characters(b"abc", 5), (&b"abc"[..], &b""[..]));
    }

    #[test]
    fn long_messages_are_cut() {
        let message = "é".repeat(MAX_MESSAGE);
        assert_eq!(cut_message(&message), message);
        assert_eq!(cut_message(&(message.clone() + "\nand more")), message + "…");
    }
}
