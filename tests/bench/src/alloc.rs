//! An allocator that counts while it is asked to. [`crate::measure`] decides what is counted;
//! `crates/chatwire-stream/tests/memory.rs` tests how much memory streams keep.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Counts calls and bytes, but only on demand, because two atomic operations for each allocation
/// would slow down the contenders that allocate most.
pub struct Counting;

static IS_COUNTING: AtomicBool = AtomicBool::new(false);

static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size.saturating_sub(layout.size()));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[inline]
fn note(bytes: usize) {
    if IS_COUNTING.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(bytes as u64, Relaxed);
    }
}

/// The allocations and bytes of a piece of work.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, u64, u64) {
    let before = (CALLS.load(Relaxed), BYTES.load(Relaxed));
    IS_COUNTING.store(true, Relaxed);
    let value = work();
    IS_COUNTING.store(false, Relaxed);
    (value, CALLS.load(Relaxed) - before.0, BYTES.load(Relaxed) - before.1)
}
