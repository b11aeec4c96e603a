//! The HTTP filters of Envoy: which kind an entry of a list is, and which kinds answer by themselves.

use proxy_wasm_cors::config::Value;

use super::any;
use crate::files::document::Node;

/// Where an entry has its configuration.
pub(super) const TYPED_CONFIG: &[&str] = &["typed_config", "typedConfig"];

/// Where an entry says from where its configuration is fetched.
pub(super) const DISCOVERY: &[&str] = &["config_discovery", "configDiscovery"];

/// The kind of filter that is a dynamic module.
pub(super) const MODULE: &str = "dynamic_modules";

/// The kinds of filter that can answer a request instead of passing it on, and when they do.
///
/// Without those that run other people's code (`ext_proc`, `lua`, `wasm`, ...), which a file does not show.
const ANSWERING: &[(&str, &str)] = &[
    ("adaptive_concurrency", "too many requests at once"),
    ("admission_control", "requests beyond what the upstream can take"),
    ("api_key_auth", "a missing or unknown key"),
    ("basic_auth", "a missing or wrong password"),
    ("buffer", "bodies that are too large"),
    ("cache", ""),
    ("cache_v2", ""),
    ("csrf", "requests from pages that it does not know"),
    ("ext_authz", "requests that the authorization service refuses"),
    ("fault", "requests for which it injects a fault"),
    ("file_server", "requests for files"),
    ("health_check", "health checks"),
    ("jwt_authn", "a missing or invalid token"),
    ("local_ratelimit", "requests beyond the limit"),
    ("oauth2", "users who are not logged in"),
    ("rate_limit_quota", "requests beyond the quota"),
    ("ratelimit", "requests beyond the limit"),
    ("rbac", "requests that its rules forbid"),
];

/// What an entry answers by itself, if it does: `Some("")` for a cache, which answers everything that can be kept.
pub(super) fn answers(entry: &Node) -> Option<&'static str> {
    let answer = |kind: &str| ANSWERING.iter().find(|(it, _)| *it == kind).map(|(_, what)| *what);
    let kind = kind(entry)?;
    // What it chooses from is filters of any kind.
    if kind == "composite" { in_composite(entry, &answer) } else { answer(kind) }
}

fn in_composite(node: &Node, answer: &dyn Fn(&str) -> Option<&'static str>) -> Option<&'static str> {
    let here = kind_by_type(node).and_then(answer);
    here.or_else(|| node.children().into_iter().find_map(|child| in_composite(child, answer)))
}

/// The kind of filter that an entry is, as Envoy's documentation names it, such as `jwt_authn`.
///
/// The type decides; a name may be anything, and is that of the kind only by custom.
pub(super) fn kind(entry: &Node) -> Option<&str> {
    let by_type = entry.get(TYPED_CONFIG).and_then(kind_by_type);
    let name = || entry.get(&["name"]).and_then(Node::text).and_then(kind_in);
    by_type.or_else(|| fetched_kinds(entry).first().copied()).or_else(name)
}

/// The kinds of filter that an entry may fetch.
pub(super) fn fetched_kinds(entry: &Node) -> Vec<&str> {
    let types = entry.get(DISCOVERY).and_then(|source| source.get(&["type_urls", "typeUrls"]));
    let types = types.map(Node::children).unwrap_or_default();
    types.into_iter().filter_map(Node::text).filter_map(kind_in).collect()
}

fn kind_by_type(config: &Node) -> Option<&str> {
    let url = type_of(config)?;
    // These wrap the configuration of another filter.
    if url.ends_with(".TypedStruct") {
        config.get(&["type_url", "typeUrl"]).and_then(Node::text).and_then(kind_in)
    } else if url.ends_with("config.route.v3.FilterConfig") {
        config.get(&["config"]).and_then(kind_by_type)
    } else if url.ends_with(".ExtensionWithMatcher") {
        let inner = config.get(&["extension_config", "extensionConfig"])?;
        inner.get(TYPED_CONFIG).and_then(kind_by_type)
    } else {
        kind_in(url)
    }
}

/// The URL of a message's type.
pub(super) fn type_of(message: &Node) -> Option<&str> {
    message.get(&["@type"]).and_then(Node::text)
}

/// `jwt_authn` in `envoy.filters.http.jwt_authn` and in `envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication`;
/// types of the API's version 2 begin with `envoy.config.filter.http`.
fn kind_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("filters.http.").or_else(|| text.split_once("filter.http."))?;
    rest.split('.').next()
}

/// Whether an entry is off, and nothing in the connection manager can switch it on.
pub(super) fn is_off(entry: &Node, manager: &Node) -> bool {
    let Some(name) = entry.get(&["name"]).and_then(Node::text) else { return false };
    let per_filter = &["typed_per_filter_config", "typedPerFilterConfig"];
    let is_named = |node: &Node| node.get(per_filter).is_some_and(|configs| configs.get(&[name]).is_some());
    let is_whole = manager.get(&["route_config", "routeConfig"]).is_some();
    entry.get(&["disabled"]).is_some_and(is_true) && is_whole && !any(manager, &is_named)
}

/// Whether a flag is set.
pub(super) fn is_true(flag: &Node) -> bool {
    match flag.to_value() {
        Value::Bool(flag) => flag,
        // Not for YAML 1.2, but for the readers of Envoy and of Kubernetes.
        Value::Text(text) => ["true", "yes", "on"].contains(&text.to_ascii_lowercase().as_str()),
        _ => false,
    }
}

/// Whether a setting has a value, which may be written as its name or its number.
pub(super) fn has_value(setting: &Node, name: &str, number: f64) -> bool {
    match setting.to_value() {
        Value::Text(text) => text == name,
        Value::Number(it) => it.total_cmp(&number).is_eq(),
        _ => false,
    }
}
