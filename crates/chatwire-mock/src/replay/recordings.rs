//! Matches requests with recordings: by method, address and body. [`folder`](super::folder) reads the
//! recordings, and [`play`](super::play) plays the one that matches.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::body_form::body_form;
use super::difference::differences;
use super::folder::{Recording, recordings};
use super::pauses::Pauses;
use crate::problem::Problem;
use crate::recording::Secrets;

/// The recordings from which a server answers.
pub(crate) struct Recordings {
    list: Vec<Recording>,
    /// The places in the list, by the request.
    by_request: HashMap<Key, Vec<usize>>,
    /// Those that do not say what they answer. They are used if none says it.
    any: Vec<usize>,
    /// How often each request came.
    counts: Mutex<HashMap<Key, usize>>,
    pub(super) pauses: Pauses,
}

/// What a request is recognized by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    method: String,
    target: String,
    body: String,
}

impl Recordings {
    /// Reads a folder, or a single file of an answer.
    pub(crate) fn read(path: &Path, pauses: Pauses) -> io::Result<Self> {
        let list =
            recordings(path).and_then(|list| if list.is_empty() { Err(none()) } else { Ok(list) });
        let list = list.map_err(|error| {
            let text = format!("the recordings in {} cannot be read: {error}", path.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        let mut by_request: HashMap<Key, Vec<usize>> = HashMap::new();
        let mut any = Vec::new();
        for (place, recording) in list.iter().enumerate() {
            match Key::recorded(recording) {
                Some(key) => by_request.entry(key).or_default().push(place),
                None => any.push(place),
            }
        }
        Ok(Self { list, by_request, any, counts: Mutex::default(), pauses })
    }

    /// The recording for a request. A request that is repeated gets the recordings of it one after the
    /// other, and then the last one again and again.
    pub(super) fn find(
        &self,
        method: &str,
        target: &str,
        body: &[u8],
        secrets: &Secrets,
    ) -> Result<&Recording, Problem> {
        let key = Key {
            method: method.to_owned(),
            target: secrets.mask_target(target),
            body: body_form(&secrets.mask_body(body)),
        };
        let (key, places) = match self.by_request.get(&key) {
            Some(places) => (key, places),
            None if self.by_request.is_empty() => (Key::any(), &self.any),
            None => return Err(self.not_found(&key)),
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        let place = places.get(*count).or(places.last());
        *count += 1;
        let recording = place.and_then(|place| self.list.get(*place));
        recording.ok_or_else(|| Problem::new(500, "The recording is gone."))
    }

    /// Names the nearest recording, and what differs.
    fn not_found(&self, key: &Key) -> Problem {
        let mut text = "No recording matches this request".to_owned();
        match self.nearest(key) {
            Some((name, differences)) => {
                text += &format!("; the nearest is '{name}', in which {}", differences.join(", "));
            }
            None => {
                let count = self.list.len();
                text += &format!("; none of the {count} is for {} {}", key.method, key.target);
            }
        }
        text += ". Record it, or correct the request.";
        Problem::new(404, text).with_code("recording_not_found")
    }

    /// The recording of the same operation with the fewest differences.
    fn nearest(&self, key: &Key) -> Option<(&str, Vec<String>)> {
        let path = |target: &str| target.split('?').next().map(str::to_owned);
        let same = self.by_request.iter().filter(|(other, _)| {
            other.method == key.method && path(&other.target) == path(&key.target)
        });
        let mut best: Option<(usize, &Key, usize)> = None;
        for (other, places) in same {
            let place = *places.first()?;
            let most = best.map_or(MOST_COUNTED, |(count, ..)| count + 1);
            let count = other.differences(key, most).len();
            // In the order of the names, because the order of a hash map changes.
            if best.is_none_or(|(least, _, at)| (count, place) < (least, at)) {
                best = Some((count, other, place));
            }
        }
        let (_, other, place) = best?;
        Some((self.list.get(place)?.name.as_str(), other.differences(key, MOST_NAMED)))
    }
}

impl Key {
    /// `None` if the recording does not say what it answers.
    fn recorded(recording: &Recording) -> Option<Self> {
        let Recording { details, body, .. } = recording;
        let target = details.target.clone();
        Some(Self {
            body: body.clone()?,
            method: details.method.clone().unwrap_or_else(|| "POST".to_owned()),
            target: target.unwrap_or_else(|| "/v1/chat/completions".to_owned()),
        })
    }

    /// Stands for every request.
    fn any() -> Self {
        Self { method: String::new(), target: String::new(), body: String::new() }
    }

    fn differences(&self, asked: &Self, most: usize) -> Vec<String> {
        let query = |target: &str| target.split_once('?').map(|(_, query)| query.to_owned());
        let mut found = Vec::new();
        if query(&self.target) != query(&asked.target) {
            found.push(format!("the address was {} and is {}", self.target, asked.target));
        }
        found.extend(differences(&self.body, &asked.body, most.saturating_sub(found.len())));
        found
    }
}

fn none() -> io::Error {
    io::Error::other(
        "there are none; the names of their files end in .stream.sse, .response.json or .error.json",
    )
}

/// The differences that are counted to find the nearest recording.
const MOST_COUNTED: usize = 100;

/// The differences that are named.
const MOST_NAMED: usize = 3;
