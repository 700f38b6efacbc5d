//! Which fields differ in a stream that are the same all through most streams. The fields that differ
//! in every stream, and how they are filled, are [`super::place`]'s matter.

use super::place::{Field, Place};

/// The fields of which another value came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open {
    id: bool,
    created: bool,
    usage: bool,
    extra: bool,
    index: bool,
}

impl Open {
    /// Notes whether two chunks have the same in a field.
    pub(super) fn note(&mut self, place: Place, is_same: bool) {
        if let Some(open) = self.flag(place) {
            *open |= !is_same;
        }
    }

    /// Whether choices take turns that have a chunk each.
    #[inline]
    pub(super) const fn has_turns(&self) -> bool {
        self.index
    }

    /// Whether another value may come in a field.
    pub(super) fn has(mut self, place: Place) -> bool {
        self.flag(place).is_none_or(|open| *open)
    }

    fn flag(&mut self, place: Place) -> Option<&mut bool> {
        match place {
            Place::Id => Some(&mut self.id),
            Place::Created => Some(&mut self.created),
            Place::Extra(_) | Place::ExtraNumber(_) => Some(&mut self.extra),
            Place::Choice(_, Field::Index) => Some(&mut self.index),
            place if place.is_in_usage() => Some(&mut self.usage),
            _ => None,
        }
    }
}
