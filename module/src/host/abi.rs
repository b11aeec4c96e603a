//! The part of Envoy's ABI for dynamic modules that a CORS filter needs, with the meaning of each name.
//!
//! The ABI is C: opaque pointers, pairs of a pointer and a length by value, numbers for enumerations. What is declared here
//! is the same in every release from 1.38 on; from 1.40 on Envoy promises to keep it.
//! <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/dynamic_modules>

use std::ffi::{c_char, c_void};

/// What Envoy has for a filter in its configuration; lent while the configuration is made.
pub(super) type ConfigEnvoy = *mut c_void;
/// What Envoy has for the filter of one stream; lent for each hook.
pub(super) type FilterEnvoy = *mut c_void;
/// What the module has for a configuration, given to Envoy for keeping. Null refuses the configuration.
pub(super) type ConfigModule = *const c_void;
/// What the module has for a stream, given to Envoy for keeping. Never null: releases before 1.40 would call hooks with it.
pub(super) type FilterModule = *mut c_void;

/// Bytes, of Envoy's or of the module's. Null is no bytes; as a header's value it asks for its removal.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffer {
    pub(super) bytes: *const c_char,
    pub(super) length: usize,
}

/// A line of a header, of Envoy's or of a reply.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) name: Buffer,
    pub(super) value: Buffer,
}

/// Which headers of a stream are meant.
pub(super) const REQUEST: u32 = 0;
pub(super) const RESPONSE: u32 = 2;

/// The name of the route, `xds.route_name`, among the attributes of a stream.
pub(super) const ROUTE_NAME: u32 = 61;

/// The one result of an operation on metrics that says that it was done.
pub(super) const DONE: u32 = 0;

/// After the headers of a request or a response: go on, or go no further.
pub(super) const CONTINUE: u32 = 0;
pub(super) const STOP: u32 = 1;

/// The versions of the ABI by which releases know themselves: 1.38 and 1.39, and 1.40. Another one is a warning in the log.
pub(super) const OLDER_VERSION: &std::ffi::CStr = c"v0.1.0";
pub(super) const VERSION: &std::ffi::CStr = c"v0.2.0";
/// What only releases have that know themselves by the newer.
pub(super) const ONLY_IN_NEWER: &std::ffi::CStr = c"envoy_dynamic_module_callback_log_v2";

/// Adds to a counter, and sets a gauge, while the configuration is made: both since 1.39. The names are looked up, as an
/// undefined one keeps the whole module from loading.
pub(super) const CONFIG_INCREMENT_COUNTER: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_increment_counter";
pub(super) const CONFIG_SET_GAUGE: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_set_gauge";
/// How both are called: with the values of the labels, and the value.
pub(super) type ConfigChange = unsafe extern "C" fn(
    config: ConfigEnvoy,
    id: usize,
    labels: *const Buffer,
    count: usize,
    value: u64,
) -> u32;

