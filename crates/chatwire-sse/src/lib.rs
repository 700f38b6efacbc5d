//! Event streams of chat completions: bytes to events to chunks to a completion, and back.
