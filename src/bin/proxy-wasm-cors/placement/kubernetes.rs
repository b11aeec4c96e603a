//! Resources of Istio that say before what the filter runs.

use super::filter;
use super::ours::Ours;
use super::{Doubt, at};
use crate::files::document::Node;

/// What is doubtful about a resource, if the node is one with the filter in it.
pub(super) fn look_at(node: &Node, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let kind = node.get(&["kind"]).and_then(Node::text);
    let Some(spec) = node.get(&["spec"]) else { return };
    match kind {
        Some("WasmPlugin") if ours.plugin(spec).is_some() => phase("WasmPlugin", spec, doubts),
        Some("TrafficExtension") if spec.get(&["wasm"]).is_some_and(|it| ours.plugin(it).is_some()) => {
            phase("TrafficExtension", spec, doubts);
        }
        Some("EnvoyFilter") => {
            let patches = spec.get(&["configPatches"]).map(Node::children).unwrap_or_default();
            doubts.extend(patches.into_iter().filter_map(|patch| order(patch, ours)));
        }
        _ => {}
    }
}

/// <https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/#PluginPhase>
fn phase(within: &'static str, spec: &Node, doubts: &mut Vec<Doubt>) {
    let written = spec.get(&["phase"]);
    if written.and_then(Node::text) == Some("AUTHN") {
        return;
    }
    let fault = "this filter runs after authentication, which refuses preflights because they carry no credentials, \
        and its answers have no CORS headers; write `phase: AUTHN`";
    let (line, start) = match written {
        Some(phase) => (phase.line, "`phase` is not `AUTHN`"),
        None => (spec.line, "there is no `phase`"),
    };
    doubts.push(Doubt { line, within, message: format!("{start}: {fault}") });
}

/// <https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation>
fn order(patch: &Node, ours: &Ours<'_>) -> Option<Doubt> {
    at(patch, &["patch", "value"]).filter(|value| ours.is_filter(value))?;
    let operation = at(patch, &["patch", "operation"])?;
    let neighbour = at(patch, &["match", "listener", "filterChain", "filter", "subFilter"])?;
    let is_late = match operation.text()? {
        "INSERT_BEFORE" => filter::kind(neighbour) == Some("router"),
        "INSERT_AFTER" => filter::answers(neighbour).is_some(),
        _ => false,
    };
    let name = neighbour.get(&["name"]).and_then(Node::text).unwrap_or_default();
    let message = format!(
        "`{}` of `{}` puts this filter behind filters that answer requests themselves, such as authentication, so \
            these answers have no CORS headers; write `INSERT_FIRST`",
        operation.text()?,
        name.escape_debug(),
    );
    is_late.then_some(Doubt { line: operation.line, within: "EnvoyFilter", message })
}
