//! An HTTP connection manager of Envoy that has the filter in its list.

use super::filter::{self, has_value, type_of};
use super::ours::Ours;
use super::{Doubt, routes, upgrades, visit};
use crate::files::document::Node;

/// The name of the connection manager in findings.
pub(super) const WITHIN: &str = "Envoy HTTP connection manager";

const HTTP_FILTERS: &[&str] = &["http_filters", "httpFilters"];

/// A connection manager and the filters in it.
pub(super) struct Manager<'a> {
    pub(super) node: &'a Node,
    filters: Vec<&'a Node>,
}

/// What is doubtful about a connection manager, if the node is one with the filter in it.
pub(super) fn look_at(node: &Node, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let Some(filters) = node.get(HTTP_FILTERS).map(Node::children) else { return };
    if !filters.iter().any(|entry| ours.is_filter(entry)) {
        return;
    }
    let manager = Manager { node, filters };
    before(&manager.filters, &manager, ours, doubts);
    beside(&manager, ours, doubts);
    escaped_slashes(node, doubts);
    upgrades::look_at(&manager, ours, doubts);
    for plugin in ours.plugins(node) {
        routes::look_at(node, plugin, doubts);
    }
}

/// What stands before the filter in a list and keeps requests from it.
pub(super) fn before(filters: &[&Node], manager: &Manager<'_>, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let Some(last) = filters.iter().rposition(|entry| ours.is_filter(entry)) else { return };
    let is_module = filters.get(last).is_some_and(|entry| ours.is_module(entry));
    for entry in filters.iter().take(last) {
        if ours.is_filter(entry) || filter::is_off(entry, manager.node) {
            continue;
        }
        if let Some(fault) = fault_before(entry, is_module) {
            let message = format!("{} {fault}", name_of(entry));
            doubts.push(Doubt { line: entry.line, within: WITHIN, message });
        }
    }
}

fn fault_before(entry: &Node, is_module: bool) -> Option<String> {
    if filter::kind(entry) == Some("router") {
        let fault = "stands before this filter, but has to be the last filter, or Envoy does not start; move it to \
            the end";
        return Some(fault.to_owned());
    }
    Some(match filter::answers(entry)? {
        "" => "stands before this filter, which never sees a GET that the cache answers or sends to the upstream \
            itself: nothing is blocked, and the upstream's CORS headers reach every page; move this filter \
               before it"
            .to_owned(),
        // Its answers pass the module, which gives them their headers.
        what if is_module => format!(
            "stands before this filter and answers some requests itself ({what}), preflights included; move this filter \
             before it"
        ),
        what => format!(
            "stands before this filter and answers some requests itself ({what}); these answers have no CORS \
                headers; move this filter before it"
        ),
    })
}

fn name_of(entry: &Node) -> String {
    let name = entry.get(&["name"]).and_then(Node::text).or_else(|| filter::kind(entry));
    format!("`{}`", name.unwrap_or("(no name)").escape_debug())
}

/// Envoy's own CORS filter and its policies: <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter>
fn beside(manager: &Manager<'_>, ours: &Ours<'_>, doubts: &mut Vec<Doubt>) {
    let native = manager.filters.iter().find(|entry| filter::kind(entry) == Some("cors"));
    let native = native.filter(|entry| !filter::is_off(entry, manager.node));
    let is_only_watching = !manager.filters.iter().any(|entry| ours.acts(entry));
    // To show what would change, the filter may watch beside the one in force.
    if native.is_some() && is_only_watching {
        return;
    }
    if let Some(entry) = native {
        let message = format!(
            "{} is Envoy's own CORS filter: where a route has a `CorsPolicy`, both it and this filter decide; remove \
             one of them",
            name_of(entry)
        );
        doubts.push(Doubt { line: entry.line, within: WITHIN, message });
    }
    let message = match native {
        Some(_) => {
            "switches on Envoy's own CORS filter beside this one; keep only one: either put what it allows into this \
                filter's policy and remove it, or remove this filter"
        }
        None => {
            "is for Envoy's own CORS filter, which is not in this list of filters, so it does nothing; put what it \
                allows into this filter's policy, and remove it"
        }
    };
    for policy in native_policies(manager.node) {
        let message = format!("`CorsPolicy` {message}");
        doubts.push(Doubt { line: policy.line, within: "Envoy route configuration", message });
    }
}

fn native_policies(manager: &Node) -> Vec<&Node> {
    let mut policies = Vec::new();
    visit(manager, &mut |node| {
        if type_of(node).is_some_and(|url| url.ends_with(".cors.v3.CorsPolicy")) {
            policies.push(node);
        }
        // Deprecated, directly in a route or virtual host.
        let cors = node.get(&["cors"]);
        let origins = &["allow_origin_string_match", "allowOriginStringMatch"];
        policies.extend(cors.filter(|cors| type_of(cors).is_none() && cors.get(origins).is_some()));
    });
    policies
}

/// The ways to treat paths with `%2F` or `%5C`: number, name, and what is wrong with it.
///
/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto#envoy-v3-api-enum-extensions-filters-network-http-connection-manager-v3-httpconnectionmanager-pathwithescapedslashesaction>
const ESCAPED_SLASHES: [(f64, &str, &str); 4] = [
    (0.0, "IMPLEMENTATION_SPECIFIC_DEFAULT", KEPT),
    (1.0, "KEEP_UNCHANGED", KEPT),
    (
        2.0,
        "REJECT_REQUEST",
        "answers a path with `%2F` or `%5C` before any filter, with 400 and without CORS headers",
    ),
    (
        3.0,
        "UNESCAPE_AND_REDIRECT",
        "redirects paths with `%2F` or `%5C` before any filter, without CORS headers, and browsers do not follow \
            redirects of preflights",
    ),
];

const KEPT: &str = "can leave `%2F` and `%5C` in paths: if `paths` choose between policies, such a path can be \
    ambiguous, and then pages are denied (`path-not-normalized`)";

fn escaped_slashes(manager: &Node, doubts: &mut Vec<Doubt>) {
    let names = &["path_with_escaped_slashes_action", "pathWithEscapedSlashesAction"];
    let Some(setting) = manager.get(names) else { return };
    for (number, name, fault) in ESCAPED_SLASHES {
        if has_value(setting, name, number) {
            let message = format!("`{name}` {fault}; write `UNESCAPE_AND_FORWARD`");
            doubts.push(Doubt { line: setting.line, within: WITHIN, message });
        }
    }
}
