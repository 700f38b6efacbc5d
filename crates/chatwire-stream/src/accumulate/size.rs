//! Estimates how much memory a value takes, for the limit on a whole answer. [`crate::completion`] applies the
//! limit.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// What an object takes beside the texts in it: about the size of the generated structs.
const OBJECT: &[u8] = &[0; 256];

/// What an item of a list or an entry of an object takes beside the texts in it: a `serde_json::Value`.
const ITEM: &[u8] = &[0; 72];

/// The estimated memory of a value in bytes.
pub(super) fn size_of(value: &impl Serialize) -> usize {
    let mut serializer = Serializer::with_formatter(Size(0), Parts);
    // Writing a number of bytes cannot fail, and neither can the types of the document.
    drop(value.serialize(&mut serializer));
    serializer.into_inner().0
}

/// Counts the bytes that are written.
struct Size(usize);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes JSON, and before each part as many bytes as the part takes beside its text.
struct Parts;

impl Formatter for Parts {
    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(OBJECT)
    }

    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        _: bool,
    ) -> io::Result<()> {
        writer.write_all(ITEM)
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        _: bool,
    ) -> io::Result<()> {
        writer.write_all(ITEM)
    }
}
