//! The room of the host: safe functions for the calls to Envoy, and in `hooks` the functions that Envoy calls.
//!
//! The only unsafe code of the module is here. What Envoy lends is wrapped in a type that cannot outlive the loan: `Setup`
//! while a configuration is made, `Exchange` during a hook of a stream.

#![expect(unsafe_code, reason = "nothing else can call Envoy, or be called by it")]

mod abi;
pub mod hooks;
mod scheduler;

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, transmute};
use std::ptr::{null, null_mut};

use abi::{Buffer, ConfigChange, ConfigEnvoy, FilterEnvoy, Header};

pub(crate) use scheduler::Scheduler;

use crate::stream::Answer;

/// The level of a line in the log, by Envoy's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
    Critical = 5,
}

/// Whether Envoy would write a line of this level.
pub(crate) fn is_logged(level: Level) -> bool {
    abi::log_enabled(level as u32)
}

/// Writes a line, unless Envoy would drop it.
pub(crate) fn log(level: Level, line: fmt::Arguments<'_>) {
    if is_logged(level) {
        let line = line.to_string();
        // SAFETY: Envoy reads a text that is there.
        unsafe { abi::log(level as u32, Buffer::of(line.as_bytes())) };
    }
}

/// A metric of one configuration, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric(usize);

/// A configuration while it is being made, or in the hook that its scheduler asked for.
pub(crate) struct Setup<'a> {
    config: ConfigEnvoy,
    lent: PhantomData<&'a ()>,
}

impl Setup<'_> {
    /// Makes a counter with labels, unless Envoy refuses.
    pub(crate) fn define_counter(&self, name: &str, labels: &[&str]) -> Option<Metric> {
        let (name, labels, mut id) = (Buffer::of(name.as_bytes()), buffers(labels), 0);
        // SAFETY: the configuration is being made; Envoy reads texts and writes to a place that are there.
        let result =
            unsafe { abi::define_counter(self.config, name, labels.as_ptr(), labels.len(), &mut id) };
        (result == abi::DONE).then_some(Metric(id))
    }

    /// Makes a gauge with labels, unless Envoy refuses.
    pub(crate) fn define_gauge(&self, name: &str, labels: &[&str]) -> Option<Metric> {
        let (name, labels, mut id) = (Buffer::of(name.as_bytes()), buffers(labels), 0);
        // SAFETY: as above.
        let result = unsafe { abi::define_gauge(self.config, name, labels.as_ptr(), labels.len(), &mut id) };
        (result == abi::DONE).then_some(Metric(id))
    }

    /// Sets a gauge, if this release of Envoy can do that without a stream. Returns whether it could.
    pub(crate) fn set_gauge(&self, gauge: Metric, labels: &[&str], value: u64) -> bool {
        self.change(abi::CONFIG_SET_GAUGE, gauge, labels, value)
    }

    /// Adds to a counter, likewise. Adding 0 shows it.
    pub(crate) fn count(&self, counter: Metric, labels: &[&str], by: u64) -> bool {
        self.change(abi::CONFIG_INCREMENT_COUNTER, counter, labels, by)
    }

    fn change(&self, how: &CStr, metric: Metric, labels: &[&str], value: u64) -> bool {
        let place = find(how);
        if place.is_null() {
            return false;
        }
        let labels = buffers(labels);
        // SAFETY: what Envoy has under these names are functions of this type.
        let change = unsafe { transmute::<*mut std::ffi::c_void, ConfigChange>(place) };
        // SAFETY: a hook of the configuration is under way, and Envoy reads texts that are there.
        unsafe { change(self.config, metric.0, labels.as_ptr(), labels.len(), value) == abi::DONE }
    }
}

/// Up to this many lines are read without an allocation.
const FEW_LINES: usize = 64;

/// The lines of the headers of a request or a response, while Envoy lends them.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a>(&'a [Header]);

impl Lines<'_> {
    /// The value of a header, several lines joined with commas.
    pub(crate) fn value(&self, name: &str) -> Option<Vec<u8>> {
        // SAFETY: Envoy lends the bytes for as long as there are lines.
        let named = |line: &&Header| unsafe { borrowed(line.name) } == name.as_bytes();
        // SAFETY: as above.
        let mut values = self.0.iter().filter(named).map(|line| unsafe { borrowed(line.value) });
        let mut joined = values.next()?.to_vec();
        for value in values {
            joined.push(b',');
            joined.extend(value);
        }
        Some(joined)
    }

    /// Whether some header has such a name.
    pub(crate) fn any_name(&self, mut is_such: impl FnMut(&[u8]) -> bool) -> bool {
        // SAFETY: as above.
        self.0.iter().any(|line| is_such(unsafe { borrowed(line.name) }))
    }
}

/// A stream during one of its hooks.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    filter: FilterEnvoy,
    lent: PhantomData<&'a ()>,
}

