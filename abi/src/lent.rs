//! Memory that changes hands: the host asks for it, fills it, and gives it back in an answer.

use std::ptr::null_mut;

use crate::imports::OK;

/// Memory for the host to write an answer to.
pub(crate) fn lend(size: usize) -> *mut u8 {
    Box::into_raw(Box::<[u8]>::new_uninit_slice(size)).cast()
}

/// What the host answers to `ask`: `None` for an error, `Some(None)` for no bytes at all.
///
/// # Safety
///
/// `ask` must, when it gives [`OK`], have set both to nothing, or to memory of [`lend`] that is filled and to its size.
pub(crate) unsafe fn received(ask: impl FnOnce(&mut *mut u8, &mut usize) -> u32) -> Option<Option<Vec<u8>>> {
    let (mut data, mut size) = (null_mut(), 0);
    if ask(&mut data, &mut size) != OK {
        return None;
    }
    // SAFETY: the caller's, for memory of `lend` is that of a boxed slice.
    let take = || unsafe { Vec::from_raw_parts(data, size, size) };
    Some((!data.is_null()).then(take))
}
