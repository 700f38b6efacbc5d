//! The latest requests, bounded by their number and by their bytes. [`arrival`](super::arrival) enters them.
//!
//! It keeps the text of bodies, because typed values can need a hundred times as much.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;

use super::received::Received;
use crate::limits::ALL_KEPT;

/// The latest requests.
pub(crate) struct Journal {
    most: usize,
    begin: Instant,
    ring: Mutex<Ring>,
}

/// The numbers of the requests in it follow each other.
#[derive(Default)]
struct Ring {
    requests: VecDeque<Received>,
    /// About the bytes that all of them take.
    bytes: usize,
    /// The number of requests that were entered.
    entered: u64,
}

impl Journal {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, begin: Instant::now(), ring: Mutex::default() }
    }

    /// Enters a request whose head has arrived, and returns its number.
    pub(super) fn enter(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> u64 {
        let mut ring = self.lock();
        ring.entered += 1;
        let number = ring.entered;
        if self.most > 0 {
            let at = self.begin.elapsed();
            let (method, uri, headers) = (method.clone(), uri.clone(), headers.clone());
            let request = Received { number, at, method, uri, headers, body: Bytes::new() };
            ring.bytes += size(&request);
            ring.requests.push_back(request);
            ring.shrink(self.most);
        }
        number
    }

    /// Adds the body of a request, unless the request has made room for others.
    pub(super) fn set_body(&self, number: u64, body: &Bytes) {
        let mut ring = self.lock();
        let first = ring.requests.front().map_or(number, |first| first.number);
        let place = number.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(request) = place.and_then(|place| ring.requests.get_mut(place)) {
            request.body = body.clone();
            ring.bytes += body.len();
            ring.shrink(self.most);
        }
    }

    /// The requests, the oldest first.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.lock().requests.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The oldest requests make room for the newer ones.
    fn shrink(&mut self, most: usize) {
        while self.requests.len() > most || self.bytes > ALL_KEPT {
            let Some(oldest) = self.requests.pop_front() else { return };
            self.bytes -= size(&oldest);
        }
    }
}

fn size(request: &Received) -> usize {
    const BESIDE_THE_TEXT: usize = 500;
    const BESIDE_A_HEADER: usize = 100;
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + BESIDE_A_HEADER);
    BESIDE_THE_TEXT + request.target().len() + headers.sum::<usize>() + request.body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(journal: &Journal, path: &'static str) -> u64 {
        journal.enter(&Method::POST, &Uri::from_static(path), &HeaderMap::new())
    }

    fn numbers(journal: &Journal) -> Vec<u64> {
        journal.received().iter().map(Received::number).collect()
    }

    #[test]
    fn the_oldest_make_room() {
        let journal = Journal::new(2);
        let [first, second, third] = ["/a", "/b", "/c"].map(|path| enter(&journal, path));
        assert_eq!(numbers(&journal), [second, third]);
        journal.set_body(first, &"late".into());
        journal.set_body(third, &"body".into());
        let received = journal.received();
        assert_eq!((received[0].body(), received[1].body()), (&b""[..], &b"body"[..]));
        assert_eq!(received[1].target(), "/c");
    }

    #[test]
    fn large_bodies_make_room() {
        let journal = Journal::new(10);
        for _ in 0..3 {
            let number = enter(&journal, "/");
            journal.set_body(number, &vec![b' '; ALL_KEPT / 2 - 1000].into());
        }
        assert_eq!(numbers(&journal), [2, 3]);
        let number = enter(&journal, "/");
        journal.set_body(number, &vec![b' '; ALL_KEPT].into());
        assert_eq!((numbers(&journal).len(), journal.lock().bytes), (0, 0));
        journal.set_body(number, &"again".into());
        assert_eq!(numbers(&journal), [0; 0]);
    }

    #[test]
    fn none_are_kept() {
        let journal = Journal::new(0);
        let number = enter(&journal, "/");
        journal.set_body(number, &"{}".into());
        assert_eq!((number, numbers(&journal).len()), (1, 0));
    }
}
