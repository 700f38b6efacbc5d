//! The kinds of payload, told from a file's name or from an `index.json` beside it. What is done
//! with each is in [`payload`](super::payload) and [`stream`](super::stream).

use std::path::Path;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
    Chunk,
    Error,
    Stream,
    List,
    MessageList,
    UpdateRequest,
    Deleted,
}

impl Kind {
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let found = BY_SUFFIX.iter().find(|(suffix, _)| {
            name.strip_suffix(suffix).is_some_and(|stem| stem.is_empty() || stem.ends_with('.'))
        });
        found.map(|(_, kind)| *kind)
    }

    /// What an index calls an operation, and which of its files this is.
    pub(super) fn of_operation(operation: &str, part: &str) -> Option<Self> {
        match (operation, part) {
            ("list", "response") => Some(Self::List),
            ("messages_list", "response") => Some(Self::MessageList),
            ("delete", "response") => Some(Self::Deleted),
            ("update", "request") => Some(Self::UpdateRequest),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Chunk => "chunk",
            Self::Error => "error",
            Self::Stream => "stream",
            Self::List => "list",
            Self::MessageList => "message list",
            Self::UpdateRequest => "update request",
            Self::Deleted => "deleted",
        }
    }
}

const BY_SUFFIX: &[(&str, Kind)] = &[
    ("request.json", Kind::Request),
    ("response.json", Kind::Response),
    ("chunk.json", Kind::Chunk),
    ("error.json", Kind::Error),
    ("stream.sse", Kind::Stream),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |name: &str, kind| assert_eq!(Kind::of_name(Path::new(name)), kind, "{name}");
        check("a/x.request.json", Some(Kind::Request));
        check("stream.sse", Some(Kind::Stream));
        check("x.y.error.json", Some(Kind::Error));
        check("myresponse.json", None);
        check("x.headers.txt", None);
        check("index.json", None);
    }
}
