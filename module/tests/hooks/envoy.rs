//! Envoy's part: configurations, and streams of a few headers whose hooks are called. What it lends it really takes back, so
//! that whoever keeps it is found.

use std::cell::RefCell;
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

use proxy_wasm_cors_module as _;

use crate::scheduler;

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    pub(crate) bytes: *const u8,
    pub(crate) length: usize,
}

#[repr(C)]
pub(crate) struct Header {
    pub(crate) name: Buffer,
    pub(crate) value: Buffer,
}

pub(crate) type Pointer = *mut c_void;

unsafe extern "C" {
    safe fn envoy_dynamic_module_on_program_init() -> *const c_char;
    fn envoy_dynamic_module_on_http_filter_config_new(
        config: Pointer,
        name: Buffer,
        bytes: Buffer,
    ) -> Pointer;
    fn envoy_dynamic_module_on_http_filter_config_destroy(config: Pointer);
    fn envoy_dynamic_module_on_http_filter_config_scheduled(envoy: Pointer, config: Pointer, event: u64);
    fn envoy_dynamic_module_on_http_filter_per_route_config_new(name: Buffer, bytes: Buffer) -> Pointer;
    fn envoy_dynamic_module_on_http_filter_per_route_config_destroy(config: Pointer);
    fn envoy_dynamic_module_on_http_filter_new(config: Pointer, stream: Pointer) -> Pointer;
    fn envoy_dynamic_module_on_http_filter_destroy(filter: Pointer);
    fn envoy_dynamic_module_on_http_filter_request_headers(
        stream: Pointer,
        filter: Pointer,
        ends: bool,
    ) -> u32;
    fn envoy_dynamic_module_on_http_filter_response_headers(
        stream: Pointer,
        filter: Pointer,
        ends: bool,
    ) -> u32;
    fn envoy_dynamic_module_on_http_filter_request_body(stream: Pointer, filter: Pointer, ends: bool) -> u32;
    fn envoy_dynamic_module_on_http_filter_response_body(stream: Pointer, filter: Pointer, ends: bool)
    -> u32;
    fn envoy_dynamic_module_on_http_filter_request_trailers(stream: Pointer, filter: Pointer) -> u32;
    fn envoy_dynamic_module_on_http_filter_response_trailers(stream: Pointer, filter: Pointer) -> u32;
    fn envoy_dynamic_module_on_http_filter_stream_complete(stream: Pointer, filter: Pointer);
    fn envoy_dynamic_module_on_http_filter_scheduled(stream: Pointer, filter: Pointer, event: u64);
}

/// What a stream was answered with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: String,
    pub(crate) has_ended: bool,
}

/// Header lines; each value in memory of its own.
pub(crate) type Lines = Vec<(String, Box<[u8]>)>;

/// A stream, with what Envoy has of it. The callbacks find it by its address.
pub(crate) struct Stream {
    filter: Pointer,
    envoy: Box<RefCell<Envoy>>,
}

#[derive(Default)]
pub(crate) struct Envoy {
    pub(crate) request: Lines,
    pub(crate) response: Lines,
    pub(crate) route: Option<usize>,
    pub(crate) sent: Option<Sent>,
    pub(crate) filter_state: Option<String>,
}

/// A configuration of the filter, with what Envoy has of it: a place in memory that the module only passes on.
pub(crate) struct Config(Pointer, Box<u8>);

/// Runs a test alone, as there is one log level and one count of configurations.
pub(crate) fn with_host(test: impl FnOnce()) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(!envoy_dynamic_module_on_program_init().is_null());
    test();
}

pub(crate) fn buffer(bytes: &[u8]) -> Buffer {
    Buffer { bytes: bytes.as_ptr(), length: bytes.len() }
}

pub(crate) fn text(buffer: Buffer) -> String {
    String::from_utf8_lossy(bytes(&buffer)).into_owned()
}

pub(crate) fn bytes(buffer: &Buffer) -> &[u8] {
    if buffer.bytes.is_null() {
        return &[];
    }
    // SAFETY: the module lends it for the call.
    unsafe { std::slice::from_raw_parts(buffer.bytes, buffer.length) }
}

impl Config {
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Option<Self> {
        // Taken back at once.
        let (name, bytes) = (name.to_owned(), bytes.to_vec());
        let envoy = Box::new(0);
        // SAFETY: the hook as Envoy calls it.
        let config = unsafe {
            envoy_dynamic_module_on_http_filter_config_new(
                place(&envoy),
                buffer(name.as_bytes()),
                buffer(&bytes),
            )
        };
        (!config.is_null()).then(|| Self(config, envoy))
    }

    /// The hook that the module's scheduler asks for, asked for or not.
    pub(crate) fn scheduled(&self) {
        // SAFETY: the hook as Envoy calls it; the configuration is there.
        unsafe { envoy_dynamic_module_on_http_filter_config_scheduled(place(&self.1), self.0, 0) };
    }

