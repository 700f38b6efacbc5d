//! A request and its answer, as a log shows them. [`log`](crate::log) collects them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A request whose answer has ended, for [`MockServerBuilder::on_exchange`].
///
/// [`MockServerBuilder::on_exchange`]: crate::MockServerBuilder::on_exchange
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// When the request came.
    pub at: SystemTime,
    /// The method, such as `POST`; `-` if the head of the request did not come in time, or was not read because there
    /// are too many connections.
    pub method: String,
    /// The path without the query, because a query may have a key; `-` as for the method.
    pub path: String,
    /// The model that the request asks for, if its body was read that far.
    pub model: Option<String>,
    /// The status of the answer. `None` if the client left before the answer began.
    pub status: Option<u16>,
    /// The tokens of the prompt, if the server made the answer or the answer says it.
    pub prompt_tokens: Option<u64>,
    /// The tokens of the answer, if the server made the answer or the answer says it.
    pub completion_tokens: Option<u64>,
    /// The time from the head of the request to the end of the answer.
    pub duration: Duration,
    /// The length of the answer without its head.
    pub bytes: u64,
    /// The rule of the script that matched.
    pub rule: Option<String>,
    /// The recording that was played or written.
    pub recording: Option<String>,
    /// Why the request was refused, or why the answer was not recorded.
    pub error: Option<String>,
    /// Whether the client got all of the answer. It did not if it left, or if the answer broke off.
    pub is_complete: bool,
}

/// What a user does with each exchange.
#[derive(Clone)]
pub(crate) struct OnExchange(pub(crate) Arc<dyn Fn(&Exchange) + Send + Sync>);

impl fmt::Debug for OnExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnExchange")
    }
}