unsafe extern "C" {
    /// A line in the log of Envoy, under the name `dynamic_modules`. From any thread.
    #[link_name = "envoy_dynamic_module_callback_log"]
    pub(super) fn log(level: u32, line: Buffer);

    /// Whether a line of the level would be written. From any thread.
    #[link_name = "envoy_dynamic_module_callback_log_enabled"]
    pub(super) safe fn log_enabled(level: u32) -> bool;

    /// How many lines the headers have.
    #[link_name = "envoy_dynamic_module_callback_http_get_headers_size"]
    pub(super) fn count_headers(filter: FilterEnvoy, kind: u32) -> usize;

    /// Writes so many lines; false if there are none of this kind. The bytes are Envoy's, and there until the hook ends or a
    /// header changes.
    #[link_name = "envoy_dynamic_module_callback_http_get_headers"]
    pub(super) fn get_headers(filter: FilterEnvoy, kind: u32, lines: *mut Header) -> bool;

    /// Replaces all lines of a header by one; a null value removes them.
    #[link_name = "envoy_dynamic_module_callback_http_set_header"]
    pub(super) fn set_header(filter: FilterEnvoy, kind: u32, name: Buffer, value: Buffer) -> bool;

    /// Adds a line to a header.
    #[link_name = "envoy_dynamic_module_callback_http_add_header"]
    pub(super) fn add_header(filter: FilterEnvoy, kind: u32, name: Buffer, value: Buffer) -> bool;

    /// Answers with these headers, `:status` among them, and ends the stream or not. Later filters see them, earlier ones
    /// and this one do not.
    #[link_name = "envoy_dynamic_module_callback_http_send_response_headers"]
    pub(super) fn send_response_headers(
        filter: FilterEnvoy,
        headers: *const Header,
        count: usize,
        ends: bool,
    );

    /// Goes on with content.
    #[link_name = "envoy_dynamic_module_callback_http_send_response_data"]
    pub(super) fn send_response_data(filter: FilterEnvoy, content: Buffer, ends: bool);

    /// A local reply, which the configuration of Envoy may change on its way; in the place of a response too, while that
    /// has not left.
    #[link_name = "envoy_dynamic_module_callback_http_send_response"]
    pub(super) fn send_response(
        filter: FilterEnvoy,
        status: u32,
        headers: *const Header,
        count: usize,
        content: Buffer,
        details: Buffer,
    );

    /// Sets a filter state of bytes, which access logs show.
    #[link_name = "envoy_dynamic_module_callback_http_set_filter_state_bytes"]
    pub(super) fn set_filter_state(filter: FilterEnvoy, name: Buffer, value: Buffer) -> bool;

    /// An attribute that is text; false if the stream has none. The bytes are Envoy's.
    #[link_name = "envoy_dynamic_module_callback_http_filter_get_attribute_string"]
    pub(super) fn get_attribute(filter: FilterEnvoy, attribute: u32, value: &mut Buffer) -> bool;

    /// What the module gave Envoy for the configuration of the stream's route, virtual host or route table, the most specific
    /// of them; null if there is none.
    #[link_name = "envoy_dynamic_module_callback_get_most_specific_route_config"]
    pub(super) fn route_config(filter: FilterEnvoy) -> ConfigModule;

    /// Defines a counter with labels; only while the configuration is made.
    #[link_name = "envoy_dynamic_module_callback_http_filter_config_define_counter"]
    pub(super) fn define_counter(
        config: ConfigEnvoy,
        name: Buffer,
        labels: *const Buffer,
        count: usize,
        id: &mut usize,
    ) -> u32;

    /// Adds to a counter, by the values of its labels.
    #[link_name = "envoy_dynamic_module_callback_http_filter_increment_counter"]
    pub(super) fn increment_counter(
        filter: FilterEnvoy,
        id: usize,
        labels: *const Buffer,
        count: usize,
        by: u64,
    ) -> u32;

    /// Defines a gauge with labels; only while the configuration is made.
    #[link_name = "envoy_dynamic_module_callback_http_filter_config_define_gauge"]
    pub(super) fn define_gauge(
        config: ConfigEnvoy,
        name: Buffer,
        labels: *const Buffer,
        count: usize,
        id: &mut usize,
    ) -> u32;

    /// Sets a gauge, by the values of its labels.
    #[link_name = "envoy_dynamic_module_callback_http_filter_set_gauge"]
    pub(super) fn set_gauge(
        filter: FilterEnvoy,
        id: usize,
        labels: *const Buffer,
        count: usize,
        value: u64,
    ) -> u32;

    /// Where a name is in the process, or null: <https://man7.org/linux/man-pages/man3/dlsym.3.html>.
    pub(super) fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

impl Buffer {
    /// No bytes.
    pub(super) const NONE: Self = Self { bytes: std::ptr::null(), length: 0 };

    /// These bytes, of which Envoy keeps none.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.as_ptr().cast(), length: bytes.len() }
    }
}

impl Header {
    /// No header.
    pub(super) const NONE: Self = Self { name: Buffer::NONE, value: Buffer::NONE };
}
