//! The part of Envoy's ABI for dynamic modules that a CORS filter needs, and what each name means.
//!
//! The ABI is C: opaque pointers, pairs of a pointer and a length passed by value, and numbers for enumerations. All
//! releases from 1.38 on have what is declared here; from 1.40 on Envoy promises to keep it.
//! <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/dynamic_modules>

use std::ffi::{c_char, c_void};

/// Envoy's object for a filter in its configuration, lent while the configuration is made.
pub(super) type ConfigEnvoy = *mut c_void;
/// Envoy's object for the filter of one stream, lent to each hook.
pub(super) type FilterEnvoy = *mut c_void;
/// The module's object for a configuration, which Envoy keeps. Null refuses the configuration.
pub(super) type ConfigModule = *const c_void;
/// The module's object for a stream, which Envoy keeps. Never null: releases before 1.40 would pass null on to the hooks.
pub(super) type FilterModule = *mut c_void;

/// Bytes that belong to Envoy or to the module. A null pointer means no bytes; as a value, it removes the header.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffer {
    pub(super) bytes: *const c_char,
    pub(super) length: usize,
}

/// A line of a header, in a message that Envoy has or in a reply.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) name: Buffer,
    pub(super) value: Buffer,
}

/// Whose headers are meant.
pub(super) const REQUEST: u32 = 0;
pub(super) const RESPONSE: u32 = 2;

/// The name of the route, `xds.route_name`, among the attributes of a stream.
pub(super) const ROUTE_NAME: u32 = 61;

/// The result of an operation on metrics that succeeded. All others are errors.
pub(super) const DONE: u32 = 0;

/// What a hook for headers returns: continue with the next filter, or stop here.
pub(super) const CONTINUE: u32 = 0;
pub(super) const STOP: u32 = 1;

/// The version of the ABI in Envoy 1.38 and 1.39, and that in 1.40. For any other version Envoy logs a warning.
pub(super) const OLDER_VERSION: &std::ffi::CStr = c"v0.1.0";
pub(super) const VERSION: &std::ffi::CStr = c"v0.2.0";
/// A function that only releases with the newer version have.
pub(super) const ONLY_IN_NEWER: &std::ffi::CStr = c"envoy_dynamic_module_callback_log_v2";

/// These add to a counter and set a gauge while the configuration is made, since 1.39. They are looked up at run time,
/// because a module that names an undefined symbol does not load at all.
pub(super) const CONFIG_INCREMENT_COUNTER: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_increment_counter";
pub(super) const CONFIG_SET_GAUGE: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_set_gauge";
/// The type of both: they take the values of the labels, and the value.
pub(super) type ConfigChange = unsafe extern "C" fn(
    config: ConfigEnvoy,
    id: usize,
    labels: *const Buffer,
    count: usize,
    value: u64,
) -> u32;

/// What Envoy has for asking, from any thread, for the hook of a configuration on the main thread. The module owns it.
pub(super) type SchedulerEnvoy = *mut c_void;
/// Looked up as well: since 1.39.
pub(super) const SCHEDULER_NEW: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_scheduler_new";
pub(super) const SCHEDULER_COMMIT: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_scheduler_commit";
pub(super) const SCHEDULER_DELETE: &std::ffi::CStr =
    c"envoy_dynamic_module_callback_http_filter_config_scheduler_delete";
/// Only while the configuration is made.
pub(super) type SchedulerNew = unsafe extern "C" fn(config: ConfigEnvoy) -> SchedulerEnvoy;
/// From any thread. The hook gets the number of the event.
pub(super) type SchedulerCommit = unsafe extern "C" fn(scheduler: SchedulerEnvoy, event: u64);
/// From any thread, once.
pub(super) type SchedulerDelete = unsafe extern "C" fn(scheduler: SchedulerEnvoy);

