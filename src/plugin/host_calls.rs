//! The calls of the host for one request, one response, or the level of its log.

use proxy_wasm::hostcalls;
use proxy_wasm::types::MapType;

use crate::policy::response_edits::ResponseEdits;
use crate::policy::vary;
use crate::request::RequestHead;

/// The head of the request that the host is calling for.
pub(super) struct Head;

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        hostcalls::get_map_value_bytes(MapType::HttpRequestHeaders, name).ok().flatten()
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        hostcalls::get_property(vec!["xds", "route_name"]).ok().flatten()
    }
}

/// Applies edits to the headers of the response that the host is calling for.
pub(super) fn apply(edits: &ResponseEdits) {
    edits.each(|name, value| edit(name, value.map(str::as_bytes)));
    if edits.vary.is_empty() {
        return;
    }
    let current = hostcalls::get_map_value_bytes(MapType::HttpResponseHeaders, "vary").ok().flatten();
    if let Some(merged) = vary::merge(current.as_deref(), edits.vary.names()) {
        edit("vary", Some(&merged));
    }
}

/// Sets a response header, or removes it, whether it was there or not.
fn edit(name: &str, value: Option<&[u8]>) {
    let _ = hostcalls::set_map_value_bytes(MapType::HttpResponseHeaders, name, value);
}

/// Sets the filter state `wasm.cors`.
pub(super) fn record(outcome: &str) {
    let _ = hostcalls::set_property(vec!["cors"], Some(outcome.as_bytes()));
}

/// The SDK formats and hands over a line whatever the host's level is, unless it is told.
pub(super) fn follow_log_level() {
    if let Ok(level) = hostcalls::get_log_level() {
        proxy_wasm::set_log_level(level);
    }
}
