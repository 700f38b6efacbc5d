//! What the type of an event says, before its data is looked at. [`super::event_reader`]
//! reads the data.

/// What the type of an event says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventType {
    pub(crate) is_error: bool,
    pub(crate) is_heartbeat: bool,
    /// It is none under which chunks come or errors are reported.
    pub(crate) has_custom_name: bool,
}

impl EventType {
    pub(crate) fn new(name: &[u8]) -> Self {
        Self {
            is_error: is_error(name),
            is_heartbeat: is_heartbeat(name),
            has_custom_name: has_custom_name(name),
        }
    }
}

/// Whether the type leaves it to the data what the event means.
#[inline]
pub(crate) fn may_be_chunk(name: &[u8]) -> bool {
    name.is_empty() || !(is_error(name) || is_heartbeat(name))
}

#[inline]
fn is_error(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"error")
}

/// Whether an event is called something else than an error, or what the standard calls every event.
fn has_custom_name(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let holds = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    !(name.is_empty() || name == b"message" || holds(b"error") || holds(b"exception"))
}

/// Types under which servers and proxies send signs of life; their data is no chunk.
#[inline]
fn is_heartbeat(name: &[u8]) -> bool {
    matches!(name, b"ping" | b"keepalive" | b"keep-alive" | b"heartbeat")
}
