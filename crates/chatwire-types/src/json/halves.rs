//! Finds the escapes of surrogate halves in JSON texts, which a Rust string cannot hold: `"ok \ud83d"`.
//! [`super::strings`] refuses them.

/// The character that stands for the half U+D800 while a text is parsed. The other halves follow it. A text
/// that already has a character of this private-use range is left unchanged.
const FIRST: u32 = 0x10_0000;

/// Replaces each half in a JSON text. Returns also how many it replaced, and `None` if there are none.
pub fn replace_halves(text: &str) -> Option<(String, u64)> {
    let marked = mark_halves(text)?;
    let is_half = |character: &char| half_of(*character).is_some();
    let count = marked.chars().filter(is_half).count();
    let replaced =
        marked.chars().map(|c| if is_half(&c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    Some((replaced, count as u64))
}

/// Replaces each escape of a half that is not part of a pair by a private-use character. Returns `None` if
/// the text has no such escape, or already has one of these characters.
pub fn mark_halves(text: &str) -> Option<String> {
    if !text.contains("\\ud") && !text.contains("\\uD")
        || text.chars().any(|c| half_of(c).is_some())
    {
        return None;
    }
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    let mut has_half = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        marked.push_str(before);
        let first = escaped_half(escape);
        let second = first.and_then(|_| escaped_half(escape.get(6..)?));
        let length = match (first, second) {
            (Some(first), Some(second)) if !is_second_half(first) && is_second_half(second) => 12,
            (Some(half), _) => {
                has_half = true;
                marked.extend(char::from_u32(FIRST + half - 0xD800));
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // In JSON, the character after a backslash is ASCII, so this cut is between characters.
            (None, _) => escape.len().min(2),
        };
        let (whole, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        marked.push_str(whole);
        rest = after;
    }
    marked.push_str(rest);
    has_half.then_some(marked)
}

/// The half whose escape is at the front of a text.
fn escaped_half(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let half = u32::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&half).then_some(half)
}

/// The half for which a private-use character stands.
pub fn half_of(character: char) -> Option<u32> {
    let offset = u32::from(character).checked_sub(FIRST)?;
    (offset < 0x800).then_some(0xD800 + offset)
}

/// Whether this is the second half of a pair.
pub const fn is_second_half(half: u32) -> bool {
    half >= 0xDC00
}
