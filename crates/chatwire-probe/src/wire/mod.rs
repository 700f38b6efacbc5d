//! Sends one request over a connection of its own, and keeps every byte of the answer with its time. The
//! [`judge`](crate::judge) says what is wrong with the answer.
//!
//! It is not an HTTP client: a client hides what a conformance tool looks for, such as a wrong length, a broken
//! chunk, or bytes after the end. `httparse` reads the head, and [`body`] the three ways to frame a body.

mod address;
mod body;
mod connection;
mod exchange;
mod message;

pub(crate) use address::{Address, AddressError};
pub(crate) use connection::Connector;
pub(crate) use exchange::{Ending, Exchange, Sent, Stop, Waits, exchange};
pub(crate) use message::Answer;
