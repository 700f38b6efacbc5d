//! See `checks.rs`, which the bounded tests in `tests/fuzz.rs` share.
#![no_main]
#![allow(dead_code)]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::chunks(data));
