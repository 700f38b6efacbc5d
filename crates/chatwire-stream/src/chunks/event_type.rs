//! Classifies an event by its name. [`super::event_reader`] reads the data of the event.

/// What the name of an event tells about its data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventType {
    pub(crate) is_error: bool,
    pub(crate) is_heartbeat: bool,
    /// Whether the name is not one under which services send chunks or errors.
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

/// Whether an event with this name may hold a chunk.
#[inline]
pub(crate) fn may_be_chunk(name: &[u8]) -> bool {
    name.is_empty() || !(is_error(name) || is_heartbeat(name))
}

#[inline]
fn is_error(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"error")
}

/// Whether the name is not empty, is not `message` (the default of the standard), and contains neither `error`
/// nor `exception`.
fn has_custom_name(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let holds = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    !(name.is_empty() || name == b"message" || holds(b"error") || holds(b"exception"))
}

/// Names under which servers and proxies send heartbeats. Their data is not a chunk.
#[inline]
fn is_heartbeat(name: &[u8]) -> bool {
    matches!(name, b"ping" | b"keepalive" | b"keep-alive" | b"heartbeat")
}
