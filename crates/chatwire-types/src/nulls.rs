//! Remembers which keys came as null, where null and absent mean different things to services.
//! [`crate::decode`] fills it, and [`crate::encode`] writes the nulls back.

use std::fmt;
use std::ops::BitOrAssign;

/// The keys of one object that came as null. The generated code numbers them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Nulls(u32);

impl Nulls {
    #[doc(hidden)]
    pub const fn contains(self, number: u32) -> bool {
        self.0 & (1 << number) != 0
    }

    #[doc(hidden)]
    pub const fn set(&mut self, number: u32, is_null: bool) {
        self.0 &= !(1 << number);
        self.0 |= (is_null as u32) << number;
    }
}

/// Adds the keys of another object of the same type.
impl BitOrAssign for Nulls {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Nulls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = (0..u32::BITS).filter(|number| self.contains(*number));
        f.debug_set().entries(numbers).finish()
    }
}
