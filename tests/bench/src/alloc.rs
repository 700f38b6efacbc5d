//! An allocator that counts. What is counted, and over which work, is said by who asks; what streams
//! keep in memory is tested by `crates/chatwire-sse/tests/memory.rs`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts calls and bytes asked for.
pub struct Counting;

static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size() as u64, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(size.saturating_sub(layout.size()) as u64, Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Allocations and bytes of some work.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, u64, u64) {
    let before = (CALLS.load(Relaxed), BYTES.load(Relaxed));
    let value = work();
    (value, CALLS.load(Relaxed) - before.0, BYTES.load(Relaxed) - before.1)
}
