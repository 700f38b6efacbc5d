//! Removes the byte order mark that some servers put before JSON. Other modules read the JSON, such
//! as [`crate::error_envelope`].

/// U+FEFF in UTF-8. It has no meaning before JSON (RFC 8259, section 8.1).
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The bytes after the byte order mark, or all of them if there is none.
pub fn strip_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}
