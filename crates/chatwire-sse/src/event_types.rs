//! What the type of an event says, before its data is looked at. What the data says is
//! [`crate::meaning`]'s work.

use crate::event::Event;

/// Whether the event's type leaves it to the data what the event means.
#[inline]
pub(crate) fn has_plain_name(event: &Event<'_>) -> bool {
    event.name.is_empty() || !(is_error(event.name) || is_heartbeat(event.name))
}

#[inline]
pub(crate) fn is_error(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"error")
}

/// Whether an event is called something else than an error, or what the standard calls every event.
pub(crate) fn has_own_type(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let holds = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    !(name.is_empty() || name == b"message" || holds(b"error") || holds(b"exception"))
}

/// Types under which servers and proxies send signs of life; their data is no chunk.
#[inline]
pub(crate) fn is_heartbeat(name: &[u8]) -> bool {
    matches!(name, b"ping" | b"keepalive" | b"keep-alive" | b"heartbeat")
}
