//! Envoy's callbacks, which the module finds by their names.

use std::cell::RefCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::counted;
use crate::envoy::{Buffer, Envoy, Header, Lines, Pointer, Sent, buffer, bytes, text};

/// The log level: that of denials, unless a test sets another one.
pub(crate) static LEVEL: AtomicU32 = AtomicU32::new(1);

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
    level >= LEVEL.load(Ordering::Relaxed)
}

fn lines(envoy: &Envoy, kind: u32) -> &Lines {
    if kind == 0 { &envoy.request } else { &envoy.response }
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_headers_size(stream: Pointer, kind: u32) -> usize {
    lines(&envoy(stream).borrow(), kind).len()
}

#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_callback_http_get_headers(
    stream: Pointer,
    kind: u32,
    place: *mut Header,
) -> bool {
    for (at, (name, value)) in lines(&envoy(stream).borrow(), kind).iter().enumerate() {
        // SAFETY: the module has asked how many there are, and has room for them.
        unsafe { place.add(at).write(Header { name: buffer(name.as_bytes()), value: buffer(value) }) };
    }
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
    *id = counted::id_of(&text(name));
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
pub(crate) extern "C" fn envoy_dynamic_module_callback_http_filter_increment_counter(
    _stream: Pointer,
    id: usize,
    labels: *const Buffer,
    count: usize,
    by: u64,
) -> u32 {
    // SAFETY: so many labels are there.
    let labels = unsafe { std::slice::from_raw_parts(labels, count) };
    assert!(labels.iter().all(|label| !bytes(label).is_empty()));
    counted::add(id, labels, by);
    0
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn envoy_dynamic_module_callback_http_filter_set_gauge(
    stream: Pointer,
    id: usize,
    labels: *const Buffer,
    count: usize,
    value: u64,
) -> u32 {
    // SAFETY: so many labels are there.
    let labels = unsafe { std::slice::from_raw_parts(labels, count) };
    assert!(labels.iter().all(|label| !bytes(label).is_empty()));
    assert!(counted::is_known(id) && value <= 1 && !stream.is_null());
    0
}
