//! Upgrades that have their own list of filters, such as WebSockets.

use super::Doubt;
use super::chain::{Manager, WITHIN, before};
use super::ours::Ours;
use crate::files::document::Node;

/// <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/upgrades>
pub(super) fn look_at(manager: &Manager<'_>, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let upgrades = manager.node.get(&["upgrade_configs", "upgradeConfigs"]);
    for upgrade in upgrades.map(Node::children).unwrap_or_default() {
        let Some(list) = upgrade.get(&["filters"]).filter(|list| is_for_pages(upgrade, list)) else {
            continue;
        };
        let filters = list.children();
        if filters.iter().any(|entry| ours.is_filter(entry)) {
            before(&filters, manager, ours, doubts);
        } else {
            doubts.push(Doubt { line: list.line, within: WITHIN, message: MISSING.to_owned() });
        }
    }
}

const MISSING: &str = "`filters` replaces the list for WebSockets, and this filter is not in it: a page from a \
    denied origin can open WebSockets, even with `block_denied_requests`; add this filter first, or remove \
                       `filters`";

/// A page can ask for no other upgrade, and an empty list replaces nothing.
fn is_for_pages(upgrade: &Node, list: &Node) -> bool {
    let kind = upgrade.get(&["upgrade_type", "upgradeType"]).and_then(Node::text);
    !list.children().is_empty() && kind.is_none_or(|kind| kind.eq_ignore_ascii_case("websocket"))
}
