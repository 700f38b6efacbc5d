//! What a server sent, as a line that a terminal can show. Which message shows it is said in
//! [`crate::outcome`].

use chatwire_types::terminal;

/// How many characters of a body or event a message shows.
const SHOWN: usize = 200;

/// How many characters of a server's own words a message shows.
const MAX_WORDS: usize = 500;

/// Of a longer event, no more bytes than this are looked at.
const LOOKED_AT: usize = 4096;

/// One short line of text; of a body that is no text, its size and how it begins.
pub(crate) fn short_line(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_owned();
    }
    let (start, rest) = split_start(bytes);
    let text = String::from_utf8_lossy(start);
    if is_binary(&text) {
        let start: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return format!("no text, {} bytes from {} on", bytes.len(), start.join(" "));
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(SHOWN).collect();
    let dots = if short.len() < line.len() || !rest.is_empty() { "…" } else { "" };
    visible(&short) + dots
}

/// The words of a server, or how they begin. They are not [`visible`] yet.
pub(crate) fn short_words(text: &str) -> String {
    let end = text.char_indices().nth(MAX_WORDS).map(|(end, _)| end);
    match end.and_then(|end| text.get(..end)) {
        Some(start) => start.to_owned() + "…",
        None => text.to_owned(),
    }
}

/// What is looked at of a text, and the rest, without the blanks around a long one.
pub(crate) fn split_start(text: &[u8]) -> (&[u8], &[u8]) {
    if text.len() <= LOOKED_AT {
        return (text, &[]);
    }
    split_between_characters(text.trim_ascii(), LOOKED_AT)
}

/// Splits here, or up to three bytes earlier where that would be inside of a character.
pub(crate) fn split_between_characters(text: &[u8], position: usize) -> (&[u8], &[u8]) {
    let begins_character = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80);
    let nearest = (position.saturating_sub(3)..=position).rev().find(begins_character);
    text.split_at_checked(nearest.unwrap_or(position)).unwrap_or((text, &[]))
}

/// The text with escapes in place of what would move the cursor or turn the writing around. Line
/// ends and tabs stay.
pub(crate) fn visible(text: &str) -> String {
    terminal::lines(text).into_owned()
}

/// Text has a control character now and then; other data has them everywhere.
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
            "no text, 14 bytes from 1f 8b 08 00 00 00 00 00 on"
        );
        assert_eq!(short_line("é".repeat(300).as_bytes()), "é".repeat(200) + "…");
        assert_eq!(visible("a\n\tb\x07\u{9b}"), "a\n\tb\\u{7}\\u{9b}");
    }

    #[test]
    fn of_long_bodies_the_start_is_looked_at() {
        let text = [&b"some words "[..], &[b' '; LOOKED_AT], &[0; 100_000], b"."].concat();
        assert_eq!(short_line(&text), "some words…");
        let data = [&[0; LOOKED_AT][..], &[b'a'; 100_000]].concat();
        let expected = "no text, 104096 bytes from 00 00 00 00 00 00 00 00 on";
        assert_eq!(short_line(&data), expected);
        let blank = " \n".repeat(LOOKED_AT);
        assert_eq!(short_line(format!("{blank}a b{blank}").as_bytes()), "a b");
        assert_eq!(short_line(blank.as_bytes()), "");
    }

    #[test]
    fn no_character_is_cut() {
        for within in 1..4 {
            let blanks = " ".repeat(LOOKED_AT - 1 - within);
            assert_eq!(short_line(format!("a{blanks}\u{1F600} b").as_bytes()), "a…", "{within}");
        }
        let blanks = " ".repeat(LOOKED_AT - 5);
        assert_eq!(short_line(format!("a{blanks}\u{1F600} b").as_bytes()), "a \u{1F600}…");
        // What is in none is cut as it comes.
        assert_eq!(split_between_characters(&[0x80; 10], 6).0.len(), 6);
        assert_eq!(split_between_characters(&[0x80; 10], 2).0.len(), 2);
        assert_eq!(split_between_characters(b"abc", 5), (&b"abc"[..], &b""[..]));
    }

    #[test]
    fn words_are_short() {
        let words = "é".repeat(MAX_WORDS);
        assert_eq!(short_words(&words), words);
        assert_eq!(short_words(&(words.clone() + "\nand more")), words + "…");
    }
}
