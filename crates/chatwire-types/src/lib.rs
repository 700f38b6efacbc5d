//! The types of the chat-completions wire protocol, generated from one document.
