//! The front door of chatwire: types, client and streaming in one crate.
