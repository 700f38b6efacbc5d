//! The iterators over the entries of a map, in both of its forms. [`super::OrderedMap`] is the map
//! itself.

use std::{slice, vec};

use indexmap::map;

/// Defines an iterator that passes on the entries of a list or of an `IndexMap`.
macro_rules! iterator {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)?: $few:ty, $many:ty => $item:ty, $entry:expr) => {
        $(#[$doc])*
        pub struct $name<$($life,)? V>(Form<$few, $many>);

        impl<$($life,)? V> $name<$($life,)? V> {
            pub(super) fn few(entries: $few) -> Self {
                Self(Form::Few(entries))
            }

            pub(super) fn many(entries: $many) -> Self {
                Self(Form::Many(entries))
            }
        }

        impl<$($life,)? V> Iterator for $name<$($life,)? V> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                match &mut self.0 {
                    Form::Few(entries) => entries.next().map($entry),
                    Form::Many(entries) => entries.next(),
                }
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                match &self.0 {
                    Form::Few(entries) => entries.size_hint(),
                    Form::Many(entries) => entries.size_hint(),
                }
            }
        }

        impl<$($life,)? V> DoubleEndedIterator for $name<$($life,)? V> {
            fn next_back(&mut self) -> Option<$item> {
                match &mut self.0 {
                    Form::Few(entries) => entries.next_back().map($entry),
                    Form::Many(entries) => entries.next_back(),
                }
            }
        }

        impl<$($life,)? V> ExactSizeIterator for $name<$($life,)? V> {}
    };
}

enum Form<F, M> {
    Few(F),
    Many(M),
}

iterator! {
    /// The entries of a map in order.
    Iter<'a>: slice::Iter<'a, (String, V)>, map::Iter<'a, String, V>
        => (&'a String, &'a V), |(key, value)| (key, value)
}

iterator! {
    /// The entries of a map in order, with mutable values.
    IterMut<'a>: slice::IterMut<'a, (String, V)>, map::IterMut<'a, String, V>
        => (&'a String, &'a mut V), |(key, value)| (&*key, value)
}

iterator! {
    /// The entries of a map in order, by value.
    IntoIter: vec::IntoIter<(String, V)>, map::IntoIter<String, V>
        => (String, V), |entry| entry
}
