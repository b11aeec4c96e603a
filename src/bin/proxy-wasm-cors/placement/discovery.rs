//! A filter that Envoy fetches: <https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension>

use super::Doubt;
use super::filter::DISCOVERY;
use super::ours::Ours;
use crate::files::document::Node;

const MISSING: &str = "has no `default_config`: an Envoy that starts while the policy is refused answers every request \
                       with 500; add a `default_config` with this filter and a policy that allows no page, such as \
                       `allow_origins: [\"https://nobody.invalid\"]`";

/// What is doubtful about a source of the filter, if the node is one.
pub(super) fn look_at(node: &Node, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let Some(source) = node.get(DISCOVERY).filter(|_| ours.is_source(node)) else { return };
    if source.get(&["default_config", "defaultConfig"]).is_none() {
        let message = format!("`config_discovery` {MISSING}");
        doubts.push(Doubt { line: source.line, within: "Envoy extension config source", message });
    }
}
