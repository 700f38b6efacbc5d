//! Reads strings that have escapes (RFC 8259, section 7).
//! [`super::strings`] reads the part before the first escape.

use super::strings::special;

/// The number of bytes that are tested at once.
const BLOCK: usize = 16;

/// The number of bytes that are collected on the stack before they are appended to the vector. Appending each
/// piece would check the vector's capacity too often, because there are only a few bytes between two escapes.
const GATHERED: usize = 256;

/// Reads the inside of a string from `start` on and appends its meaning to `into`. Returns the length of the
/// whole inside, or `None` if it is not valid.
pub(super) fn read_escaped(bytes: &[u8], start: usize, into: &mut Vec<u8>) -> Option<usize> {
    // `length < GATHERED` before each step, and a step writes a block and an escape at most.
    let mut gathered = [0; GATHERED + 2 * BLOCK];
    let (mut at, mut length) = (start, 0);
    loop {
        if length >= GATHERED {
            into.extend_from_slice(gathered.get(..length)?);
            length = 0;
        }
        let rest = bytes.get(at..)?;
        let slot = gathered.get_mut(length..)?.first_chunk_mut()?;
        let last;
        let block = match rest.first_chunk() {
            Some(block) => block,
            None => {
                last = padded(rest);
                &last
            }
        };
        let plain = copy_plain(block, slot);
        (at, length) = (at + plain, length + plain);
        if plain == BLOCK {
            continue;
        }
        match *bytes.get(at)? {
            b'\\' => {
                let escape = bytes.get(at + 1..)?;
                let (read, written) = read_escape(escape, gathered.get_mut(length..)?)?;
                (at, length) = (at + 1 + read, length + written);
            }
            b'"' => {
                into.extend_from_slice(gathered.get(..length)?);
                return Some(at);
            }
            _ => return None,
        }
    }
}

/// Pads the last bytes to a block with zeros. A zero is a control character, so it ends a plain run.
#[cold]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
    block
}

/// Reads the escape after a backslash and writes its meaning. Returns the lengths of both.
#[inline]
fn read_escape(bytes: &[u8], into: &mut [u8]) -> Option<(usize, usize)> {
    let name = *bytes.first()?;
    if name == b'u' {
        let (length, character) = number_escape(bytes)?;
        return Some((length, character.encode_utf8(into.first_chunk_mut::<4>()?).len()));
    }
    *into.first_mut()? = meaning(name)?;
    Some((1, 1))
}

/// Copies a whole block and returns how many of its bytes are plain. The caller overwrites the others.
#[inline]
fn copy_plain(block: &[u8; BLOCK], slot: &mut [u8; BLOCK]) -> usize {
    *slot = *block;
    // The compiler vectorizes this loop, because it has no early exit.
    let mut ends = 0;
    for byte in block {
        ends |= u8::from(*byte < b' ') | u8::from(*byte == b'"') | u8::from(*byte == b'\\');
    }
    if ends == 0 {
        return BLOCK;
    }
    let (words, _) = block.as_chunks();
    let before = |word: &[u8; 8]| special(u64::from_le_bytes(*word)).trailing_zeros() as usize / 8;
    let mut lengths = words.iter().map(before);
    match lengths.next() {
        Some(length) if length < 8 => length,
        _ => 8 + lengths.next().unwrap_or_default(),
    }
}

/// The meaning of a backslash and one character.
#[inline]
const fn meaning(name: u8) -> Option<u8> {
    Some(match name {
        b'"' | b'\\' | b'/' => name,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// Reads `uXXXX`, or a surrogate pair of two such escapes.
fn number_escape(bytes: &[u8]) -> Option<(usize, char)> {
    let first = hex(bytes.get(1..5)?)?;
    let is_pair = (0xD800..0xDC00).contains(&first);
    let second = if is_pair { Some(hex(bytes.get(5..11)?.strip_prefix(b"\\u")?)?) } else { None };
    let character = char::decode_utf16([first].into_iter().chain(second)).next()?.ok()?;
    Some((if is_pair { 11 } else { 5 }, character))
}

fn hex(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | digit as u16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An escape may stand at any offset in a block and in the collected bytes.
    #[test]
    fn escapes_are_read_at_every_offset() {
        let escapes = ["\\n", "\\\"", "\\u00e9", "\\ud83d\\ude00", "\\\\\\\\", "é\\t"];
        for before in 0..2 * GATHERED {
            for escape in escapes {
                let raw = format!("{}{escape}{}", "x".repeat(before), "y".repeat(before % 40));
                check(&raw);
                check(&format!("{escape}{raw}"));
            }
        }
    }

    fn check(raw: &str) {
        let quoted = format!("\"{raw}\"");
        let expected: String = serde_json::from_str(&quoted).unwrap();
        let mut text = b"before ".to_vec();
        assert_eq!(read_escaped(&quoted.as_bytes()[1..], 0, &mut text), Some(raw.len()));
        assert_eq!(String::from_utf8(text).unwrap(), format!("before {expected}"));
        for end in [raw.len() - 1, raw.len()] {
            let cut_off = raw.as_bytes().get(..end).unwrap();
            assert_eq!(read_escaped(cut_off, 0, &mut Vec::new()), None, "{raw}");
        }
    }
}
