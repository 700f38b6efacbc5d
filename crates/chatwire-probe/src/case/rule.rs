//! The names of the rules, each of which finds what a place and a value cannot say. [`judge`](crate::judge) applies
//! them.

/// A rule that a case file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Framing,
    HeadSyntax,
    SmallHead,
    Delimited,
    Fits,
    KnownValues,
    ChunksFit,
    ChunksKnownValues,
    LoneComments,
    NoSilence,
    NoStreamError,
    Ends,
    SseLines,
    SseUtf8,
    SseLastEvent,
    SseData,
    WholeCharacters,
    NotBuffered,
    UniqueKeys,
    UsageAddsUp,
    NoHtml,
    NoSecret,
}

impl Rule {
    /// Each rule with its name in case files and with what it expects.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 22] = [
        (Self::Framing, "framing", "an answer that is complete by RFC 9112"),
        (Self::HeadSyntax, "head-syntax", "a head by the letter of RFC 9112"),
        (Self::SmallHead, "small-head", "at most 100 headers and 16 KiB"),
        (Self::Delimited, "delimited", "a length or chunks, so that a broken connection shows"),
        (Self::Fits, "fits", "documented keys with documented kinds of JSON"),
        (Self::KnownValues, "known-values", "values that the document names"),
        (Self::ChunksFit, "chunks-fit", "chunks with documented kinds of JSON"),
        (Self::ChunksKnownValues, "chunks-known-values", "values that the document names"),
        (Self::LoneComments, "lone-comments", "comments that stand between empty lines"),
        (Self::NoSilence, "no-silence", "at most 15 seconds between two pieces of the answer"),
        (Self::NoStreamError, "no-stream-error", "events that are chunks"),
        (Self::Ends, "ends", "a finish reason for each choice, then `data: [DONE]`"),
        (
            Self::SseLines,
            "sse-lines",
            "lines that are a field of the standard, a comment, or empty",
        ),
        (Self::SseUtf8, "sse-utf8", "UTF-8 without a byte order mark and without NUL"),
        (Self::SseLastEvent, "sse-last-event", "an empty line after the last event"),
        (Self::SseData, "sse-data", "events that have data which is not blank"),
        (Self::WholeCharacters, "whole-characters", "text without U+FFFD and halves of characters"),
        (Self::NotBuffered, "not-buffered", "events that come as they are made"),
        (Self::UniqueKeys, "unique-keys", "objects in which each key comes once"),
        (Self::UsageAddsUp, "usage-adds-up", "a total that is the sum of prompt and completion"),
        (Self::NoHtml, "no-html", "a body that is not a page"),
        (Self::NoSecret, "no-secret", "an answer that does not repeat the key"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(rule, ..)| *rule == self).map_or("", |(_, name, _)| name)
    }

    pub(crate) fn expects(self) -> &'static str {
        Self::ALL.iter().find(|(rule, ..)| *rule == self).map_or("", |(.., expects)| expects)
    }
}
