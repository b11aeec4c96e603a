//! The functions of the host, as <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1> has them.

/// The status of a call that did what it should.
pub(crate) const OK: u32 = 0;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    pub(crate) fn proxy_log(level: u32, line: *const u8, line_size: usize) -> u32;

    pub(crate) fn proxy_get_log_level(level: *mut u32) -> u32;

    pub(crate) safe fn proxy_set_tick_period_milliseconds(period: u32) -> u32;

    pub(crate) fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        max_size: usize,
        data: *mut *mut u8,
        data_size: *mut usize,
    ) -> u32;

    pub(crate) fn proxy_get_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *mut *mut u8,
        value_size: *mut usize,
    ) -> u32;

    pub(crate) fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;

    pub(crate) fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;

    pub(crate) fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;

    pub(crate) fn proxy_get_property(
        path: *const u8,
        path_size: usize,
        value: *mut *mut u8,
        value_size: *mut usize,
    ) -> u32;

    pub(crate) fn proxy_set_property(
        path: *const u8,
        path_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;

    pub(crate) fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, id: *mut u32) -> u32;

    pub(crate) safe fn proxy_increment_metric(id: u32, by: i64) -> u32;
}
