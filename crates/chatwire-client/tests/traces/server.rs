//! A server that answers each connection with the next of its answers.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) const JSON: &str = "application/json";
pub(crate) const EVENTS: &str = "text/event-stream";

/// An answer: status, content type and body. A body without its end is cut off.
pub(crate) type Answer = (&'static str, &'static str, &'static str);

/// Returns the base URL.
pub(crate) async fn start(answers: Vec<Answer>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for (status, content_type, body) in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 65536];
            let _ = socket.read(&mut request).await.unwrap();
            let head = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\nretry-after-ms: 1\r\ncontent-type: {content_type}\r\n"
            );
            let text = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            let _ = socket.write_all(text.as_bytes()).await;
        }
    });
    base_url
}
