//! The events of one read, to keep together. Events one by one, and how they are cut out of bytes, are
//! [`super`]'s work.

use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::{Buf as _, Bytes};

use super::{Decoder, whole_event};
use crate::event::{Event, EventBytes, EventTooLarge, offset_in};

/// Events to keep or to send on, in the order of the stream: slices of the bytes that they came in.
///
/// Counting the references to those bytes is most of what a single [`EventBytes`] costs; here they
/// are counted once for all events.
///
/// A batch keeps all bytes of its read alive, also those of no event, until it is dropped; so does an
/// [`EventBytes`] that is a slice. Whoever keeps a few events out of many reads copies their data.
#[derive(Clone, Debug)]
pub struct EventBatch {
    events: Events,
    /// The last event id of the stream, the same at all of these events; `None` for an empty one.
    id: Option<Arc<[u8]>>,
}

#[derive(Clone, Debug)]
enum Events {
    One(EventBytes),
    /// The spans of more events in one block.
    More(Bytes, Vec<Span>),
}

/// Where an event lies in the block. Blocks of more than 4 GiB are cut.
#[derive(Clone, Copy, Debug)]
struct Span {
    name: u32,
    name_length: u32,
    data: u32,
    data_length: u32,
}

impl Decoder {
    /// As [`next_bytes`](Self::next_bytes), with several events at once: those that are [not
    /// copied](Self#copies), up to the next one that is, or that is not whole.
    ///
    /// Everything else comes alone: the first event of a stream, one with any line beside its data and
    /// type, comments too, and one that came in pieces. Hence this is faster for streams of plain events, as those of
    /// chat are, and no slower for others.
    ///
    /// `None` means that all of `input` is used up and more is needed.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use chatwire_sse::Decoder;
    ///
    /// let mut input = Bytes::from_static(b"data: one\n\nevent: note\ndata: two\n\ndata: thr");
    /// let mut decoder = Decoder::new();
    /// let mut seen = Vec::new();
    /// while let Some(batch) = decoder.next_batch(&mut input)? {
    ///     seen.extend(batch.iter().map(|event| event.data_lossy().into_owned()));
    /// }
    /// assert_eq!(seen, ["one", "two"]);
    /// # Ok::<(), chatwire_sse::EventTooLarge>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn next_batch(&mut self, input: &mut Bytes) -> Result<Option<EventBatch>, EventTooLarge> {
        let whole: &[u8] = input;
        let whole = whole.get(..u32::MAX as usize).unwrap_or(whole);
        let mut rest = whole;
        let (mut first, mut spans) = (None, Vec::new());
        while self.fresh
            && let Some((data, name)) = whole_event(&mut rest, true, self.limit)
        {
            let span = Span::of(whole, name, data);
            match first {
                None => first = Some(span),
                Some(first) if spans.is_empty() => {
                    spans.reserve(guess(whole.len(), whole.len() - rest.len()));
                    spans.extend([first, span]);
                }
                Some(_) => spans.push(span),
            }
        }
        if spans.capacity() > 2 * spans.len() {
            // The guess was wrong, and batches may be kept.
            spans.shrink_to_fit();
        }
        let used = whole.len() - rest.len();
        let events = match first {
            None => self.next_bytes(input)?.map(Events::One),
            Some(span) if spans.is_empty() => Some(Events::One(span.event(input))),
            Some(_) => Some(Events::More(input.clone(), spans)),
        };
        input.advance(used);
        Ok(events.map(|events| EventBatch { events, id: self.shared_id() }))
    }

    /// The last event id, copied once however many batches hold it: a stream may set a long one and
    /// never another.
    fn shared_id(&mut self) -> Option<Arc<[u8]>> {
        let Self { last_id, shared_id, .. } = self;
        if last_id.is_empty() {
            return None;
        }
        Some(shared_id.get_or_insert_with(|| last_id.as_slice().into()).clone())
    }
}

/// How many spans to reserve for a read of which the first two events take up `two` bytes: events of
/// one stream are mostly of one size. No more than a quarter of the read, as it may hold anything.
fn guess(read: usize, two: usize) -> usize {
    let most = read / (4 * size_of::<Span>());
    (2 * read / two.max(1) + 1).min(most.max(2))
}

impl EventBatch {
    /// How many events there are: one at least.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub const fn len(&self) -> usize {
        match &self.events {
            Events::One(_) => 1,
            Events::More(_, spans) => spans.len(),
        }
    }

    /// The events in the order of the stream.
    pub fn iter(&self) -> impl Iterator<Item = Event<'_>> {
        let id = self.id.as_deref().unwrap_or_default();
        let (one, block, spans): (_, &[u8], &[Span]) = match &self.events {
            Events::One(event) => (Some(event), &[], &[]),
            Events::More(block, spans) => (None, block, spans),
        };
        let one = one.map(|event| Event {
            data: event.data(),
            name: event.name(),
            id,
            retry: event.retry(),
        });
        let more = spans.iter().map(move |span| {
            let (name, data) = span.parts(block);
            Event { data, name, id, retry: None }
        });
        one.into_iter().chain(more)
    }
}

impl Span {
    /// The span of two slices of a block.
    #[inline]
    fn of(block: &[u8], name: Option<&[u8]>, data: &[u8]) -> Self {
        let start = |part: &[u8]| offset_in(block, part) as u32;
        Self {
            name: name.map_or(0, start),
            name_length: name.map_or(0, <[u8]>::len) as u32,
            data: start(data),
            data_length: data.len() as u32,
        }
    }

    #[inline]
    fn parts(self, block: &[u8]) -> (&[u8], &[u8]) {
        let part = |start: u32, length: u32| {
            let start = start as usize;
            block.get(start..start + length as usize).unwrap_or_default()
        };
        (part(self.name, self.name_length), part(self.data, self.data_length))
    }

    fn event(self, block: &Bytes) -> EventBytes {
        let (name, data) = self.parts(block);
        EventBytes::slice(block, data, (!name.is_empty()).then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_cheap() {
        // Two events of 200 bytes each, and no more than two.
        assert_eq!(guess(64_000, 400), 321);
        assert_eq!(guess(400, 400), 3);
        // Two tiny events before a long comment.
        assert_eq!(guess(64_000, 14), 1000);
        assert_eq!(guess(14, 14), 2);
    }

    #[test]
    fn batches_share_their_id() {
        let mut decoder = Decoder::new();
        let mut batch =
            |input| decoder.next_batch(&mut Bytes::from_static(input)).unwrap().unwrap();
        let id = |batch: &EventBatch| batch.iter().next().unwrap().id.as_ptr();
        let (first, second) = (batch(b"id: 1\ndata:\n\n"), batch(b"data:\n\n"));
        assert_eq!(id(&first), id(&second));
        let (other, none) = (batch(b"id: 2\ndata:\n\n"), batch(b"id\ndata:\n\n"));
        let ids = [&first, &other, &none].map(|batch| batch.iter().next().unwrap().id);
        assert_eq!(ids, [&b"1"[..], b"2", b""]);
    }

    /// What is reserved does not outlive a guess that was wrong.
    #[test]
    fn a_batch_keeps_no_more_spans_than_it_has() {
        let mut decoder = Decoder::new();
        assert!(decoder.next_batch(&mut Bytes::from_static(b"\n")).unwrap().is_none());
        let body = [&b"data:\n\ndata:\n\n: "[..], &[b'x'; 64_000]].concat();
        let batch = decoder.next_batch(&mut body.into()).unwrap().unwrap();
        let Events::More(_, spans) = batch.events else { panic!("two events") };
        assert_eq!((spans.len(), spans.capacity()), (2, 2));
    }
}
