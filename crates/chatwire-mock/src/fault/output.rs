//! Sends the pieces of a damaged body, up to the place where it ends. [`damage`](super::damage) decides what
//! is sent.

use std::fmt;
use std::future::pending;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::Sender;

use crate::peers::Peer;

/// Where the pieces go.
pub(super) struct Output {
    pub(super) pieces: Sender<Result<Bytes, Cut>>,
    pub(super) peer: Arc<Peer>,
    pub(super) split: Split,
    /// The bytes that may still be sent, and what happens after them.
    pub(super) limit: Option<(u64, Break)>,
}

/// How a body is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    Whole,
    Bytes,
    InCharacters,
}

/// How a body breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    Cut,
    Stall,
}

/// Nothing more can be sent, because the body broke off or the client is gone.
pub(super) struct Over;

/// The error that makes hyper close the connection.
#[derive(Debug)]
pub(super) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault closes the connection")
    }
}

impl std::error::Error for Cut {}

impl Output {
    pub(super) async fn send(&mut self, mut bytes: Bytes) -> Result<(), Over> {
        while !bytes.is_empty() {
            let mut piece = bytes.split_to(self.split.first(&bytes));
            if let Some((left, how)) = self.limit {
                let allowed =
                    usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
                let is_end = allowed < piece.len() || allowed as u64 == left;
                piece.truncate(allowed);
                self.limit = Some((left - allowed as u64, how));
                if is_end {
                    self.send_piece(piece).await?;
                    return self.break_off(how).await;
                }
            }
            self.send_piece(piece).await?;
        }
        Ok(())
    }

    async fn send_piece(&mut self, piece: Bytes) -> Result<(), Over> {
        if piece.is_empty() {
            return Ok(());
        }
        self.pieces.send(Ok(piece)).await.map_err(|_| Over)?;
        if self.split != Split::Whole {
            self.peer.flushed(&self.pieces).await;
        }
        Ok(())
    }

    pub(super) async fn break_off(&self, how: Break) -> Result<(), Over> {
        self.peer.flushed(&self.pieces).await;
        match how {
            // It does not matter whether the client is still there.
            Break::Cut => drop(self.pieces.send(Err(Cut)).await),
            Break::Stall => {
                // A connection that waits for ever makes room for others.
                self.peer.set_stalled(true);
                pending::<()>().await;
            }
        }
        Err(Over)
    }
}

impl Split {
    /// The length of the first piece of bytes that are not empty.
    fn first(self, bytes: &[u8]) -> usize {
        match self {
            Self::Whole => bytes.len(),
            Self::Bytes => 1,
            Self::InCharacters => {
                // A character of more than one byte begins with such a byte.
                let lead = bytes.iter().position(|byte| *byte >= 0xC0);
                lead.map_or(bytes.len(), |lead| (lead + 1).min(bytes.len()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(split: Split, text: &str) -> Vec<Vec<u8>> {
        let mut bytes = Bytes::copy_from_slice(text.as_bytes());
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            pieces.push(bytes.split_to(split.first(&bytes)).to_vec());
        }
        pieces
    }

    #[test]
    fn pieces() {
        assert_eq!(cut(Split::Whole, "aé"), ["aé".as_bytes()]);
        assert_eq!(cut(Split::Bytes, "ab"), [b"a", b"b"]);
        let pieces = cut(Split::InCharacters, "aé😀b");
        assert_eq!(pieces.concat(), "aé😀b".as_bytes());
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 4]);
        assert_eq!(cut(Split::InCharacters, "ab"), [b"ab"]);
    }
}
