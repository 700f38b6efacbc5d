//! Admits connections up to a bound, and closes one that waits for its client to make room for a new
//! one. [`connection`](crate::connection) serves the admitted ones.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::yield_now;
use tokio::time::sleep;

/// The open connections.
pub(crate) struct Peers {
    most: usize,
    /// The oldest first.
    open: Mutex<Vec<Arc<Peer>>>,
}

/// One connection, as the others see it.
#[derive(Default)]
pub(crate) struct Peer {
    /// The server makes the answer to a request.
    answers: AtomicBool,
    /// The client does not read what the server writes.
    is_stalled: AtomicBool,
    /// The client is on this machine.
    pub(crate) is_local: bool,
    close: Notify,
}

/// The place of one connection among the open ones, given back when it is dropped.
pub(crate) struct Seat {
    peers: Arc<Peers>,
    pub(crate) peer: Arc<Peer>,
}

impl Peers {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// Returns `None` if the server is making an answer on every open connection.
    pub(crate) fn admit(self: &Arc<Self>, is_local: bool) -> Option<Seat> {
        let mut open = self.lock();
        if open.len() >= self.most {
            let idle = open.iter().position(|peer| peer.waits_for_client())?;
            open.remove(idle).close.notify_one();
        }
        let peer = Arc::new(Peer { is_local, ..Peer::default() });
        open.push(peer.clone());
        Some(Seat { peers: self.clone(), peer })
    }

    /// Closes all open connections.
    pub(crate) fn close_all(&self) {
        self.lock().iter().for_each(|peer| peer.close.notify_one());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Peer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer {
    /// Waits until the connection must make room for a new one.
    pub(crate) async fn closed(&self) {
        self.close.notified().await;
    }

    pub(crate) fn set_stalled(&self, is_stalled: bool) {
        self.is_stalled.store(is_stalled, Ordering::Relaxed);
    }

    /// Waits until the system of the client has all pieces that were sent into this channel.
    pub(crate) async fn flushed<T>(&self, pieces: &Sender<T>) {
        // The last piece has left the channel, or nobody reads it.
        let _ = pieces.reserve().await;
        loop {
            // hyper writes what it has when a body is not ready.
            yield_now().await;
            if !self.is_stalled() {
                return;
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Whether bytes wait for the client to read, so that it may not have all that was written.
    pub(crate) fn is_stalled(&self) -> bool {
        self.is_stalled.load(Ordering::Relaxed)
    }

    /// Whether the server waits for a request, for the rest of one, or for a client to read.
    fn waits_for_client(&self) -> bool {
        !self.answers.load(Ordering::Relaxed) || self.is_stalled.load(Ordering::Relaxed)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.peers.lock().retain(|peer| !Arc::ptr_eq(peer, &self.peer));
    }
}

/// Marks the connection as one whose answer is made, until it is dropped.
pub(crate) struct Answering(Arc<Peer>);

impl Answering {
    pub(crate) fn new(peer: Arc<Peer>) -> Self {
        peer.answers.store(true, Ordering::Relaxed);
        Self(peer)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answers.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_connections_make_room() {
        let peers = Peers::new(2);
        let first = peers.admit(true).unwrap();
        let second = peers.admit(true).unwrap();
        let answering = [&first, &second].map(|seat| Answering::new(seat.peer.clone()));
        assert!(peers.admit(true).is_none());
        second.peer.set_stalled(true);
        let third = peers.admit(true).unwrap();
        assert!(peers.lock().iter().all(|peer| !Arc::ptr_eq(peer, &second.peer)));
        let third_answers = Answering::new(third.peer.clone());
        drop((answering, third_answers));
        assert!(peers.admit(true).is_some());
        drop((first, second, third));
        assert!(peers.lock().is_empty());
    }
}
