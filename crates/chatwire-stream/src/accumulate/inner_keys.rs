//! Keys without a rule inside of a part that keeps them itself, such as the audio of a message. Those of a
//! chunk, a choice or a delta are [`super::extra`]'s.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem;

use chatwire_types::Extra;
use serde_json::{Map, Value};

use super::merge::merge_json;
use crate::rest::{Target, with_rest};

/// Up to so many keys stay in their part and are looked for one by one: nobody sends more.
const FEW: usize = 64;

/// The keys of those parts that have many, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct InnerKeys(BTreeMap<Part, Map<String, Value>>);

/// A part of one choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Audio,
    /// The reasoning detail in this place.
    Detail(usize),
    FunctionCall,
    Logprobs,
}

impl InnerKeys {
    /// Merges keys into those of a part: the last value that is not null stays.
    pub(super) fn last(&mut self, part: Part, known: &mut Extra, new: Map<String, Value>) {
        self.merge(part, known, new, |slot, value| merge_json(slot, Cow::Owned(value)));
    }

    /// Merges keys of log-probabilities, where older servers send lists under other names.
    pub(super) fn join_lists(&mut self, part: Part, known: &mut Extra, new: Map<String, Value>) {
        self.merge(part, known, new, |slot, value| match (slot, value) {
            (Value::Array(known), Value::Array(new)) => known.extend(new),
            (slot, value) => merge_json(slot, Cow::Owned(value)),
        });
    }

    /// A part when nothing more comes, each of its keys in the place that the document gives it.
    pub(super) fn settle<T: Target>(&mut self, part: Part, mut known: T) -> T {
        let few = mem::take(known.extra_mut());
        let keys = self.0.remove(&part).unwrap_or_else(|| few.into());
        with_rest(known, keys)
    }

    fn merge(
        &mut self,
        part: Part,
        known: &mut Extra,
        new: Map<String, Value>,
        merge: fn(&mut Value, Value),
    ) {
        if known.len() + new.len() > FEW {
            self.0.entry(part).or_insert_with(|| mem::take(known).into());
        }
        let mut many = self.0.get_mut(&part);
        for (key, value) in new {
            match &mut many {
                Some(many) => match many.get_mut(&key) {
                    Some(slot) => merge(slot, value),
                    None => drop(many.insert(key, value)),
                },
                None => match known.get_mut(&key) {
                    Some(slot) => merge(slot, value),
                    None => known.push(key, value),
                },
            }
        }
    }
}
