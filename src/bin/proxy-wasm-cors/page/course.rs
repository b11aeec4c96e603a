//! The course that a call takes under policies: its requests, the filter's answers, and what the page gets in the end.

use proxy_wasm_cors::policy::decision::Action;
use proxy_wasm_cors::policy::response_edits::ResponseEdits;
use proxy_wasm_cors::policy::set::{Outcome, PolicySet};
use proxy_wasm_cors::request::method::is_forbidden;

use super::call::{Call, Way};
use super::checks::{Failure, Headers, cors_check, preflight_check};
use super::head::{Head, Target};

/// The course of a call.
pub(crate) struct Course {
    pub(crate) kind: Kind,
    /// The request for permission.
    pub(crate) preflight: Option<Exchange>,
    /// The call itself, if it is made for certain.
    pub(crate) request: Option<Exchange>,
    /// What the page gets.
    pub(crate) end: End,
}

/// What kind of call it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No script may make it, for this reason.
    NotMade(String),
    /// The page is of the API's own origin.
    SameOrigin,
    /// The handshake of a WebSocket, to which CORS does not apply.
    WebSocket,
    /// <https://fetch.spec.whatwg.org/#cors-request>
    Cors,
    /// The same after a preflight, which is needed for this reason.
    CorsAfterPreflight(String),
    /// Not a page but a server, a cron job or curl makes it.
    Server,
}

/// A request and what the filter does with it.
pub(crate) struct Exchange {
    pub(crate) head: Head,
    pub(crate) outcome: Outcome,
    pub(crate) answer: Answer,
}

/// What the browser gets.
pub(crate) enum Answer {
    /// The status, 200 for the upstream's, and the CORS headers.
    Known(u16, Vec<(String, String)>),
    /// The upstream's own answer, of which nothing is known here.
    Upstreams,
}

/// What the page gets in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The answer.
    Reads,
    /// An error, for this reason.
    Blocked(String),
    /// What the upstream's own headers say.
    Upstream,
}

impl Course {
    /// The course of a page's call.
    pub(crate) fn of(policies: &PolicySet, target: &Target, call: &Call) -> Self {
        if is_forbidden(call.method.as_bytes()) {
            let why = format!("no script may use the method `{}`", call.method);
            let end = End::Blocked(why.clone());
            return Self { kind: Kind::NotMade(why), preflight: None, request: None, end };
        }
        match call.way {
            Way::WebSocket => Self::of_handshake(policies, target, call),
            Way::Fetch if target.is_own_origin(&call.origin) => Self::in_own_origin(policies, target, call),
            Way::Fetch => Self::across_origins(policies, target, call),
        }
    }

    /// The course of a call that does not come from a browser.
    pub(crate) fn of_server(policies: &PolicySet, target: &Target, method: &str) -> Self {
        let request = Some(Exchange::of(policies, Head::new(target, method)));
        Self { kind: Kind::Server, preflight: None, request, end: End::Reads }
    }

    /// <https://fetch.spec.whatwg.org/#append-a-request-origin-header>
    fn in_own_origin(policies: &PolicySet, target: &Target, call: &Call) -> Self {
        let head = match call.sent_method() {
            method @ ("GET" | "HEAD") => Head::without_origin(target, call, method),
            _ => Head::request(target, call),
        };
        let request = Some(Exchange::of(policies, head));
        Self { kind: Kind::SameOrigin, preflight: None, request, end: End::Reads }
    }

    fn of_handshake(policies: &PolicySet, target: &Target, call: &Call) -> Self {
        let exchange = Exchange::of(policies, Head::request(target, call));
        let end = match exchange.outcome.decision.action {
            Action::Reply { status, .. } => End::Blocked(format!("the handshake was answered with {status}")),
            Action::Forward => End::Reads,
        };
        Self { kind: Kind::WebSocket, preflight: None, request: Some(exchange), end }
    }

    fn across_origins(policies: &PolicySet, target: &Target, call: &Call) -> Self {
        let mut course = Self { kind: Kind::Cors, preflight: None, request: None, end: End::Upstream };
        if let Some(why) = call.needs_preflight() {
            course.kind = Kind::CorsAfterPreflight(why);
            let preflight = Exchange::of(policies, Head::preflight(target, call));
            course.end = preflight.answer.end(|status, headers| preflight_check(call, status, headers));
            course.preflight = Some(preflight);
            if course.end != End::Reads {
                return course;
            }
        }
        let request = Exchange::of(policies, Head::request(target, call));
        course.end = request.answer.end(|_, headers| cors_check(call, headers));
        course.request = Some(request);
        course
    }

    /// The last exchange, whose decision is the one that counts.
    pub(crate) fn last(&self) -> Option<&Exchange> {
        self.request.as_ref().or(self.preflight.as_ref())
    }
}

impl Exchange {
    /// What the filter does with a request.
    pub(crate) fn of(policies: &PolicySet, head: Head) -> Self {
        let outcome = policies.decide(&head);
        let answer = match (&outcome.decision.response, outcome.decision.action) {
            (Some(edits), Action::Forward) if !edits.is_vary_alone => Answer::Known(200, headers_of(edits)),
            (Some(edits), Action::Reply { status, .. }) => Answer::Known(status, headers_of(edits)),
            _ => Answer::Upstreams,
        };
        Self { head, outcome, answer }
    }

    /// What the filter sets in the answer.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        self.outcome.decision.response.as_ref().map(headers_of).unwrap_or_default()
    }
}

impl Answer {
    fn end(&self, check: impl FnOnce(u16, &Headers) -> Result<(), Failure>) -> End {
        match self {
            Self::Known(status, headers) => {
                check(*status, headers).map_or_else(|failure| End::Blocked(failure.why), |()| End::Reads)
            }
            Self::Upstreams => End::Upstream,
        }
    }
}

fn headers_of(edits: &ResponseEdits) -> Vec<(String, String)> {
    let cors = edits.headers().filter_map(|(name, value)| Some((name, value?.to_owned())));
    let vary = edits.vary.names().collect::<Vec<_>>().join(", ");
    let status = edits.proxy_status.iter().map(|status| ("proxy-status", status.as_str().to_owned()));
    let headers = cors.chain(status).chain((!vary.is_empty()).then_some(("vary", vary)));
    headers.map(|(name, value)| (name.to_owned(), value)).collect()
}
