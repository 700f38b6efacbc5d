//! The chat-completions client, generated from one document.
