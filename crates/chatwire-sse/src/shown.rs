//! What a server sent, as a line that a terminal can show. Which message shows it is said in
//! [`crate::outcome`].

/// How many characters of a body or event a message shows.
const SHOWN: usize = 200;

/// One short line of text; of a body that is no text, its size and how it begins.
pub(crate) fn short_line(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_owned();
    }
    let text = String::from_utf8_lossy(bytes);
    if is_binary(&text) {
        let start: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return format!("no text, {} bytes from {} on", bytes.len(), start.join(" "));
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(SHOWN).collect();
    let dots = if short.len() < line.len() { "…" } else { "" };
    visible(&short) + dots
}

/// The text with escapes in place of what would move the cursor or turn the writing around. Line
/// ends and tabs stay.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        if steers(character) && !matches!(character, '\n' | '\t') {
            visible.extend(character.escape_default());
        } else {
            visible.push(character);
        }
    }
    visible
}

fn steers(character: char) -> bool {
    let turns = matches!(character, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turns
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
}
