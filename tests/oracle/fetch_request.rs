//! A request in the Fetch Standard's sense: <https://fetch.spec.whatwg.org/#concept-request>.

use super::call::{API_ORIGIN, Call, Credentials};
use super::request_header::{cors_unsafe_request_header_names, is_forbidden_request_header, is_token};
use super::support::http::Request;

/// A script's request, ready to be fetched.
pub(crate) struct FetchRequest<'a> {
    pub(crate) call: &'a Call<'a>,
    /// Normalized.
    pub(crate) method: String,
    /// The header list.
    pub(crate) headers: Vec<(&'a str, &'a str)>,
}

impl<'a> FetchRequest<'a> {
    /// <https://fetch.spec.whatwg.org/#dom-request>; `None` for a `TypeError`.
    pub(crate) fn new(call: &'a Call<'a>) -> Option<Self> {
        // "If method is not a method or method is a forbidden method, then throw a TypeError. Normalize method."
        let written = call.method.written;
        if !is_token(written) || is_forbidden_method(written) {
            return None;
        }
        // "If headers's guard is `request` and (name, value) is a forbidden request-header, then return false": such a
        // header is left out without a word.
        let lines = call.headers.lines.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = lines.filter(|(name, _)| !is_forbidden_request_header(name)).collect();
        Some(Self { call, method: normalize(written), headers })
    }

    /// Whether "request's current URL's origin is same origin with request's origin".
    pub(crate) fn is_same_origin(&self) -> bool {
        self.call.origin == API_ORIGIN.as_bytes()
    }

    /// <https://fetch.spec.whatwg.org/#cors-safelisted-method>
    pub(crate) fn is_method_cors_safelisted(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "POST")
    }

    /// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
    pub(crate) fn cors_unsafe_request_header_names(&self) -> Vec<String> {
        cors_unsafe_request_header_names(&self.headers)
    }

    /// <https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch>, as far as it makes the request's head.
    pub(crate) fn to_http(&self, response_tainting: &str) -> Request {
        let mut request = Request::new(&self.method, self.call.path).authority(self.call.authority);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        // "If request's response tainting is `cors` [...], then append (`Origin`, serializedOrigin). Otherwise, if
        // request's method is neither `GET` nor `HEAD`", likewise.
        if response_tainting == "cors" || !matches!(self.method.as_str(), "GET" | "HEAD") {
            request = request.header("Origin", self.call.origin);
        }
        // "Let includeCredentials be true if [...] request's credentials mode is `include`; request's credentials mode
        // is `same-origin` and request's response tainting is `basic`".
        let includes_credentials = match self.call.credentials {
            Credentials::Include => true,
            Credentials::SameOrigin => response_tainting == "basic",
            Credentials::Omit => false,
        };
        if includes_credentials { request.header("Cookie", "session=1") } else { request }
    }

    /// The preflight of <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, steps 1 to 5.
    pub(crate) fn to_preflight(&self) -> Request {
        // 1. "Let preflight be a new request whose method is `OPTIONS`, [...] origin is request's origin".
        let preflight = Request::new("OPTIONS", self.call.path).authority(self.call.authority);
        // 2. "Append (`Accept`, `*/*`) to preflight's header list."
        let preflight = preflight.header("Accept", "*/*");
        // 3. "Append (`Access-Control-Request-Method`, request's method) to preflight's header list."
        let mut preflight = preflight.header("Access-Control-Request-Method", &self.method);
        // 4. "Let headers be the CORS-unsafe request-header names with request's header list."
        let headers = self.cors_unsafe_request_header_names();
        // 5. "If headers is not empty, then: let value be the items in headers separated from each other by `,`.
        // Append (`Access-Control-Request-Headers`, value) to preflight's header list."
        if !headers.is_empty() {
            preflight = preflight.header("Access-Control-Request-Headers", headers.join(","));
        }
        // <https://wicg.github.io/private-network-access/#cors-preflight>
        if self.call.is_into_private_network {
            preflight = preflight.header("Access-Control-Request-Private-Network", "true");
        }
        preflight.header("Origin", self.call.origin)
    }
}

/// <https://fetch.spec.whatwg.org/#forbidden-method>
fn is_forbidden_method(method: &str) -> bool {
    matches!(method.to_ascii_uppercase().as_str(), "CONNECT" | "TRACE" | "TRACK")
}

/// "If method is a byte-case-insensitive match for `DELETE`, `GET`, `HEAD`, `OPTIONS`, `POST`, or `PUT`, byte-uppercase
/// it": <https://fetch.spec.whatwg.org/#concept-method-normalize>.
fn normalize(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    match upper.as_str() {
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" => upper,
        _ => method.to_owned(),
    }
}