    /// Whether the module has asked for that hook since the last time.
    pub(crate) fn was_asked_for(&self) -> bool {
        scheduler::take_commit(place(&self.1))
    }
}

fn place(envoy: &u8) -> Pointer {
    (&raw const *envoy).cast_mut().cast()
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: once, and no stream is left.
        unsafe { envoy_dynamic_module_on_http_filter_config_destroy(self.0) };
    }
}

/// The policies of a route; a number for their address.
pub(crate) fn route(config: &str) -> Option<usize> {
    let config = config.to_owned();
    // SAFETY: the hook as Envoy calls it.
    let route = unsafe {
        envoy_dynamic_module_on_http_filter_per_route_config_new(buffer(b"route"), buffer(config.as_bytes()))
    };
    (!route.is_null()).then(|| route.expose_provenance())
}

pub(crate) fn end_route(route: usize) {
    // SAFETY: once for each.
    unsafe {
        envoy_dynamic_module_on_http_filter_per_route_config_destroy(std::ptr::with_exposed_provenance_mut(
            route,
        ));
    };
}

fn lines(headers: &[(&str, &[u8])]) -> Lines {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

impl Stream {
    /// A stream without a filter yet.
    pub(crate) fn prepared(request: &[(&str, &[u8])]) -> Self {
        let envoy = Envoy { request: lines(request), ..Envoy::default() };
        Self { filter: null_mut(), envoy: Box::new(RefCell::new(envoy)) }
    }

    pub(crate) fn of(config: &Config, request: &[(&str, &[u8])]) -> Self {
        let mut stream = Self::prepared(request);
        stream.begin(config);
        stream
    }

    fn begin(&mut self, config: &Config) {
        // SAFETY: the hook as Envoy calls it; the configuration is there.
        self.filter = unsafe { envoy_dynamic_module_on_http_filter_new(config.0, self.pointer()) };
        assert!(!self.filter.is_null(), "Envoy got a null filter");
    }

    /// From its beginning to its request.
    pub(crate) fn run(&mut self, config: &Config) {
        self.begin(config);
        // SAFETY: as below.
        unsafe { envoy_dynamic_module_on_http_filter_request_headers(self.pointer(), self.filter, true) };
    }

    fn pointer(&self) -> Pointer {
        (&raw const *self.envoy).cast_mut().cast()
    }

    pub(crate) fn set_route(&mut self, route: Option<usize>) {
        self.envoy.borrow_mut().route = route;
    }

    pub(crate) fn request_headers(&mut self) {
        self.envoy.borrow_mut().sent = None;
        // SAFETY: the hook as Envoy calls it, as are those below.
        let status =
            unsafe { envoy_dynamic_module_on_http_filter_request_headers(self.pointer(), self.filter, true) };
        assert_eq!(status == 1, self.envoy.borrow_mut().sent.is_some(), "a stream that stops has an answer");
    }

    pub(crate) fn response_headers(&mut self, headers: &[(&str, &[u8])]) {
        self.envoy.borrow_mut().response = lines(headers);
        // SAFETY: as above.
        let status = unsafe {
            envoy_dynamic_module_on_http_filter_response_headers(self.pointer(), self.filter, false)
        };
        assert_eq!(status, 0);
    }

    pub(crate) fn other_hooks(&mut self) {
        let (stream, filter) = (self.pointer(), self.filter);
        // SAFETY: as above.
        unsafe {
            assert_eq!(envoy_dynamic_module_on_http_filter_request_body(stream, filter, true), 0);
            assert_eq!(envoy_dynamic_module_on_http_filter_request_trailers(stream, filter), 0);
            assert_eq!(envoy_dynamic_module_on_http_filter_response_body(stream, filter, true), 0);
            assert_eq!(envoy_dynamic_module_on_http_filter_response_trailers(stream, filter), 0);
            envoy_dynamic_module_on_http_filter_scheduled(stream, filter, 1);
            envoy_dynamic_module_on_http_filter_stream_complete(stream, filter);
        }
    }

    /// The header lines of the response, as they are now, in order of their names.
    pub(crate) fn response(&mut self) -> Vec<(String, String)> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let response = self.envoy.get_mut().response.iter();
        let mut lines = response.map(|(name, value)| (name.clone(), text(value))).collect::<Vec<_>>();
        lines.sort();
        lines
    }

    pub(crate) fn sent(&mut self) -> Option<&Sent> {
        self.envoy.get_mut().sent.as_ref()
    }

    pub(crate) fn filter_state(&mut self) -> Option<&str> {
        self.envoy.get_mut().filter_state.as_deref()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: once for each stream.
        unsafe { envoy_dynamic_module_on_http_filter_destroy(self.filter) };
    }
}
