//! An embedded chat-completions server for demos and tests.
