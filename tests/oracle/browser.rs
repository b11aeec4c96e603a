//! A browser: what it does with a call that a script makes, step by step as the Fetch Standard says. The quoted steps
//! are those of <https://fetch.spec.whatwg.org/>; what a CORS filter cannot influence (redirects, service workers,
//! bodies, caches) is left out. It shares no code with the filter.

use std::collections::BTreeSet;

use super::call::{Call, Credentials};
use super::cors_check::{cors_check, preflight_check, tao_check};
use super::fetch_request::FetchRequest;
use super::header_list::extract_header_list_values;
use super::support::http::{Request, Response};

/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
const SAFELISTED_RESPONSE_HEADERS: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// Two kinds of browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    /// One that does what the standard says.
    Strict,
    /// One that lets a literal `*` in `Access-Control-Allow-Headers` cover `Authorization`, as all that are shipped.
    Lenient,
}

/// What answers requests.
pub(crate) trait Server {
    /// The answer to a request.
    fn answer(&mut self, request: &Request) -> Reply;
}

/// An answer, and what is known of how it came to be.
pub(crate) struct Reply {
    pub(crate) response: Response,
    /// Whether the upstream saw the request.
    pub(crate) is_forwarded: bool,
    /// What the filter said of it; `None` where that is not looked at.
    pub(crate) verdict: Option<String>,
}

/// One request on the network and its answer.
pub(crate) struct Exchange {
    pub(crate) is_preflight: bool,
    pub(crate) request: Request,
    pub(crate) reply: Reply,
}

/// What the script gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A `TypeError` before anything is sent.
    Unsendable,
    /// <https://fetch.spec.whatwg.org/#concept-network-error>
    NetworkError,
    /// A response: the names of the headers that the script can read.
    Response(BTreeSet<String>),
}

/// A call from its start to its end.
pub(crate) struct Fetched {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) outcome: Outcome,
    /// Whether the script can read how long the response took, <https://w3c.github.io/resource-timing/>.
    pub(crate) may_read_timing: bool,
}

impl Browser {
    /// <https://fetch.spec.whatwg.org/#dom-global-fetch>
    pub(crate) fn fetch(self, call: &Call<'_>, server: &mut impl Server) -> Fetched {
        let mut network = Network { server, exchanges: Vec::new() };
        // "If method is not a method or method is a forbidden method, then throw a TypeError."
        let request = FetchRequest::new(call);
        let outcome = match &request {
            Some(request) => self.main_fetch(request, &mut network),
            None => Outcome::Unsendable,
        };
        let exchanges = network.exchanges;
        let may_read_timing = match (&outcome, &request, exchanges.last()) {
            (Outcome::Response(_), Some(request), Some(last)) => tao_check(request, &last.reply.response),
            _ => false,
        };
        Fetched { exchanges, outcome, may_read_timing }
    }

    /// <https://fetch.spec.whatwg.org/#concept-main-fetch>
    fn main_fetch(self, request: &FetchRequest<'_>, network: &mut Network<'_, impl Server>) -> Outcome {
        // "request's current URL's origin is same origin with request's origin [...]: set request's response
        // tainting to `basic`." Set-Cookie is all that a basic filtered response leaves out.
        if request.is_same_origin() {
            let response = network.send(false, request.to_http("basic"));
            return Outcome::Response(readable(response, |_| true));
        }
        // "request's unsafe-request flag is set and either request's method is not a CORS-safelisted method or
        // CORS-unsafe request-header names with request's header list is not empty": with preflight. The flag is
        // always set for a script's request.
        let makes_cors_preflight = !request.is_method_cors_safelisted()
            || !request.cors_unsafe_request_header_names().is_empty()
            // <https://wicg.github.io/private-network-access/#cors-preflight>
            || request.call.is_into_private_network;
        self.http_fetch(request, makes_cors_preflight, network)
    }

    /// <https://fetch.spec.whatwg.org/#concept-http-fetch>
    fn http_fetch(
        self,
        request: &FetchRequest<'_>,
        makes_cors_preflight: bool,
        network: &mut Network<'_, impl Server>,
    ) -> Outcome {
        // "Let preflightResponse be the result of running CORS-preflight fetch given request. If preflightResponse is
        // a network error, then return preflightResponse."
        if makes_cors_preflight {
            let preflight = network.send(true, request.to_preflight());
            if !preflight_check(self, request, preflight) {
                return Outcome::NetworkError;
            }
        }
        let response = network.send(false, request.to_http("cors"));
        // "If request's response tainting is `cors` and a CORS check for request and response returns failure, then
        // return a network error."
        if !cors_check(request, response) {
            return Outcome::NetworkError;
        }
        Outcome::Response(cors_filtered(request, response))
    }
}

/// The names that a CORS filtered response leaves: <https://fetch.spec.whatwg.org/#concept-filtered-response-cors>.
pub(crate) fn cors_filtered(request: &FetchRequest<'_>, response: &Response) -> BTreeSet<String> {
    // "Let headerNames be the result of extracting header list values given `Access-Control-Expose-Headers` and
    // response's header list."
    let header_names = extract_header_list_values("access-control-expose-headers", &response.head);
    let header_names = header_names.and_then(Result::ok).unwrap_or_default();
    // "If request's credentials mode is not `include` and headerNames contains `*`, then set response's CORS-exposed
    // header-name list to all unique header names in response's header list. Otherwise [...] to headerNames."
    let exposes_all =
        request.call.credentials != Credentials::Include && header_names.iter().any(|name| name == "*");
    readable(response, |name| {
        exposes_all
            || SAFELISTED_RESPONSE_HEADERS.contains(&name)
            || header_names.iter().any(|exposed| exposed.eq_ignore_ascii_case(name))
    })
}

/// The header names of a response that scripts can see, without forbidden response-header names, which they never see.
fn readable(response: &Response, is_shown: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let names = response.head.headers.iter().map(|(name, _)| name.as_str());
    let shown = names.filter(|name| !matches!(*name, "set-cookie" | "set-cookie2") && is_shown(name));
    shown.map(str::to_owned).collect()
}

struct Network<'a, S> {
    server: &'a mut S,
    exchanges: Vec<Exchange>,
}

impl<S: Server> Network<'_, S> {
    fn send(&mut self, is_preflight: bool, request: Request) -> &Response {
        let reply = self.server.answer(&request);
        self.exchanges.push(Exchange { is_preflight, request, reply });
        let last = self.exchanges.last().expect("one was pushed");
        &last.reply.response
    }
}
