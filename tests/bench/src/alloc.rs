//! An allocator that counts when it is asked to. Over which work is said by who asks; what streams keep
//! in memory is tested by `crates/chatwire-stream/tests/memory.rs`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Counts calls and bytes asked for, but only on demand: two atomic operations for every allocation
/// would slow those down that allocate most.
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

/// Allocations and bytes of some work.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, u64, u64) {
    let before = (CALLS.load(Relaxed), BYTES.load(Relaxed));
    IS_COUNTING.store(true, Relaxed);
    let value = work();
    IS_COUNTING.store(false, Relaxed);
    (value, CALLS.load(Relaxed) - before.0, BYTES.load(Relaxed) - before.1)
}
