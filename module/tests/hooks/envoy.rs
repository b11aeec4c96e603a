//! What Envoy has for a module: its callbacks, over streams of a few headers. What it lends it really takes back, so that
//! whoever keeps it is found.

use std::cell::RefCell;
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::{Mutex, PoisonError};

use proxy_wasm_cors_module as _;

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    bytes: *const u8,
    length: usize,
}

#[repr(C)]
pub(crate) struct Header {
    name: Buffer,
    value: Buffer,
}

type Pointer = *mut c_void;

unsafe extern "C" {
    safe fn envoy_dynamic_module_on_program_init() -> *const c_char;
    fn envoy_dynamic_module_on_http_filter_config_new(
        config: Pointer,
        name: Buffer,
        bytes: Buffer,
    ) -> Pointer;
    fn envoy_dynamic_module_on_http_filter_config_destroy(config: Pointer);
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
type Lines = Vec<(String, Box<[u8]>)>;

/// A stream, with what Envoy has of it. The callbacks find it by its address.
pub(crate) struct Stream {
    filter: Pointer,
    envoy: Box<RefCell<Envoy>>,
}

#[derive(Default)]
struct Envoy {
    request: Lines,
    response: Lines,
    route: Option<usize>,
    sent: Option<Sent>,
    filter_state: Option<String>,
}

/// A configuration of the filter.
pub(crate) struct Config(Pointer);

/// Runs a test alone, as there is one log level and one count of configurations.
pub(crate) fn with_host(test: impl FnOnce()) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(!envoy_dynamic_module_on_program_init().is_null());
    test();
}

fn buffer(bytes: &[u8]) -> Buffer {
    Buffer { bytes: bytes.as_ptr(), length: bytes.len() }
}

fn text(buffer: Buffer) -> String {
    String::from_utf8_lossy(bytes(&buffer)).into_owned()
}

fn bytes(buffer: &Buffer) -> &[u8] {
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
        // SAFETY: the hook as Envoy calls it; there is nothing behind the pointer for Envoy's part.
        let config = unsafe {
            envoy_dynamic_module_on_http_filter_config_new(
                null_mut(),
                buffer(name.as_bytes()),
                buffer(&bytes),
            )
        };
        (!config.is_null()).then(|| Self(config))
    }
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

fn envoy<'a>(stream: Pointer) -> &'a RefCell<Envoy> {
    // SAFETY: the module has the address from a hook that is under way.
    unsafe { &*stream.cast::<RefCell<Envoy>>() }
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_log(_level: u32, line: Buffer) {
    assert!(!text(line).is_empty());
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_log_enabled(level: u32) -> bool {
    // Denials too, but where allocations are counted.
    level >= 1
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_header(
    stream: Pointer,
    kind: u32,
    name: Buffer,
    value: &mut Buffer,
    index: usize,
    count: *mut usize,
) -> bool {
    let envoy = envoy(stream).borrow();
    let lines = if kind == 0 { &envoy.request } else { &envoy.response };
    let mut found = lines.iter().filter(|(known, _)| known.as_bytes() == bytes(&name));
    if !count.is_null() {
        // SAFETY: it is a place of the module's.
        unsafe { count.write(found.clone().count()) };
    }
    let Some((_, line)) = found.nth(index) else {
        *value = Buffer { bytes: null(), length: 0 };
        return false;
    };
    *value = buffer(line);
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_set_header(
    stream: Pointer,
    kind: u32,
    name: Buffer,
    value: Buffer,
) -> bool {
    assert_eq!(kind, 2, "requests are left as they are");
    let mut envoy = envoy(stream).borrow_mut();
    envoy.response.retain(|(known, _)| known.as_bytes() != bytes(&name));
    if !value.bytes.is_null() {
        envoy.response.push((text(name), bytes(&value).into()));
    }
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_add_header(
    stream: Pointer,
    _kind: u32,
    name: Buffer,
    value: Buffer,
) -> bool {
    envoy(stream).borrow_mut().response.push((text(name), bytes(&value).into()));
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_send_response_headers(
    stream: Pointer,
    headers: *const Header,
    count: usize,
    has_ended: bool,
) {
    // SAFETY: so many headers are there.
    let headers = unsafe { std::slice::from_raw_parts(headers, count) };
    let headers = headers.iter().map(|header| (text(header.name), text(header.value))).collect();
    envoy(stream).borrow_mut().sent = Some(Sent { headers, content: String::new(), has_ended });
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_send_response_data(
    stream: Pointer,
    content: Buffer,
    has_ended: bool,
) {
    let mut envoy = envoy(stream).borrow_mut();
    let sent = envoy.sent.as_mut().expect("headers come first");
    assert!(!sent.has_ended, "the stream has ended");
    sent.content.push_str(&text(content));
    sent.has_ended = has_ended;
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_send_response(
    _stream: Pointer,
    status: u32,
    _headers: *const Header,
    _count: usize,
    _content: Buffer,
    _details: Buffer,
) {
    panic!("the filter has failed: {status}");
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_set_filter_state_bytes(
    stream: Pointer,
    name: Buffer,
    value: Buffer,
) -> bool {
    assert_eq!(text(name), "wasm.cors");
    envoy(stream).borrow_mut().filter_state = Some(text(value));
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_get_attribute_string(
    stream: Pointer,
    attribute: u32,
    value: &mut Buffer,
) -> bool {
    assert_eq!(attribute, 61, "only the name of the route is asked for");
    let has_route = envoy(stream).borrow().route.is_some();
    *value = buffer(if has_route { b"r" } else { b"other" });
    true
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_get_most_specific_route_config(stream: Pointer) -> Pointer {
    envoy(stream).borrow().route.map_or(null_mut(), std::ptr::with_exposed_provenance_mut)
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_define_counter(
    _config: Pointer,
    name: Buffer,
    _labels: *const Buffer,
    _count: usize,
    id: &mut usize,
) -> u32 {
    assert!(text(name).starts_with("proxy_wasm_cors."));
    *id = 7;
    0
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_config_define_gauge(
    config: Pointer,
    name: Buffer,
    labels: *const Buffer,
    count: usize,
    id: &mut usize,
) -> u32 {
    envoy_dynamic_module_callback_http_filter_config_define_counter(config, name, labels, count, id)
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_increment_counter(
    _stream: Pointer,
    id: usize,
    labels: *const Buffer,
    count: usize,
    _by: u64,
) -> u32 {
    assert_eq!(id, 7);
    // SAFETY: so many labels are there.
    let labels = unsafe { std::slice::from_raw_parts(labels, count) };
    assert!(labels.iter().all(|label| !bytes(label).is_empty()));
    0
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_filter_set_gauge(
    stream: Pointer,
    id: usize,
    labels: *const Buffer,
    count: usize,
    value: u64,
) -> u32 {
    envoy_dynamic_module_callback_http_filter_increment_counter(stream, id, labels, count, value)
}
