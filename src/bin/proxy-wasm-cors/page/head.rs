//! The requests of a call, as the filter sees them.

use std::collections::BTreeMap;

use proxy_wasm_cors::request::RequestHead;

use crate::ExplainArgs;
use crate::page::browser::{Call, site};

/// The scheme by which the API is called.
pub(crate) const SCHEME: &str = "https";

/// The head of a request that a browser or a server would send.
pub(crate) struct Head {
    headers: BTreeMap<&'static str, String>,
    route: Option<String>,
}

impl Head {
    /// A request without `Origin`.
    pub(crate) fn new(args: &ExplainArgs, method: &str) -> Self {
        let headers = BTreeMap::from([
            (":method", method.to_owned()),
            (":authority", args.host.clone()),
            (":path", args.path.clone()),
            (":scheme", SCHEME.to_owned()),
        ]);
        Self { headers, route: args.route.clone() }
    }

    /// The request of a page.
    pub(crate) fn request(args: &ExplainArgs, call: &Call<'_>) -> Self {
        Self::without_origin(args, call, call.sent_method()).with("origin", call.origin)
    }

    /// The request of a page, of which the browser says only how the page stands to the API.
    pub(crate) fn without_origin(args: &ExplainArgs, call: &Call<'_>, method: &str) -> Self {
        Self::new(args, method).with("sec-fetch-site", site(call.origin, SCHEME, &args.host))
    }

    /// The request before it that asks for permission: <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>.
    pub(crate) fn preflight(args: &ExplainArgs, call: &Call<'_>) -> Self {
        let head = Self::without_origin(args, call, "OPTIONS").with("origin", call.origin);
        let head = head.with("access-control-request-method", call.sent_method());
        if call.headers.is_empty() {
            return head;
        }
        head.with("access-control-request-headers", &call.headers.join(","))
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
