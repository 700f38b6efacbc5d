//! Reads requests from a connection, as far as [`crate::server`] has to understand them: where one ends, and
//! its headers.

use std::io;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// The requests of one connection.
#[derive(Default)]
pub(crate) struct Requests {
    /// The head of the last request.
    head: String,
    /// What arrived after the last request.
    rest: Vec<u8>,
}

impl Requests {
    /// Reads one whole request.
    pub(crate) async fn read(&mut self, socket: &mut TcpStream) -> io::Result<()> {
        let head = loop {
            match self.rest.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.read_more(socket).await?,
            }
        };
        self.head = String::from_utf8_lossy(&self.rest[..head]).into_owned();
        let end = head + self.content_length();
        while self.rest.len() < end {
            self.read_more(socket).await?;
        }
        self.rest.drain(..end);
        Ok(())
    }

    /// The value of a header of the last request.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim()))
    }

    fn content_length(&self) -> usize {
        self.header("content-length").map_or(0, |length| length.parse().unwrap())
    }

    async fn read_more(&mut self, socket: &mut TcpStream) -> io::Result<()> {
        match socket.read_buf(&mut self.rest).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
