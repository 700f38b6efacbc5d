//! The setting that adds the words of requests and answers to traces. `content.rs` writes them.

use crate::client::Client;
use crate::config::ClientBuilder;

/// Whether spans have the words of requests and answers.
#[derive(Clone, Copy, Default)]
pub(crate) struct TraceContent(pub(super) bool);

/// Traces.
impl ClientBuilder {
    /// Sets whether the spans of this client have the words of requests and answers: messages, tools, and the messages of
    /// errors. The default is `false`, because they may be secret and are large. No span ever has a key of the client.
    ///
    /// ```
    /// let builder = chatwire_client::Client::builder().trace_content(true);
    /// # let _ = builder;
    /// ```
    pub fn trace_content(mut self, is_traced: bool) -> Self {
        self.trace_content = TraceContent(is_traced);
        self
    }
}

/// Traces.
impl Client {
    /// Returns a client whose spans have the words of requests and answers, or not; see
    /// [`ClientBuilder::trace_content`].
    #[must_use]
    pub fn with_trace_content(&self, is_traced: bool) -> Self {
        self.with(|settings| settings.trace_content = TraceContent(is_traced))
    }

    /// Whether the spans of this client have the words of requests and answers. The spans of tools follow it.
    #[doc(hidden)]
    #[must_use]
    pub fn traces_content(&self) -> bool {
        self.settings.trace_content.0
    }
}
