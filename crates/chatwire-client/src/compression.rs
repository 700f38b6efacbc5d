//! Undoes the compression of a body, with a bound on what comes out. [`body`](crate::body) reads whole bodies,
//! and [`response`](crate::response) streams.

use std::{fmt, io};

use bytes::Bytes;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

/// Compressed bytes are taken in pieces of this size, because each byte may become thousands.
#[cfg(any(feature = "gzip", feature = "brotli"))]
const PIECE: usize = 1024;

/// The largest output of one piece. Honest text is compressed to a hundredth at best.
#[cfg(any(feature = "gzip", feature = "brotli"))]
const LARGEST_OUTPUT: usize = 8 * 1024 * 1024;

/// How many bytes decide whether a body is text in spite of its label.
const SNIFFED: usize = 16;

/// What the client asks for: no compression, or what its features can undo. An honest server then sends nothing
/// else.
pub(crate) const ACCEPTED: HeaderValue =
    HeaderValue::from_static(match (cfg!(feature = "gzip"), cfg!(feature = "brotli")) {
        (true, true) => "gzip, br",
        (true, false) => "gzip",
        (false, true) => "br",
        (false, false) => "identity",
    });

/// The names of compressions, with the form of each that the client can undo.
const NAMES: [(&str, Option<Form>); 7] = [
    ("gzip", Form::GZIP),
    ("x-gzip", Form::GZIP),
    ("br", Form::BROTLI),
    ("deflate", None),
    ("zstd", None),
    ("compress", None),
    ("x-compress", None),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    #[cfg(feature = "gzip")]
    Gzip,
    #[cfg(feature = "brotli")]
    Brotli,
}

impl Form {
    #[cfg(feature = "gzip")]
    const GZIP: Option<Self> = Some(Self::Gzip);
    #[cfg(not(feature = "gzip"))]
    const GZIP: Option<Self> = None;
    #[cfg(feature = "brotli")]
    const BROTLI: Option<Self> = Some(Self::Brotli);
    #[cfg(not(feature = "brotli"))]
    const BROTLI: Option<Self> = None;
}

/// The compression that a body has by its label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    pub(crate) name: &'static str,
    form: Option<Form>,
}

/// The label of a body. Names that mean no compression, or that some servers set by mistake, are ignored. Only
/// one compression can be undone.
pub(crate) fn label(headers: &HeaderMap) -> Option<Label> {
    let all = headers.get_all(CONTENT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let names = all.flat_map(|value| value.split(',')).map(str::trim);
    let mut known = names
        .filter_map(|name| NAMES.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)));
    let (name, form) = known.next()?;
    Some(Label { name, form: form.filter(|_| known.next().is_none()) })
}

/// Why a body cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The client cannot undo this compression.
    Unsupported(&'static str),
    /// The compressed data is damaged, or too large.
    Damaged(io::Error),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(name) => write!(
                f,
                "content-encoding {name} is not supported, and the client did not ask for it; switch off \
                 compression in the server or the proxy before it"
            ),
            Self::Damaged(error) => {
                write!(f, "the compressed data is damaged or too large: {error}")
            }
        }
    }
}

/// Undoes the compression of a body, piece by piece.
pub(crate) struct Decompressor {
    state: State,
    /// Bytes that were not taken yet.
    input: Bytes,
    /// Why the rest cannot be read. What came before the damage is returned first.
    failed: Option<io::Error>,
}

enum State {
    /// No byte has come.
    Start(Label),
    Plain,
    #[cfg(feature = "gzip")]
    Gzip(Box<flate2::write::MultiGzDecoder<Output>>),
    #[cfg(feature = "brotli")]
    Brotli(Box<brotli::DecompressorWriter<Output>>),
}

impl Decompressor {
    pub(crate) fn new(label: Option<Label>) -> Self {
        let state = label.map_or(State::Plain, State::Start);
        Self { state, input: Bytes::new(), failed: None }
    }

