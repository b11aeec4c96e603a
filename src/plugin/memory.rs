//! The memory of the plugin. The standard library's allocator serves threads and every kind of program, and takes a
//! thirtieth of the module. Here a configuration needs many blocks of few sizes, and each request needs what the
//! previous one gave back.
//!
//! A freed block waits in the list for its size, and blocks are never split or joined. There are four sizes between one
//! power of two and the next, so less than a fifth of a block is lost.

#![expect(unsafe_code, reason = "it takes an unsafe trait to hand out memory")]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::memory_grow;
use std::cell::Cell;
use std::ptr::{null_mut, with_exposed_provenance_mut};

/// The smallest block, and how every block is aligned. Nothing in the plugin asks for more.
const LEAST: usize = 16;

/// What memory grows by, <https://webassembly.github.io/spec/core/exec/runtime.html#memory-instances>.
const PAGE: usize = 65_536;

const SIZES: usize = 128;

struct Memory {
    /// The first of the blocks of each size that were given back; each begins with the place of the next.
    free: [Cell<*mut u8>; SIZES],
    /// Where the memory that was never handed out begins and ends.
    fresh: Cell<(usize, usize)>,
}

// SAFETY: a module of proxy-wasm has one thread.
unsafe impl Sync for Memory {}

#[global_allocator]
static MEMORY: Memory = Memory { free: [const { Cell::new(null_mut()) }; SIZES], fresh: Cell::new((0, 0)) };

/// The size of the block for so many bytes, and its place among the sizes.
fn block_for(bytes: usize) -> (usize, usize) {
    let last = bytes.max(LEAST).saturating_sub(1);
    // Sizes are multiples of this power of two, from five to eight of it but for the smallest.
    let power = 29_u32.saturating_sub(last.leading_zeros()).max(LEAST.ilog2());
    let multiple = last >> power;
    (multiple.saturating_add(1) << power, (power as usize).saturating_mul(4).saturating_add(multiple))
}

impl Memory {
    fn fresh(&self, size: usize) -> Option<*mut u8> {
        let (mut start, mut end) = self.fresh.get();
        if end.saturating_sub(start) < size {
            let pages = size.div_ceil(PAGE);
            let grown = Some(memory_grow(0, pages)).filter(|before| *before != usize::MAX)?;
            let place = grown.saturating_mul(PAGE);
            if place != end {
                start = place;
            }
            end = place.saturating_add(pages.saturating_mul(PAGE));
        }
        self.fresh.set((start.saturating_add(size), end));
        Some(with_exposed_provenance_mut(start))
    }
}

// SAFETY: blocks that are handed out do not overlap, are as large as `block_for` says, which is enough, and are aligned to
// `LEAST`, of which their sizes are multiples. What is given back was handed out, and is nobody's until it is again.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, place) = block_for(layout.size());
        let Some(list) = self.free.get(place).filter(|_| layout.align() <= LEAST) else { return null_mut() };
        let first = list.get();
        if first.is_null() {
            return self.fresh(size).unwrap_or(null_mut());
        }
        // SAFETY: so `dealloc` left it.
        list.set(unsafe { first.cast::<*mut u8>().read() });
        first
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(list) = self.free.get(block_for(layout.size()).1) else { return };
        // SAFETY: a block has room for a place and is aligned for one.
        unsafe { block.cast::<*mut u8>().write(list.get()) };
        list.set(block);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if block_for(layout.size()) == block_for(bytes) {
            return block;
        }
        // SAFETY: both blocks have the bytes that are copied, and the old one is used no more.
        unsafe {
            let larger = self.alloc(Layout::from_size_align_unchecked(bytes, layout.align()));
            if !larger.is_null() {
                larger.copy_from_nonoverlapping(block, layout.size().min(bytes));
                self.dealloc(block, layout);
            }
            larger
        }
    }
}
