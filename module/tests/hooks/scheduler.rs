//! What Envoy has since 1.39, which the module looks up by name: counting without a stream, and asking for a hook on the main
//! thread. The module's lookup ends here too, so that a test can be a release without them.

use std::ffi::{CStr, c_char};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::callbacks::{
    envoy_dynamic_module_callback_http_filter_increment_counter,
    envoy_dynamic_module_callback_http_filter_set_gauge,
};
use crate::envoy::{Buffer, Pointer};

/// Whether this host is a release without them.
pub(crate) static IS_OLD: AtomicBool = AtomicBool::new(false);

/// The configurations whose hook was asked for, by their addresses.
static COMMITTED: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn committed() -> MutexGuard<'static, Vec<usize>> {
    COMMITTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the hook of a configuration was asked for since the last time.
pub(crate) fn take_commit(config: Pointer) -> bool {
    let mut committed = committed();
    let before = committed.len();
    committed.retain(|other| *other != config.addr());
    committed.len() < before
}

extern "C" fn new(config: Pointer) -> Pointer {
    // The address may have been another configuration's.
    take_commit(config);
    Box::into_raw(Box::new(config.addr())).cast()
}

extern "C" fn commit(scheduler: Pointer, event: u64) {
    assert_eq!(event, 0);
    // SAFETY: `new` made it, and it is not deleted yet.
    let config = unsafe { *scheduler.cast::<usize>() };
    committed().push(config);
}

extern "C" fn delete(scheduler: Pointer) {
    // SAFETY: `new` made it, and it is deleted once.
    drop(unsafe { Box::from_raw(scheduler.cast::<usize>()) });
}

type Change = extern "C" fn(Pointer, usize, *const Buffer, usize, u64) -> u32;

/// In the place of the C library's. Whoever else looks something up in this program has to do without.
#[unsafe(no_mangle)]
extern "C" fn dlsym(_library: Pointer, name: *const c_char) -> Pointer {
    // SAFETY: a text with its end.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    let Some(name) = name.strip_prefix(b"envoy_dynamic_module_callback_http_filter_config_") else {
        return null_mut();
    };
    if IS_OLD.load(Ordering::Relaxed) {
        return null_mut();
    }
    match name {
        b"increment_counter" => {
            envoy_dynamic_module_callback_http_filter_increment_counter as Change as Pointer
        }
        b"set_gauge" => envoy_dynamic_module_callback_http_filter_set_gauge as Change as Pointer,
        b"scheduler_new" => new as extern "C" fn(Pointer) -> Pointer as Pointer,
        b"scheduler_commit" => commit as extern "C" fn(Pointer, u64) as Pointer,
        b"scheduler_delete" => delete as extern "C" fn(Pointer) as Pointer,
        _ => panic!("the module looks up {}", name.escape_ascii()),
    }
}
