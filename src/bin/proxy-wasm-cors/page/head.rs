//! The requests of a call, as the filter sees them.

use std::collections::BTreeMap;

use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::own::is_own_origin;
use proxy_wasm_cors::origin::same_site::is_same_site;
use proxy_wasm_cors::policy::selector::host_of;
use proxy_wasm_cors::request::RequestHead;

use super::call::{Call, Way};

/// The scheme by which the API is called.
const SCHEME: &str = "https";

/// What is called if nothing else is given.
pub(crate) const DEFAULT_HOST: &str = "api.example.com";
/// The path, likewise.
pub(crate) const DEFAULT_PATH: &str = "/";

/// What is called, and what policies are chosen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The API's host, as in `:authority`.
    pub(crate) host: String,
    /// The path with its query.
    pub(crate) path: String,
    /// The name of the route that Envoy chooses.
    pub(crate) route: Option<String>,
}

impl Target {
    /// A call to this on one line, for people.
    pub(crate) fn told(&self, call: &Call) -> String {
        let host = if self.host == DEFAULT_HOST { "" } else { &self.host };
        let what = if call.way == Way::WebSocket { "WebSocket" } else { call.sent_method() };
        let route = self.route.as_ref().map(|route| format!(" by route `{route}`")).unwrap_or_default();
        let names: Vec<&str> = call.headers.iter().map(|header| header.name.as_str()).collect();
        let with = match (names.is_empty(), call.credentials) {
            (true, false) => String::new(),
            (true, true) => " with credentials".to_owned(),
            (false, false) => format!(" with {}", names.join(", ")),
            (false, true) => format!(" with {} and credentials", names.join(", ")),
        };
        format!("{}: {what} {host}{}{route}{with}", call.origin, self.path)
    }

    /// Whether the page is of the API's own origin.
    pub(crate) fn is_own_origin(&self, origin: &str) -> bool {
        is_own_origin(origin.as_bytes(), SCHEME.as_bytes(), self.host.as_bytes())
    }

    /// How the page relates to the API: <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>.
    fn site(&self, origin: &str) -> &'static str {
        if self.is_own_origin(origin) {
            return "same-origin";
        }
        let api = host_of(self.host.as_bytes().to_vec());
        let is_at_host = |page: &Origin<'_>| host_of(after_scheme(page.as_str()).into()) == api;
        let is_of_site =
            |page: &Origin<'_>| page.scheme() == SCHEME && (is_at_host(page) || is_same_site(page, &api));
        match Origin::parse(origin) {
            Some(page) if is_of_site(&page) => "same-site",
            _ => "cross-site",
        }
    }
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, authority)| authority)
}

/// The head of a request that a browser or a server would send.
pub(crate) struct Head {
    headers: BTreeMap<&'static str, String>,
    route: Option<String>,
}

impl Head {
    /// A request without `Origin`.
    pub(crate) fn new(target: &Target, method: &str) -> Self {
        let headers = BTreeMap::from([
            (":method", method.to_owned()),
            (":authority", target.host.clone()),
            (":path", target.path.clone()),
            (":scheme", SCHEME.to_owned()),
        ]);
        Self { headers, route: target.route.clone() }
    }

    /// The request of a page.
    pub(crate) fn request(target: &Target, call: &Call) -> Self {
        Self::without_origin(target, call, call.sent_method()).with("origin", &call.origin)
    }

    /// The request of a page; the browser only adds how the page relates to the API.
    pub(crate) fn without_origin(target: &Target, call: &Call, method: &str) -> Self {
        let head = Self::new(target, method).with("sec-fetch-site", target.site(&call.origin));
        if call.way == Way::WebSocket { head.with("upgrade", "websocket") } else { head }
    }

    /// The request before it that asks for permission: <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>.
    pub(crate) fn preflight(target: &Target, call: &Call) -> Self {
        let head = Self::without_origin(target, call, "OPTIONS").with("origin", &call.origin);
        let head = head.with("access-control-request-method", call.sent_method());
        let names = call.unsafe_header_names();
        if names.is_empty() { head } else { head.with("access-control-request-headers", &names.join(",")) }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    /// The value of a header or pseudo-header.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        self.headers.get(name).map(|value| value.as_bytes().to_vec())
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        self.route.as_ref().map(|route| route.as_bytes().to_vec())
    }
}
