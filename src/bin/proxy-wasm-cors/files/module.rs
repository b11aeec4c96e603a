//! Filters of Envoy by dynamic modules:
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/dynamic_modules/v3/dynamic_modules.proto>

use crate::files::document::Node;

/// The field that only these have: which module it is.
pub(crate) const CONFIG: [&str; 2] = ["dynamic_module_config", "dynamicModuleConfig"];

/// What a configuration is said to stand in.
pub(crate) const FILTER: &str = "Envoy dynamic module filter";
pub(crate) const ROUTE: &str = "Envoy dynamic module filter of a route";

/// Whether it is the configuration that a route, a virtual host or a route table has for a filter.
pub(crate) fn is_of_route(filter: &Node) -> bool {
    let kind = filter.get(&["@type"]).and_then(Node::text);
    kind.is_some_and(|kind| kind.ends_with(".DynamicModuleFilterPerRoute"))
}
