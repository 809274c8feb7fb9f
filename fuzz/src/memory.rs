//! The bound of memory: an allocator that counts, and ends the process where a limit of the core did not hold.
//!
//! Counting is done by thread, so that tests which run side by side do not pay for each other. The core starts no
//! thread, and neither does a target.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Bytes that any input may cost. The largest thing that the core allocates at a stranger's word is a zstd window of
/// 128 MiB; a target holds one of them at a time, and half as much again is room for all else.
const ANY_INPUT: usize = 256 << 20;

/// Bytes that each byte of an input may cost beside that. A parsed JSON value takes 32 bytes, and the shortest one
/// with its comma takes two bytes of a document; an entry takes about 110 bytes, and 512 of an archive. Targets hold
/// two results to compare them.
const EACH_BYTE: usize = 64;

/// What an input of so many bytes may cost, in bytes.
pub fn allowed(input: usize) -> usize {
    ANY_INPUT.saturating_add(input.saturating_mul(EACH_BYTE))
}

thread_local! {
    /// Bytes that are allocated. What another thread frees makes it wrong, and even negative.
    static LIVE: Cell<isize> = const { Cell::new(0) };
    /// The most that there may be.
    static CEILING: Cell<isize> = const { Cell::new(isize::MAX) };
    /// The most that there was.
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Runs something that may allocate so many bytes at a time, and returns how many it did. Passing the bound ends the
/// process, because what would panic instead might be caught, or ask for memory itself.
pub fn within(bytes: usize, work: impl FnOnce()) -> usize {
    let start = LIVE.get();
    let bytes = isize::try_from(bytes).unwrap_or(isize::MAX);
    PEAK.set(start);
    CEILING.set(start.saturating_add(bytes));
    let freed = Unbounded;
    work();
    drop(freed);
    usize::try_from(PEAK.get().saturating_sub(start)).unwrap_or(0)
}

/// Takes the bound away when it goes, be it in a panic.
struct Unbounded;

impl Drop for Unbounded {
    fn drop(&mut self) {
        CEILING.set(isize::MAX);
    }
}

/// The system's allocator, with a count.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn charge(bytes: usize) {
    let live = LIVE.get().saturating_add_unsigned(bytes);
    LIVE.set(live);
    PEAK.set(PEAK.get().max(live));
    let ceiling = CEILING.get();
    if live > ceiling {
        // Saying so takes memory too.
        CEILING.set(isize::MAX);
        eprintln!(
            "an allocation of {bytes} bytes passes the bound for this input by {}",
            live - ceiling
        );
        std::process::abort();
    }
}

fn release(bytes: usize) {
    LIVE.set(LIVE.get().saturating_sub_unsigned(bytes));
}

// SAFETY: every call goes to the system's allocator as it came; counting neither allocates nor unwinds, since the
// thread's cells are constants without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        charge(layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        charge(layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        release(layout.size());
        charge(size);
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        release(layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(at, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allocated_is_counted() {
        assert_eq!(within(1 << 20, || {}), 0);
        let peak = within(1 << 20, || drop(std::hint::black_box(vec![1_u8; 100_000])));
        assert!((100_000..110_000).contains(&peak), "{peak}");
        let peak = within(1 << 20, || {
            for _ in 0..100 {
                drop(std::hint::black_box(vec![0_u8; 100_000]));
            }
        });
        assert!((100_000..110_000).contains(&peak), "{peak}");
    }

    #[test]
    fn passing_the_bound_ends_the_process() {
        const FLAG: &str = "LAYERSCOPE_FUZZ_PASSES_THE_BOUND";
        if std::env::var_os(FLAG).is_some() {
            within(1 << 20, || drop(std::hint::black_box(vec![1_u8; 2 << 20])));
            return;
        }
        let name = "memory::tests::passing_the_bound_ends_the_process";
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        let ended = again
            .args([name, "--exact"])
            .env(FLAG, "1")
            .output()
            .unwrap();
        assert!(!ended.status.success(), "{ended:?}");
        assert_eq!(
            ended.status.code(),
            None,
            "it should have aborted: {ended:?}"
        );
    }
}
