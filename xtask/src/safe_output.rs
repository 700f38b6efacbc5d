//! Keeps what a document says from steering the terminal: control characters are shown instead of obeyed. The
//! renderers choose the colours, which pass.

use std::io::{self, Write};

const ESCAPE: u8 = 0x1b;

/// The longest colour: `ESC [ 38 ; 2 ; 255 ; 255 ; 255 m` and some room.
const LONGEST_COLOUR: usize = 32;

/// Passes text and colours on, and shows other control characters as U+FFFD.
pub struct SafeOutput<W> {
    out: W,
    /// The bytes of a sequence that may be a colour. Empty outside one.
    sequence: Vec<u8>,
}

impl<W: Write> SafeOutput<W> {
    /// Writes to `out`.
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// let mut out = xtask::safe_output::SafeOutput::new(Vec::new());
    /// out.write_all(b"\x1b[1mbold\x1b[0m \x1b]0;title\x07\n")?;
    /// let text = String::from_utf8(out.into_inner()).unwrap();
    /// assert_eq!(text, "\u{1b}[1mbold\u{1b}[0m \u{fffd}]0;title\u{fffd}\n");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub const fn new(out: W) -> Self {
        Self { out, sequence: Vec::new() }
    }

    /// What it writes to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn pass(&mut self, byte: u8, safe: &mut Vec<u8>) {
        if !self.sequence.is_empty() {
            return self.pass_in_sequence(byte, safe);
        }
        match byte {
            ESCAPE => self.sequence.push(byte),
            b'\n' | b'\t' => safe.push(byte),
            0..0x20 | 0x7f => replace(safe),
            _ => safe.push(byte),
        }
    }

    fn pass_in_sequence(&mut self, byte: u8, safe: &mut Vec<u8>) {
        let continues = match self.sequence.len() {
            1 => byte == b'[',
            length => length < LONGEST_COLOUR && matches!(byte, b'0'..=b'9' | b';' | b'm'),
        };
        if continues {
            self.sequence.push(byte);
            if byte == b'm' {
                safe.append(&mut self.sequence);
            }
            return;
        }
        let sequence = std::mem::take(&mut self.sequence);
        replace(safe);
        safe.extend_from_slice(sequence.get(1..).unwrap_or_default());
        self.pass(byte, safe);
    }
}

fn replace(safe: &mut Vec<u8>) {
    safe.extend_from_slice("\u{fffd}".as_bytes());
}

impl<W: Write> Write for SafeOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut safe = Vec::with_capacity(bytes.len());
        bytes.iter().for_each(|byte| self.pass(*byte, &mut safe));
        self.out.write_all(&safe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the text in one write, and byte by byte.
    fn check(text: &str, expected: &str) {
        for size in [1, text.len()] {
            let mut out = SafeOutput::new(Vec::new());
            for piece in text.as_bytes().chunks(size) {
                out.write_all(piece).unwrap();
            }
            assert_eq!(String::from_utf8(out.into_inner()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn colours_pass_and_other_control_characters_do_not() {
        check("a\tb\nc é 😀\n", "a\tb\nc é 😀\n");
        check("\u{1b}[1;31mred\u{1b}[0m\n", "\u{1b}[1;31mred\u{1b}[0m\n");
        check("\u{1b}[2Jx", "\u{fffd}[2Jx");
        check("\u{1b}]8;;http://h\u{7}x", "\u{fffd}]8;;http://h\u{fffd}x");
        check("\u{1b}\u{1b}[0mx", "\u{fffd}\u{1b}[0mx");
        check("a\rb\u{8}c\u{7f}", "a\u{fffd}b\u{fffd}c\u{fffd}");
    }
}
