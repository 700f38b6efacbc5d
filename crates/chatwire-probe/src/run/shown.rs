//! Makes the texts of a request and of its answer that a report shows, without keys and cookies.
//! [`secrets`](super::secrets) knows the keys.

use super::secrets::Secrets;
use super::verdict::Exchanged;
use crate::judge::Seen;
use crate::wire::Ending;

/// A request with its answer, as text.
pub(super) fn exchanged(seen: &Seen, secrets: &Secrets) -> Exchanged {
    let text = |bytes: &[u8]| {
        // The whole text is searched for keys before it is cut.
        let text = secrets.hide(&String::from_utf8_lossy(bytes)).replace("\r\n", "\n");
        match text.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        }
    };
    let mut response = text(&without_cookies(seen));
    match &seen.exchange.ending {
        Ending::Complete | Ending::Closed => {}
        other => response += &format!("\n[{}]", secrets.hide(&other.to_string())),
    }
    Exchanged { request: text(&seen.sent.bytes), response }
}

/// Cookies of a server belong to a session.
fn without_cookies(seen: &Seen) -> Vec<u8> {
    let received = &seen.exchange.received;
    let Some(answer) = &seen.answer else { return received.clone() };
    let (head, body) = received.split_at(answer.head_len.min(received.len()));
    let head = String::from_utf8_lossy(head);
    let kept = head.split_inclusive('\n').map(|line| match line.split_once(':') {
        Some((name, _)) if name.eq_ignore_ascii_case("set-cookie") => format!("{name}: ***\r\n"),
        _ => line.to_owned(),
    });
    [kept.collect::<String>().into_bytes(), body.to_vec()].concat()
}

const LONGEST_SHOWN: usize = 4_000;
