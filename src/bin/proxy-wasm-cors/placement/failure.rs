//! What happens to requests while the plugin is down.

use super::Doubt;
use super::filter::{has_value, is_true};
use super::ours::Ours;
use crate::document::Node;

const CONSEQUENCE: &str = "lets requests pass without this filter while the plugin is down: none is blocked, and the \
                           upstream's CORS headers reach every page";

/// What is doubtful about a plugin, if the node is the filter's.
///
/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/wasm/v3/wasm.proto#envoy-v3-api-enum-extensions-wasm-v3-failurepolicy>
pub(super) fn look_at(node: &Node, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let Some(plugin) = ours.plugin(node) else { return };
    // Each platform has its own name for it, and no other is read by it.
    let (names, open, remedy): (&[&str], _, _) = match plugin.within {
        "Envoy Wasm filter" => {
            (&["failure_policy", "failurePolicy"], 3.0, "write `FAIL_RELOAD`, or `FAIL_CLOSED`")
        }
        "EnvoyExtensionPolicy" => (&[], 0.0, "write `failOpen: false`"),
        _ => (&["failStrategy"], 1.0, "write `FAIL_RELOAD`, or `FAIL_CLOSE`"),
    };
    let mut doubt = |line, name: &str, remedy: &str| {
        let message = format!("`{name}` {CONSEQUENCE}; {remedy}");
        doubts.push(Doubt { line, within: plugin.within, message });
    };
    if let Some(setting) = node.get(names).filter(|it| has_value(it, "FAIL_OPEN", open)) {
        doubt(setting.line, "FAIL_OPEN", remedy);
    }
    for name in ["fail_open", "failOpen"] {
        let remedy = if names.is_empty() { remedy } else { "write `failure_policy: FAIL_RELOAD` instead" };
        if let Some(setting) = node.get(&[name]).filter(|_| is_true(node, &[name])) {
            doubt(setting.line, &format!("{name}: true"), remedy);
        }
    }
}
