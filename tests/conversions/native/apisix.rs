//! APISIX's plugin `cors`, by its published rules:
//! <https://github.com/apache/apisix/blob/master/apisix/plugins/cors.lua>.

use serde_json::Value;

use super::super::case::{items, texts};
use super::super::support::http::Request;
use super::{Answer, Product, header, is_found, is_host_of};

/// Routes, each with its plugin.
pub(crate) struct Apisix(Vec<Route>);

struct Route {
    hosts: Vec<String>,
    uris: Vec<String>,
    config: Option<Value>,
}

impl Apisix {
    /// ApisixRoutes, routes of the Admin API, and `apisix.yaml`.
    pub(crate) fn of(documents: &[Value]) -> Self {
        let mut routes = Vec::new();
        for document in documents {
            for http in items(&document["spec"]["http"]) {
                let found = items(&http["plugins"]).find(|plugin| plugin["name"] == "cors");
                let config =
                    found.filter(|plugin| plugin["enable"] != false).map(|plugin| plugin["config"].clone());
                routes.push(Route {
                    hosts: texts(&http["match"]["hosts"]),
                    uris: texts(&http["match"]["paths"]),
                    config,
                });
            }
            let whole = [document.clone()];
            let listed = document["routes"].as_array().map_or(&whole[..], Vec::as_slice);
            routes.extend(
                listed
                    .iter()
                    .filter(|route| route["uri"].is_string() || route["uris"].is_array())
                    .map(Route::of),
            );
        }
        // The longest path first, as the router.
        routes.sort_by_key(|route| std::cmp::Reverse(route.uris.iter().map(String::len).max()));
        Self(routes)
    }
}

impl Route {
    fn of(route: &Value) -> Self {
        let either = |one: &str, several: &str| {
            let one = route[one].as_str().map(str::to_owned);
            one.into_iter().chain(texts(&route[several])).collect()
        };
        let config = &route["plugins"]["cors"];
        let is_on = config.is_object() && config["_meta"]["disable"] != true;
        Self {
            hosts: either("host", "hosts"),
            uris: either("uri", "uris"),
            config: is_on.then(|| config.clone()),
        }
    }

    fn matches(&self, request: &Request) -> bool {
        let is_uri = |uri: &String| match uri.strip_suffix('*') {
            Some(prefix) => request.path.starts_with(prefix),
            None => request.path == *uri,
        };
        is_host_of(request, &self.hosts) && (self.uris.is_empty() || self.uris.iter().any(is_uri))
    }
}

impl Product for Apisix {
    fn answer(&self, request: &Request) -> Answer {
        let route = self.0.iter().find(|route| route.matches(request));
        let Some(config) = route.and_then(|route| route.config.as_ref()) else { return Answer::Untouched };
        let headers = headers(config, request);
        if request.method == "OPTIONS" { Answer::Replied(headers) } else { Answer::Set(headers) }
    }
}

/// `header_filter`
fn headers(config: &Value, request: &Request) -> Vec<(&'static str, String)> {
    let Some(origin) = allowed(config, &header(request, "origin")) else { return Vec::new() };
    let text = |field: &str, default: &str| config[field].as_str().unwrap_or(default).to_owned();
    let methods = match text("allow_methods", "*") {
        methods if methods == "**" => "GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS,CONNECT,TRACE".to_owned(),
        methods => methods,
    };
    let names = match text("allow_headers", "*") {
        names if names == "**" => header(request, "access-control-request-headers"),
        names => names,
    };
    let mut headers = vec![
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", methods),
        ("access-control-allow-headers", names),
        ("access-control-max-age", config["max_age"].as_i64().unwrap_or(5).to_string()),
    ];
    let exposed = text("expose_headers", "");
    if !exposed.is_empty() {
        headers.push(("access-control-expose-headers", exposed));
    }
    if config["allow_credential"] == true {
        headers.push(("access-control-allow-credentials", "true".to_owned()));
    }
    headers
}

/// `process_with_allow_origins`, `process_with_allow_origins_by_regex` and `match_origins`
fn allowed(config: &Value, origin: &str) -> Option<String> {
    let regexes = texts(&config["allow_origins_by_regex"]);
    if !regexes.is_empty() {
        return is_found(&regexes.join("|"), origin).then(|| origin.to_owned());
    }
    match config["allow_origins"].as_str().unwrap_or("*") {
        "**" => Some(origin.to_owned()),
        "*" => Some("*".to_owned()),
        origins => origins.split(',').any(|listed| listed == origin).then(|| origin.to_owned()),
    }
}
