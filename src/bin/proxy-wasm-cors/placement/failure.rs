//! What happens to requests while the plugin is down, or the module is not there yet.

use super::filter::{has_value, is_true};
use super::ours::Ours;
use super::{Doubt, at};
use crate::files::document::Node;
use crate::files::module;

const CONSEQUENCE: &str = "lets requests pass without this filter while the plugin is down: nothing is blocked, and \
    the upstream's CORS headers reach every page";

/// A way to say that requests pass without the filter.
struct Open {
    within: &'static [&'static str],
    names: &'static [&'static str],
    /// Its name and its number, if it is not a flag.
    value: Option<(&'static str, f64)>,
    remedy: &'static str,
}

/// Each platform has its own names, and reads no other's:
/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/wasm/v3/wasm.proto#envoy-v3-api-enum-extensions-wasm-v3-failurepolicy>,
/// <https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/#FailStrategy>,
/// <https://gateway.envoyproxy.io/docs/api/extension_types/#wasm>
const OPEN: [Open; 4] = [
    Open {
        within: &["Envoy Wasm filter"],
        names: &["failure_policy", "failurePolicy"],
        value: Some(("FAIL_OPEN", 3.0)),
        remedy: "write `FAIL_RELOAD`, or `FAIL_CLOSED`",
    },
    Open {
        within: &["Envoy Wasm filter"],
        names: &["fail_open", "failOpen"],
        value: None,
        remedy: "write `failure_policy: FAIL_RELOAD` instead",
    },
    Open {
        within: &["WasmPlugin", "TrafficExtension"],
        names: &["failStrategy"],
        value: Some(("FAIL_OPEN", 1.0)),
        remedy: "write `FAIL_RELOAD`, or `FAIL_CLOSE`",
    },
    Open {
        within: &["EnvoyExtensionPolicy"],
        names: &["failOpen"],
        value: None,
        remedy: "write `failOpen: false`",
    },
];

/// What is doubtful about a plugin, if the node is the filter's.
pub(super) fn look_at(node: &Node, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let Some(plugin) = ours.plugin(node) else { return };
    if let Some(remote) = fetched(node).filter(|_| [module::FILTER, module::ROUTE].contains(&plugin.within)) {
        doubts.push(Doubt { line: remote.line, within: plugin.within, message: FETCHED.to_owned() });
    }
    for Open { within, names, value, remedy } in OPEN {
        let Some(setting) = node.get(names).filter(|_| within.contains(&plugin.within)) else { continue };
        let (is_open, shown) = match value {
            Some((name, number)) => (has_value(setting, name, number), name),
            None => (is_true(setting), "true"),
        };
        if is_open {
            let name = names.first().copied().unwrap_or_default();
            let message = format!("`{name}: {shown}` {CONSEQUENCE}; {remedy}");
            doubts.push(Doubt { line: setting.line, within: plugin.within, message });
        }
    }
}

const FETCHED: &str = "`module.remote`: a fetch that fails lets requests pass without this filter: none is blocked, and \
                       the upstream's CORS headers reach every page; write `module.local`, or `nack_on_cache_miss: true` \
                       beside `module` (Envoy 1.39 and newer)";

/// Where the module of a filter is fetched from, if requests pass until it is there.
fn fetched(filter: &Node) -> Option<&Node> {
    let config = filter.get(&module::CONFIG)?;
    let nack = config.get(&["nack_on_cache_miss", "nackOnCacheMiss"]);
    if nack.is_some_and(is_true) { None } else { at(config, &["module", "remote"]) }
}