    /// Takes the next bytes of the body. [`next`](Self::next) returns what they become.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        self.input = bytes;
    }

    /// Returns the next piece of the text. `None` if it needs more bytes.
    ///
    /// # Errors
    ///
    /// Returns why the body cannot be read.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Unreadable> {
        if let Some(error) = self.failed.take() {
            return Err(Unreadable::Damaged(error));
        }
        while !self.input.is_empty() {
            if let State::Start(label) = self.state {
                self.state = State::of(label, &self.input)?;
            }
            let (output, result) = match &mut self.state {
                State::Start(_) | State::Plain => (std::mem::take(&mut self.input), Ok(())),
                #[cfg(feature = "gzip")]
                State::Gzip(decoder) => {
                    let result = write(&mut **decoder, &mut self.input);
                    (decoder.get_mut().take(), result)
                }
                #[cfg(feature = "brotli")]
                State::Brotli(decoder) => {
                    let result = write(&mut **decoder, &mut self.input);
                    (decoder.get_mut().take(), result)
                }
            };
            if let Err(error) = result {
                self.input = Bytes::new();
                if output.is_empty() {
                    return Err(Unreadable::Damaged(error));
                }
                self.failed = Some(error);
            }
            if !output.is_empty() {
                return Ok(Some(output));
            }
        }
        Ok(None)
    }

    /// Ends the body.
    ///
    /// # Errors
    ///
    /// Returns an error if the compressed data is cut off.
    pub(crate) fn finish(&mut self) -> Result<Option<Bytes>, Unreadable> {
        match &mut self.state {
            State::Start(_) | State::Plain => Ok(None),
            #[cfg(feature = "gzip")]
            State::Gzip(decoder) => {
                decoder.try_finish().map_err(Unreadable::Damaged)?;
                Ok(Some(decoder.get_mut().take()).filter(|output| !output.is_empty()))
            }
            #[cfg(feature = "brotli")]
            State::Brotli(decoder) => {
                decoder.close().map_err(Unreadable::Damaged)?;
                Ok(Some(decoder.get_mut().take()).filter(|output| !output.is_empty()))
            }
        }
    }
}

/// Gives the decoder the next piece. It flushes, because the decoder would otherwise keep what a server sent in
/// time.
#[cfg(any(feature = "gzip", feature = "brotli"))]
fn write(decoder: &mut impl io::Write, input: &mut Bytes) -> io::Result<()> {
    let piece = input.split_to(PIECE.min(input.len()));
    decoder.write_all(&piece)?;
    decoder.flush()
}

impl State {
    /// Some servers label a plain body as compressed.
    fn of(label: Label, start: &[u8]) -> Result<Self, Unreadable> {
        if is_text(start) {
            return Ok(Self::Plain);
        }
        match label.form {
            None => Err(Unreadable::Unsupported(label.name)),
            #[cfg(feature = "gzip")]
            Some(Form::Gzip) => {
                Ok(Self::Gzip(Box::new(flate2::write::MultiGzDecoder::new(Output::default()))))
            }
            #[cfg(feature = "brotli")]
            Some(Form::Brotli) => Ok(Self::Brotli(Box::new(brotli::DecompressorWriter::new(
                Output::default(),
                PIECE,
            )))),
        }
    }
}

/// Whether a body begins as text does.
fn is_text(start: &[u8]) -> bool {
    let start = start.get(..SNIFFED).unwrap_or(start);
    let text = match str::from_utf8(start) {
        Ok(text) => text,
        // A character may be cut.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

/// What came out of one piece.
#[cfg(any(feature = "gzip", feature = "brotli"))]
#[derive(Default)]
struct Output(Vec<u8>);

#[cfg(any(feature = "gzip", feature = "brotli"))]
impl Output {
    fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.0).into()
    }
}

