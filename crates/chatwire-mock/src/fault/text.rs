//! Reads and writes faults as text, such as `cut-after-bytes=100`. [`kind`](super::kind) says what they
//! mean.

use std::fmt;
use std::str::FromStr;

use super::kind::{Fault, ParseFaultError};

/// A name, the value if it is left out, and the fault for a value.
type Named = (&'static str, &'static str, fn(&str) -> Option<Fault>);

const NAMES: &[Named] = &[
    ("cut-after-bytes", "0", |n| n.parse().ok().map(Fault::CutAfterBytes)),
    ("cut-after-chunks", "1", |n| n.parse().ok().map(Fault::CutAfterChunks)),
    ("stall-after-bytes", "0", |n| n.parse().ok().map(Fault::StallAfterBytes)),
    ("stall-after-chunks", "1", |n| n.parse().ok().map(Fault::StallAfterChunks)),
    ("error-after-chunks", "1", |n| n.parse().ok().map(Fault::ErrorAfterChunks)),
    ("slow-first-byte", "5s", |time| {
        humantime::parse_duration(time).ok().map(Fault::SlowFirstByte)
    }),
    ("byte-by-byte", "", |none| none.is_empty().then_some(Fault::ByteByByte)),
    ("split-utf8", "", |none| none.is_empty().then_some(Fault::SplitUtf8)),
    ("garbage", "", |none| none.is_empty().then_some(Fault::Garbage)),
    ("wrong-content-type", "", |none| none.is_empty().then_some(Fault::WrongContentType)),
    ("missing-done", "", |none| none.is_empty().then_some(Fault::MissingDone)),
    ("huge-event", "1048576", |n| n.parse().ok().map(Fault::HugeEvent)),
    ("html-error", "502", html_error),
    ("redirect", "http://elsewhere.invalid/", redirect),
];

fn html_error(status: &str) -> Option<Fault> {
    let status = status.parse().ok().filter(|status| (400..600).contains(status));
    status.map(Fault::HtmlError)
}

fn redirect(url: &str) -> Option<Fault> {
    let is_header = !url.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic());
    is_header.then(|| Fault::Redirect(url.to_owned()))
}

/// Reads faults that are separated by `;`.
pub(crate) fn parse_list(text: &str) -> Result<Vec<Fault>, ParseFaultError> {
    text.split(';').map(str::trim).filter(|text| !text.is_empty()).map(str::parse).collect()
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        let Some((name, default, make)) = NAMES.iter().find(|(known, ..)| *known == name) else {
            let names = NAMES.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
            let message = format!("there is no fault `{name}`: use one of {names}");
            return Err(ParseFaultError { message });
        };
        make(value.unwrap_or(default)).ok_or_else(|| {
            let value = value.unwrap_or_default();
            let fix = match *default {
                "" => format!("write only `{name}`"),
                default => format!("write a value such as `{name}={default}`"),
            };
            ParseFaultError { message: format!("`{name}` does not take `{value}`: {fix}") }
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutAfterBytes(n) => write!(f, "cut-after-bytes={n}"),
            Self::CutAfterChunks(n) => write!(f, "cut-after-chunks={n}"),
            Self::StallAfterBytes(n) => write!(f, "stall-after-bytes={n}"),
            Self::StallAfterChunks(n) => write!(f, "stall-after-chunks={n}"),
            Self::ErrorAfterChunks(n) => write!(f, "error-after-chunks={n}"),
            Self::SlowFirstByte(time) => {
                write!(f, "slow-first-byte={}", humantime::format_duration(*time))
            }
            Self::ByteByByte => f.write_str("byte-by-byte"),
            Self::SplitUtf8 => f.write_str("split-utf8"),
            Self::Garbage => f.write_str("garbage"),
            Self::WrongContentType => f.write_str("wrong-content-type"),
            Self::MissingDone => f.write_str("missing-done"),
            Self::HugeEvent(bytes) => write!(f, "huge-event={bytes}"),
            Self::HtmlError(status) => write!(f, "html-error={status}"),
            Self::Redirect(url) => write!(f, "redirect={url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_as_it_is_written() {
        for (name, default, make) in NAMES {
            let fault = make(default).unwrap();
            assert_eq!(name.parse(), Ok(fault.clone()));
            assert!(fault.to_string().starts_with(name), "{fault}");
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }

    #[test]
    fn the_documentation_has_every_name() {
        let page = include_str!("kind.rs");
        for (name, default, _) in NAMES {
            let row = page.lines().find(|line| line.starts_with(&format!("/// | `{name}")));
            assert!(row.is_some_and(|row| row.contains(default)), "{name}");
        }
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let message = text.parse::<Fault>().unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn wrong_texts_are_explained() {
        refused("cut", "there is no fault `cut`: use one of cut-after-bytes,");
        refused("cut-after-bytes=-1", "does not take `-1`: write a value such as");
        refused("garbage=1", "write only `garbage`");
        refused("slow-first-byte=fast", "such as `slow-first-byte=5s`");
        refused("html-error=200", "does not take `200`");
        refused("redirect=a b", "does not take `a b`");
    }

    #[test]
    fn lists() {
        let list = parse_list("split-utf8; cut-after-bytes = 7;").unwrap();
        assert_eq!(list, [Fault::SplitUtf8, Fault::CutAfterBytes(7)]);
        assert_eq!(parse_list(" "), Ok(Vec::new()));
    }
}
