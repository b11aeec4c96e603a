//! What the host can be asked and told, about the stream or plugin that it is calling. What it answers by an error is
//! absent, and what it cannot do is not done: neither is worth the requests of a worker.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::imports::{
    OK, proxy_define_metric, proxy_get_buffer_bytes, proxy_get_header_map_value, proxy_get_log_level,
    proxy_get_property, proxy_increment_metric, proxy_log, proxy_remove_header_map_value,
    proxy_replace_header_map_value, proxy_send_local_response, proxy_set_property,
    proxy_set_tick_period_milliseconds,
};
use crate::lent::received;

const PLUGIN_CONFIGURATION: u32 = 7;
const REQUEST_HEADERS: u32 = 0;
const RESPONSE_HEADERS: u32 = 2;
const COUNTER: u32 = 0;
/// The reply has no status of gRPC's.
const NO_GRPC_STATUS: i32 = -1;

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Level {
    /// For whoever looks into a single request.
    Debug = 1,
    /// For whoever looks.
    Info = 2,
    /// Something doubtful.
    Warn = 3,
    /// Something wrong.
    Error = 4,
    /// The end of the module.
    Critical = 5,
}

/// The lowest level that the host logs; hosts have more of them than [`Level`].
static LOWEST: AtomicU32 = AtomicU32::new(Level::Info as u32);

/// Asks which level the host logs at. To ask for each line would cost a call.
pub fn follow_log_level() {
    let mut level = 0;
    // SAFETY: the host writes one number to where it is told.
    if unsafe { proxy_get_log_level(&mut level) } == OK {
        LOWEST.store(level, Ordering::Relaxed);
    }
}

/// Logs a line, which is only made if the host logs it.
pub fn log(level: Level, line: fmt::Arguments<'_>) {
    if level as u32 >= LOWEST.load(Ordering::Relaxed) {
        let line = line.to_string();
        // SAFETY: the host reads the text.
        unsafe { proxy_log(level as u32, line.as_ptr(), line.len()) };
    }
}

/// The configuration of the plugin that is being configured.
#[must_use]
pub fn plugin_configuration() -> Option<Vec<u8>> {
    // SAFETY: as `received` has it.
    unsafe { received(|data, size| proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, usize::MAX, data, size)) }
        .flatten()
}

/// Asks to be called regularly.
pub fn set_tick_period(period: Duration) {
    proxy_set_tick_period_milliseconds(u32::try_from(period.as_millis()).unwrap_or(u32::MAX));
}

/// The value of a request header, several lines as the host joins them.
#[must_use]
pub fn request_header(name: &str) -> Option<Vec<u8>> {
    header(REQUEST_HEADERS, name)
}

/// The value of a response header, several lines as the host joins them.
#[must_use]
pub fn response_header(name: &str) -> Option<Vec<u8>> {
    header(RESPONSE_HEADERS, name)
}

fn header(map: u32, name: &str) -> Option<Vec<u8>> {
    // SAFETY: the host reads the name; for the answer as `received` has it.
    unsafe { received(|data, size| proxy_get_header_map_value(map, name.as_ptr(), name.len(), data, size)) }
        .map(Option::unwrap_or_default)
}

/// Makes this the one value of a response header.
pub fn set_response_header(name: &str, value: &[u8]) {
    let (value, size) = (value.as_ptr(), value.len());
    // SAFETY: the host reads both.
    unsafe { proxy_replace_header_map_value(RESPONSE_HEADERS, name.as_ptr(), name.len(), value, size) };
}

/// Removes every line of a response header.
pub fn remove_response_header(name: &str) {
    // SAFETY: the host reads the name.
    unsafe { proxy_remove_header_map_value(RESPONSE_HEADERS, name.as_ptr(), name.len()) };
}

/// Answers the request.
pub fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let headers = pairs(headers);
    let (status, details) = (u32::from(status), &[]);
    // SAFETY: the host reads each.
    unsafe {
        proxy_send_local_response(
            status,
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            NO_GRPC_STATUS,
        )
    };
}

/// The value of a property, its path joined by NUL.
#[must_use]
pub fn property(path: &str) -> Option<Vec<u8>> {
    // SAFETY: the host reads the path; for the answer as `received` has it.
    unsafe { received(|data, size| proxy_get_property(path.as_ptr(), path.len(), data, size)) }
        .map(Option::unwrap_or_default)
}

/// Sets a property, its path joined by NUL.
pub fn set_property(path: &str, value: &[u8]) {
    // SAFETY: the host reads both.
    unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) };
}

/// Names a counter; `None` if the host has none.
#[must_use]
pub fn define_counter(name: &str) -> Option<u32> {
    let mut id = 0;
    // SAFETY: the host reads the name and writes one number to where it is told.
    let status = unsafe { proxy_define_metric(COUNTER, name.as_ptr(), name.len(), &mut id) };
    (status == OK).then_some(id)
}

/// Adds to a counter.
pub fn increment(counter: u32, by: i64) {
    proxy_increment_metric(counter, by);
}

/// Headers as the host reads them: their number, the lengths of each name and value, each name and value with a NUL.
fn pairs(headers: &[(&str, &str)]) -> Vec<u8> {
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = number(headers.len()).to_vec();
    for text in headers.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend(number(text.len()));
    }
    for text in headers.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend(text.as_bytes());
        bytes.push(0);
    }
    bytes
}
