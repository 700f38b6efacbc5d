//! The endings of a recording's files. [`details`](super::details) reads and writes the file beside them.

/// The request body, if it is JSON.
pub(crate) const REQUEST: &str = ".request.json";

/// The request body, if it is not.
pub(crate) const RAW_REQUEST: &str = ".request.raw";

/// The status, the headers and the times of the answer.
pub(crate) const DETAILS: &str = ".recording.json";

/// The status and the headers as `curl --dump-header` writes them. Only read, and only if there is no
/// [`DETAILS`].
pub(crate) const HEADERS: &str = ".headers.txt";

/// What the body of an answer is, by the ending of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AnswerKind {
    Stream,
    Response,
    Error,
    /// Anything else, such as an HTML page.
    Raw,
}

impl AnswerKind {
    pub(crate) const ALL: [Self; 4] = [Self::Stream, Self::Response, Self::Error, Self::Raw];

    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Stream => ".stream.sse",
            Self::Response => ".response.json",
            Self::Error => ".error.json",
            Self::Raw => ".response.raw",
        }
    }

    /// The media type if nothing else says it.
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Stream => "text/event-stream",
            Self::Response | Self::Error => "application/json",
            Self::Raw => "application/octet-stream",
        }
    }
}
