//! Counts the keys of an object without knowing their names. [`super::report`] decides what the
//! number says about a chunk.

use std::io;

use serde_core::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Counts keys by serialising the object into nothing, so that a newly documented key needs no code
/// here and long values are not copied.
pub(super) fn has_more_keys_than<T: Serialize>(object: &T, allowed: usize) -> bool {
    let count = KeyCount { depth: 0, allowed };
    object.serialize(&mut Serializer::with_formatter(io::sink(), count)).is_err()
}

/// Fails at the first key of the outermost object beyond the allowed number.
struct KeyCount {
    depth: usize,
    allowed: usize,
}

impl Formatter for KeyCount {
    fn begin_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.depth += 1;
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.depth -= 1;
        Ok(())
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        if self.depth == 1 {
            self.allowed = self.allowed.checked_sub(1).ok_or(io::ErrorKind::Other)?;
        }
        Ok(())
    }
}