#[cfg(any(feature = "gzip", feature = "brotli"))]
impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LARGEST_OUTPUT {
            return Err(io::Error::other(format!(
                "{PIECE} compressed bytes become more than {LARGEST_OUTPUT}"
            )));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The beginning of a body that may be compressed: at most about `limit` bytes.
///
/// # Errors
///
/// Returns why nothing of the body can be read.
pub(crate) fn beginning(
    label: Option<Label>,
    body: Bytes,
    limit: usize,
) -> Result<Bytes, Unreadable> {
    if label.is_none() || is_text(&body) {
        return Ok(body);
    }
    let mut decompressor = Decompressor::new(label);
    decompressor.push(body);
    let mut text = Vec::new();
    while text.len() < limit {
        match decompressor.next() {
            Ok(Some(piece)) => text.extend_from_slice(&piece),
            Ok(None) => break,
            Err(unreadable) if text.is_empty() => return Err(unreadable),
            // The rest is damaged, and what came before it is more useful than nothing.
            Err(_) => break,
        }
    }
    Ok(text.into())
}

/// Undoes the compression of a whole body. Returns at most `limit` bytes, and `None` if there are more.
///
/// # Errors
///
/// Returns why the body cannot be read.
pub(crate) fn whole(
    label: Option<Label>,
    body: Bytes,
    limit: usize,
) -> Result<Option<Bytes>, Unreadable> {
    if label.is_none() || is_text(&body) {
        return Ok(Some(body));
    }
    let mut decompressor = Decompressor::new(label);
    decompressor.push(body);
    let mut text = Vec::new();
    loop {
        let (piece, is_last) = match decompressor.next()? {
            Some(piece) => (Some(piece), false),
            None => (decompressor.finish()?, true),
        };
        let piece = piece.unwrap_or_default();
        if piece.len() > limit - text.len() {
            return Ok(None);
        }
        text.extend_from_slice(&piece);
        if is_last {
            return Ok(Some(text.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_bodies_are_told_by_their_header() {
        let check = |value: &str, expected: Option<&str>| {
            let headers = HeaderMap::from_iter([(CONTENT_ENCODING, value.parse().unwrap())]);
            assert_eq!(label(&headers).map(|label| label.name), expected, "{value}");
        };
        check("gzip", Some("gzip"));
        check("GZIP", Some("gzip"));
        check("identity, br", Some("br"));
        check("identity", None);
        check("utf-8", None);
        check("", None);
    }

    #[test]
    fn text_is_told_from_compressed_data() {
        for text in ["{\"a\":1}", "data: {}", " \n{", "\u{feff}{", "<html>", "ï"] {
            assert!(is_text(text.as_bytes()), "{text}");
        }
        // The beginnings of gzip, zlib, zstd and brotli.
        for other in [
            &b"\x1f\x8b\x08\x00"[..],
            b"\x78\x9c\xab\x56",
            b"\x28\xb5\x2f\xfd",
            b"\x0b\x02\x80\x7b\x7d\x03",
            b"",
        ] {
            assert!(!is_text(other), "{other:?}");
        }
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn gzip_is_undone_in_pieces_of_any_size() {
        use std::io::Write;

        let text: String = (0..5000).map(|number| format!("{number} ")).collect();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        let compressed = Bytes::from(encoder.finish().unwrap());
        let gzip = Some(Label { name: "gzip", form: Form::GZIP });
        for size in [1, 7, 5000, compressed.len()] {
            let mut decompressor = Decompressor::new(gzip);
            let mut read = Vec::new();
            for piece in compressed.chunks(size) {
                decompressor.push(Bytes::copy_from_slice(piece));
                while let Some(output) = decompressor.next().unwrap() {
                    read.extend_from_slice(&output);
                }
            }
            read.extend(decompressor.finish().unwrap().into_iter().flatten());
            assert_eq!(read, text.as_bytes(), "{size}");
        }
        // A flushed piece comes at once.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(b"data: 1").unwrap();
        encoder.flush().unwrap();
        let mut decompressor = Decompressor::new(gzip);
        decompressor.push(Bytes::copy_from_slice(encoder.get_ref()));
        assert_eq!(decompressor.next().unwrap().unwrap(), "data: 1");
        let whole = |body: Bytes, limit| super::whole(gzip, body, limit);
        assert_eq!(whole(compressed.clone(), text.len()).unwrap().unwrap(), text);
        assert!(whole(compressed.clone(), text.len() - 1).unwrap().is_none());
        assert!(whole(compressed.slice(..compressed.len() - 9), text.len()).is_err());
        assert!(whole(Bytes::from_static(b"\x1f\x8b\xff\xff"), 10).is_err());
        // What came before the damage is kept of an error.
        let damaged = Bytes::from([&compressed[..], b"junk"].concat());
        assert_eq!(beginning(gzip, damaged.clone(), usize::MAX).unwrap(), text);
        assert!(whole(damaged, text.len()).is_err());
    }

    /// A few bytes of brotli can become megabytes.
    #[cfg(feature = "brotli")]
    #[test]
    fn brotli_is_undone_within_the_limit() {
        use std::io::Write;

        let brotli = Some(Label { name: "br", form: Form::BROTLI });
        let compress = |text: &[u8]| {
            let mut compressed = Vec::new();
            let mut writer = brotli::CompressorWriter::new(&mut compressed, PIECE, 11, 22);
            writer.write_all(text).unwrap();
            drop(writer);
            Bytes::from(compressed)
        };
        let text = b"one two three ".repeat(1000);
        let body = compress(&text);
        assert_eq!(whole(brotli, body.clone(), text.len()).unwrap().unwrap(), text);
        assert!(whole(brotli, body.clone(), text.len() - 1).unwrap().is_none());
        assert!(whole(brotli, body.slice(..body.len() / 2), text.len()).is_err());
        let bomb = compress(&vec![b'x'; 4 * LARGEST_OUTPUT]);
        assert!(bomb.len() < PIECE);
        assert!(whole(brotli, bomb, usize::MAX).is_err());
    }
}