unsafe extern "C" {
    /// Writes a line to Envoy's log, under the name `dynamic_modules`. May be called on any thread.
    #[link_name = "envoy_dynamic_module_callback_log"]
    pub(super) fn log(level: u32, line: Buffer);

    /// Whether a line of this level would be written. May be called on any thread.
    #[link_name = "envoy_dynamic_module_callback_log_enabled"]
    pub(super) safe fn log_enabled(level: u32) -> bool;

    /// How many lines the headers have.
    #[link_name = "envoy_dynamic_module_callback_http_get_headers_size"]
    pub(super) fn count_headers(filter: FilterEnvoy, kind: u32) -> usize;

    /// Fills in as many lines as there are headers; false if there are no headers of this kind. The bytes belong to Envoy,
    /// and stay until the hook ends or a header changes.
    #[link_name = "envoy_dynamic_module_callback_http_get_headers"]
    pub(super) fn get_headers(filter: FilterEnvoy, kind: u32, lines: *mut Header) -> bool;

    /// Replaces all lines of a header by one; a null value removes them.
    #[link_name = "envoy_dynamic_module_callback_http_set_header"]
    pub(super) fn set_header(filter: FilterEnvoy, kind: u32, name: Buffer, value: Buffer) -> bool;

    /// Adds a line to a header.
    #[link_name = "envoy_dynamic_module_callback_http_add_header"]
    pub(super) fn add_header(filter: FilterEnvoy, kind: u32, name: Buffer, value: Buffer) -> bool;

    /// Answers with these headers, `:status` among them, and ends the stream if asked to. Later filters see the headers;
    /// earlier ones and this one do not.
    #[link_name = "envoy_dynamic_module_callback_http_send_response_headers"]
    pub(super) fn send_response_headers(
        filter: FilterEnvoy,
        headers: *const Header,
        count: usize,
        ends: bool,
    );

    /// Sends the content of such an answer.
    #[link_name = "envoy_dynamic_module_callback_http_send_response_data"]
    pub(super) fn send_response_data(filter: FilterEnvoy, content: Buffer, ends: bool);

    /// Sends a local reply, which Envoy's configuration may change on its way. It can also replace a response that has not
    /// been sent yet.
    #[link_name = "envoy_dynamic_module_callback_http_send_response"]
    pub(super) fn send_response(
        filter: FilterEnvoy,
        status: u32,
        headers: *const Header,
        count: usize,
        content: Buffer,
        details: Buffer,
    );

    /// Sets a filter state, which access logs can show.
    #[link_name = "envoy_dynamic_module_callback_http_set_filter_state_bytes"]
    pub(super) fn set_filter_state(filter: FilterEnvoy, name: Buffer, value: Buffer) -> bool;

    /// Reads an attribute that is text; false if the stream does not have it. The bytes belong to Envoy.
    #[link_name = "envoy_dynamic_module_callback_http_filter_get_attribute_string"]
    pub(super) fn get_attribute(filter: FilterEnvoy, attribute: u32, value: &mut Buffer) -> bool;

    /// The module's object for the most specific configuration of the stream's route, virtual host or route table; null if
    /// there is none.
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

    /// Adds to the counter that has these values of its labels.
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

    /// Sets the gauge that has these values of its labels.
    #[link_name = "envoy_dynamic_module_callback_http_filter_set_gauge"]
    pub(super) fn set_gauge(
        filter: FilterEnvoy,
        id: usize,
        labels: *const Buffer,
        count: usize,
        value: u64,
    ) -> u32;

    /// The address of a name in the process, or null: <https://man7.org/linux/man-pages/man3/dlsym.3.html>.
    pub(super) fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

impl Buffer {
    /// No bytes.
    pub(super) const NONE: Self = Self { bytes: std::ptr::null(), length: 0 };

    /// These bytes. Envoy does not keep them.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.as_ptr().cast(), length: bytes.len() }
    }
}

impl Header {
    /// No header.
    pub(super) const NONE: Self = Self { name: Buffer::NONE, value: Buffer::NONE };
}