impl Exchange<'_> {
    /// Reads the headers of the request.
    pub(crate) fn with_request<T>(&self, read: impl FnOnce(Lines<'_>) -> T) -> T {
        self.with_lines(abi::REQUEST, read)
    }

    /// Reads the headers of the response. `read` must not change any of them.
    pub(crate) fn with_response<T>(&self, read: impl FnOnce(Lines<'_>) -> T) -> T {
        self.with_lines(abi::RESPONSE, read)
    }

    /// Reads all lines at once. To look up a single header, Envoy would first copy its name, which takes as long as reading
    /// all of them.
    fn with_lines<T>(&self, kind: u32, read: impl FnOnce(Lines<'_>) -> T) -> T {
        // SAFETY: the stream is in a hook.
        let count = unsafe { abi::count_headers(self.filter, kind) };
        let (mut few, mut many) = ([const { MaybeUninit::<Header>::uninit() }; FEW_LINES], Vec::new());
        let lines = if count <= FEW_LINES {
            few.as_mut_ptr().cast()
        } else {
            many.reserve(count);
            many.as_mut_ptr()
        };
        // SAFETY: the stream is in a hook, and there is room for so many lines.
        let are_there = unsafe { abi::get_headers(self.filter, kind, lines) };
        // SAFETY: then Envoy has written all of them.
        read(Lines(if are_there { unsafe { std::slice::from_raw_parts(lines, count) } } else { &[] }))
    }

    /// Sets a header of the response, or removes it, whether it was there or not.
    pub(crate) fn set_response_header(&self, name: &str, value: Option<&[u8]>) {
        let value = value.map_or(Buffer::NONE, Buffer::of);
        // SAFETY: the stream is in a hook, and Envoy reads texts that are there.
        unsafe { abi::set_header(self.filter, abi::RESPONSE, Buffer::of(name.as_bytes()), value) };
    }

    /// Adds a line to a header of the response.
    pub(crate) fn add_response_header(&self, name: &str, value: &[u8]) {
        let (name, value) = (Buffer::of(name.as_bytes()), Buffer::of(value));
        // SAFETY: as above.
        unsafe { abi::add_header(self.filter, abi::RESPONSE, name, value) };
    }

    /// The name of the route, if the stream has one.
    pub(crate) fn route_name(&self) -> Option<Vec<u8>> {
        let mut value = Buffer::NONE;
        // SAFETY: the stream is in a hook, and Envoy writes to a place that is there.
        let is_there = unsafe { abi::get_attribute(self.filter, abi::ROUTE_NAME, &mut value) };
        // SAFETY: Envoy lends the bytes until the hook ends, and they are copied here.
        is_there.then(|| unsafe { borrowed(value) }.to_vec())
    }

    /// Sets a filter state.
    pub(crate) fn set_filter_state(&self, name: &str, value: &str) {
        let (name, value) = (Buffer::of(name.as_bytes()), Buffer::of(value.as_bytes()));
        // SAFETY: the stream is in a hook, and Envoy reads texts that are there.
        unsafe { abi::set_filter_state(self.filter, name, value) };
    }

    /// Adds to a counter of the stream's configuration.
    pub(crate) fn count<const N: usize>(&self, counter: Metric, labels: [&str; N], by: u64) {
        let labels = labels.map(|label| Buffer::of(label.as_bytes()));
        // SAFETY: as above; the number of labels is checked by Envoy.
        unsafe { abi::increment_counter(self.filter, counter.0, labels.as_ptr(), N, by) };
    }

    /// Sets a gauge of the stream's configuration.
    pub(crate) fn set_gauge(&self, gauge: Metric, labels: &[&str], value: u64) {
        let labels = buffers(labels);
        // SAFETY: as above.
        unsafe { abi::set_gauge(self.filter, gauge.0, labels.as_ptr(), labels.len(), value) };
    }

    /// Answers the request. Envoy may call other hooks of the stream before this returns, so nothing of the stream may be
    /// borrowed. Over HTTP/2, content after the headers of an answer to HEAD would break the stream.
    fn reply(&self, answer: &Answer) {
        let (mut headers, mut count) = ([Header::NONE; Answer::MOST_HEADERS], 0);
        let vary = answer.vary();
        answer.each(vary.as_deref(), |name, value| {
            if let Some(place) = headers.get_mut(count) {
                *place = Header { name: Buffer::of(name.as_bytes()), value: Buffer::of(value) };
                count = count.saturating_add(1);
            }
        });
        let content = answer.content();
        // SAFETY: the stream is in a hook, and Envoy copies what is there.
        unsafe { abi::send_response_headers(self.filter, headers.as_ptr(), count, content.is_empty()) };
        if !content.is_empty() {
            // SAFETY: as above.
            unsafe { abi::send_response_data(self.filter, Buffer::of(content.as_bytes()), true) };
        }
    }

    /// Answers with 500, because the filter has failed. This can also replace a response.
    fn fail(&self) {
        let details = Buffer::of(b"proxy_wasm_cors_failed");
        // SAFETY: as above; there are no headers and no content.
        unsafe { abi::send_response(self.filter, 500, null(), 0, Buffer::NONE, details) };
    }
}

fn buffers(texts: &[&str]) -> Vec<Buffer> {
    texts.iter().map(|text| Buffer::of(text.as_bytes())).collect()
}

/// The address of a name in the process, or null.
fn find(name: &CStr) -> *mut std::ffi::c_void {
    // SAFETY: a text with its end; null stands for everything that is loaded.
    unsafe { abi::dlsym(null_mut(), name.as_ptr()) }
}

/// Bytes that Envoy lends.
///
/// # Safety
/// They have to stay for as long as they are used.
unsafe fn borrowed<'a>(buffer: Buffer) -> &'a [u8] {
    if buffer.bytes.is_null() {
        return &[];
    }
    // SAFETY: Envoy's pairs of a pointer and a length are bytes that are there.
    unsafe { std::slice::from_raw_parts(buffer.bytes.cast(), buffer.length) }
}
