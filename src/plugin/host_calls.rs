//! The calls to the host, and the only unsafe code: the functions of the ABI, and the memory that they hand over.
//! <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1>
//!
//! The SDK has these calls too, but it panics at every status that it does not expect, which ends the module for all
//! requests of a worker. Hosts do return such statuses: Google Cloud Service Extensions has no metrics and says so with
//! status 12. Here every status except `OK` means only that the host did not do what it was asked to do.

#![expect(unsafe_code, reason = "nothing else can call the host")]

use std::ptr::{null, null_mut};

/// The only status that says that the host did what it was asked to do.
const OK: u32 = 0;

const REQUEST_HEADERS: u32 = 0;
const RESPONSE_HEADERS: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;
const COUNTER: u32 = 0;
const GAUGE: u32 = 1;
const NO_GRPC_STATUS: i32 = -1;

// The module asks for the level, although some hosts (Kong, APISIX, MOSN) lack that function and cannot load it for
// this reason. Without the level it would format a line for every denial, only for the host to drop it, and clients
// decide how many denials there are.
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    safe fn proxy_get_log_level(level: &mut u32) -> u32;
    safe fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    safe fn proxy_increment_metric(id: u32, by: i64) -> u32;
    safe fn proxy_record_metric(id: u32, value: u64) -> u32;
    fn proxy_log(level: u32, line: *const u8, size: usize) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, size: usize, id: &mut u32) -> u32;
    fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        max: usize,
        bytes: &mut *mut u8,
        size: &mut usize,
    ) -> u32;
    fn proxy_get_property(
        path: *const u8,
        path_size: usize,
        value: &mut *mut u8,
        value_size: &mut usize,
    ) -> u32;
    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> u32;
    fn proxy_get_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: &mut *mut u8,
        value_size: &mut usize,
    ) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_add_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
}

/// The level below which the host drops lines, if it says: from 0 for `trace` to 5 for `critical`.
pub(super) fn log_level() -> Option<u32> {
    let mut level = 0;
    (proxy_get_log_level(&mut level) == OK).then_some(level)
}

/// Hands over a line of the log.
pub(super) fn log(level: u32, line: &str) {
    // SAFETY: the host reads a text that is there.
    unsafe { proxy_log(level, line.as_ptr(), line.len()) };
}

/// Asks the host to call every so many milliseconds; returns whether it will.
pub(super) fn set_tick_period(milliseconds: u32) -> bool {
    proxy_set_tick_period_milliseconds(milliseconds) == OK
}

/// A new counter's number, if the host has counters.
pub(super) fn define_counter(name: &str) -> Option<u32> {
    define(COUNTER, name)
}

/// A new gauge's number, if the host has gauges.
pub(super) fn define_gauge(name: &str) -> Option<u32> {
    define(GAUGE, name)
}

fn define(kind: u32, name: &str) -> Option<u32> {
    let mut id = 0;
    // SAFETY: the host reads a text that is there.
    let status = unsafe { proxy_define_metric(kind, name.as_ptr(), name.len(), &mut id) };
    (status == OK).then_some(id)
}

/// Sets a gauge.
pub(super) fn set_gauge(gauge: u32, value: u64) {
    proxy_record_metric(gauge, value);
}

/// Adds to a counter.
pub(super) fn increment(counter: u32, by: i64) {
    proxy_increment_metric(counter, by);
}

/// The configuration of the plugin, at most so many bytes.
pub(super) fn configuration(size: usize) -> Option<Vec<u8>> {
    // SAFETY: the host writes to two places that are there.
    answer(|bytes, found| unsafe { proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, bytes, found) })
}

/// The property at a path, whose parts have a NUL between them.
pub(super) fn property(path: &str) -> Option<Vec<u8>> {
    // SAFETY: the host reads a text and writes to two places that are there.
    answer(|value, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), value, size) })
}

/// Sets the filter state of this name, behind `wasm.`.
pub(super) fn set_filter_state(name: &str, value: &str) {
    // SAFETY: the host reads two texts that are there.
    unsafe { proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()) };
}

/// A header of the request, several lines joined with commas.
pub(super) fn request_header(name: &str) -> Option<Vec<u8>> {
    header(REQUEST_HEADERS, name)
}

/// A header of the response, likewise.
pub(super) fn response_header(name: &str) -> Option<Vec<u8>> {
    header(RESPONSE_HEADERS, name)
}

fn header(map: u32, name: &str) -> Option<Vec<u8>> {
    // SAFETY: the host reads a text and writes to two places that are there.
    answer(|value, size| unsafe { proxy_get_header_map_value(map, name.as_ptr(), name.len(), value, size) })
}

/// Sets a header of the response, or removes it, whether it was there or not.
pub(super) fn set_response_header(name: &str, value: Option<&[u8]>) {
    let (map, text, size) = (RESPONSE_HEADERS, name.as_ptr(), name.len());
    // SAFETY: the host reads texts that are there.
    match value {
        Some(value) => unsafe {
            proxy_replace_header_map_value(map, text, size, value.as_ptr(), value.len())
        },
        None => unsafe { proxy_remove_header_map_value(map, text, size) },
    };
}

/// Adds a line to a header of the response.
pub(super) fn add_response_header(name: &str, value: &str) {
    let (map, text, size) = (RESPONSE_HEADERS, name.as_ptr(), name.len());
    // SAFETY: the host reads texts that are there.
    unsafe { proxy_add_header_map_value(map, text, size, value.as_ptr(), value.len()) };
}

/// Answers the request.
pub(super) fn reply(status: u16, headers: &[(&str, &str)], body: &str) {
    let headers = pairs(headers);
    // SAFETY: the host reads two runs of bytes that are there, and none where it is told that there are none.
    unsafe {
        proxy_send_local_response(
            u32::from(status),
            null(),
            0,
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            NO_GRPC_STATUS,
        )
    };
}

/// Headers as the ABI has them: their number, the sizes of each name and value, each name and value with a NUL.
fn pairs(headers: &[(&str, &str)]) -> Vec<u8> {
    let texts = || headers.iter().flat_map(|(name, value)| [name, value]);
    // What is made here is far smaller than any number that does not fit.
    let number = |size: usize| u32::try_from(size).unwrap_or_default().to_le_bytes();
    let size = texts().fold(4, |size: usize, text| size.saturating_add(text.len()).saturating_add(5));
    let mut bytes = Vec::with_capacity(size);
    bytes.extend(number(headers.len()));
    texts().for_each(|text| bytes.extend(number(text.len())));
    for text in texts() {
        bytes.extend(text.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// What the host hands over if it has what is asked for.
fn answer(ask: impl FnOnce(&mut *mut u8, &mut usize) -> u32) -> Option<Vec<u8>> {
    let (mut bytes, mut size) = (null_mut(), 0);
    if ask(&mut bytes, &mut size) != OK {
        return None;
    }
    if bytes.is_null() {
        return Some(Vec::new());
    }
    // SAFETY: the host has these bytes from `proxy_on_memory_allocate`, where the SDK makes a box of exactly that size
    // and gives it away.
    Some(unsafe { Vec::from_raw_parts(bytes, size, size) })
}

/// When the standard library panics, it asks for `RUST_BACKTRACE` and the working directory, which a plugin does not
/// have. Saying so here saves the module the code that would ask the host.
mod environment {
    use std::ffi::c_char;
    use std::ptr::null_mut;

    #[unsafe(no_mangle)]
    extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
        null_mut()
    }

    #[unsafe(no_mangle)]
    extern "C" fn getcwd(_place: *mut c_char, _size: usize) -> *mut c_char {
        null_mut()
    }
}
