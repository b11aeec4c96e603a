//! One request and its response: reads the head of the request, and edits the response.

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::Arc;

use proxy_wasm_cors::policy::decision::{Action, Decision, Denial, Kind, Verdict};
use proxy_wasm_cors::policy::response_edits::ResponseEdits;
use proxy_wasm_cors::policy::set::Outcome;
use proxy_wasm_cors::policy::vary;
use proxy_wasm_cors::request::RequestHead;

use crate::filter::{Filter, RoutePolicies, Running};
use crate::host::{Exchange, Lines};

/// <https://www.rfc-editor.org/rfc/rfc9209>
const PROXY_STATUS: &str = "proxy-status";

/// One request and its response.
pub(crate) struct Stream {
    filter: Arc<Filter>,
    /// The policies of the route, if it has any.
    of_route: Option<Arc<RoutePolicies>>,
    state: State,
}

/// How far the stream has come.
enum State {
    /// The request has not reached this filter yet. An earlier filter may answer it.
    New,
    /// The request went on. Its response is still to be edited.
    Forwarded { response: Option<ResponseEdits>, chosen: Option<Chosen> },
    /// The filter has answered.
    Answered,
}

/// How the policy was chosen that gives a page access. If a later filter changes the route, another policy may apply.
struct Chosen {
    /// The name of the route, if some policy looks at it.
    route: Option<Vec<u8>>,
    /// The place of the policy.
    place: usize,
    /// Whether the answer is for a CORS request; it may also be for a request that could come from any page or from none.
    is_cors: bool,
}

/// An answer that the filter gives itself.
pub(crate) struct Answer {
    status: [u8; 3],
    /// And its length, as text.
    content: Option<(&'static str, String)>,
    edits: ResponseEdits,
    is_to_head: bool,
}

/// The head of the request of a stream in a hook.
struct Head<'a>(Lines<'a>, &'a Exchange<'a>);

impl RequestHead for Head<'_> {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        self.0.value(name)
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        self.1.route_name()
    }
}

impl Stream {
    /// A stream that a configuration judges.
    pub(crate) fn under(filter: Arc<Filter>) -> Self {
        Self { filter, of_route: None, state: State::New }
    }

    /// Judges the request. Returns the filter's answer, or nothing if the request goes on.
    pub(crate) fn on_request(&mut self, exchange: &Exchange<'_>) -> Option<Answer> {
        #[cfg(feature = "injected-panic")]
        fail_if_asked(exchange.with_request(|lines| lines.value("x-panic")));
        self.filter.show_metrics(exchange);
        self.of_route = RoutePolicies::of(exchange);
        let Outcome { place, decision, route } = self.decide(exchange);
        if let Some(place) = place {
            self.filter.tell(self.running(), place, &decision.verdict, exchange);
        }
        let Decision { verdict, action, response } = decision;
        if let Action::Reply { status, body } = action {
            self.state = State::Answered;
            let method = body.and_then(|_| exchange.with_request(|lines| lines.value(":method")));
            let is_to_head = method.is_some_and(|method| method == b"HEAD");
            return Some(Answer::new(status, body, response.unwrap_or_default(), is_to_head));
        }
        let is_told = response.as_ref().is_some_and(|edits| edits.allow_origin.is_some());
        let is_cors = matches!(verdict, Verdict::Allowed(Kind::Cors));
        let chosen = place.filter(|_| is_told).map(|place| Chosen { route, place, is_cors });
        self.state = State::Forwarded { response, chosen };
        None
    }

    /// Edits the response.
    pub(crate) fn on_response(&mut self, exchange: &Exchange<'_>) {
        #[cfg(feature = "injected-panic")]
        fail_if_asked(exchange.with_response(|lines| lines.value("x-panic")));
        if matches!(self.state, State::New) {
            self.judge_late(exchange);
        }
        let State::Forwarded { response: Some(edits), chosen } = &self.state else { return };
        let withheld = chosen.as_ref().and_then(|chosen| self.withheld(chosen, edits, exchange));
        apply(withheld.as_ref().unwrap_or(edits), exchange);
    }

    /// Judges a request that an earlier filter has answered. It is too late to answer a preflight or to block anything, so
    /// neither is counted.
    fn judge_late(&mut self, exchange: &Exchange<'_>) {
        self.filter.show_metrics(exchange);
        self.of_route = RoutePolicies::of(exchange);
        let Outcome { place, decision, .. } = self.decide(exchange);
        let is_preflight = match &decision.verdict {
            Verdict::NotCrossOrigin => false,
            Verdict::Allowed(kind) | Verdict::Denied(Denial { kind, .. }) => *kind == Kind::Preflight,
        };
        if let Some(place) = place.filter(|_| !is_preflight) {
            self.filter.tell(self.running(), place, &decision.verdict, exchange);
        }
        let mut response = decision.response;
        if let (Some(edits), Action::Reply { .. }) = (&mut response, decision.action) {
            // It would say that this filter has answered.
            edits.proxy_status = None;
        }
        self.state = State::Forwarded { response, chosen: None };
    }

    fn decide(&self, exchange: &Exchange<'_>) -> Outcome {
        exchange.with_request(|lines| self.running().policies().decide(&Head(lines, exchange)))
    }

    fn running(&self) -> &Running {
        self.of_route.as_ref().map_or(self.filter.running(), |policies| policies.running())
    }

    /// Edits that give the page no access, if a later filter has changed the route that the policy was chosen by.
    fn withheld(
        &self,
        chosen: &Chosen,
        edits: &ResponseEdits,
        exchange: &Exchange<'_>,
    ) -> Option<ResponseEdits> {
        let is_renamed = |route: &Vec<u8>| exchange.route_name().is_some_and(|now| now != *route);
        let has_others = || {
            let (then, now) = (self.of_route.as_ref(), RoutePolicies::of(exchange));
            then.map(Arc::as_ptr) != now.as_ref().map(Arc::as_ptr)
        };
        if !chosen.route.as_ref().is_some_and(is_renamed) && !has_others() {
            return None;
        }
        let policy = self.running().policies().policy(chosen.place)?;
        if chosen.is_cors {
            let origin = edits.allow_origin.as_ref().map(|origin| origin.as_str().as_bytes().to_vec());
            let verdict = Verdict::Denied(Denial::by_route(origin.unwrap_or_default()));
            self.filter.tell(self.running(), chosen.place, &verdict, exchange);
        }
        Some(policy.withheld_by_route())
    }
}

impl Answer {
    /// How many headers an answer has at most: its status, two of its content, eight of the CORS protocol and of timing,
    /// `Proxy-Status` and `Vary`.
    pub(crate) const MOST_HEADERS: usize = 13;

    fn new(status: u16, content: Option<&'static str>, edits: ResponseEdits, is_to_head: bool) -> Self {
        let mut digits = *b"500";
        // A status has three digits, so it fits.
        let _ = write!(digits.as_mut_slice(), "{status}");
        let content = content.map(|content| (content, content.len().to_string()));
        Self { status: digits, content, edits, is_to_head }
    }

    /// Calls `tell` with each header. No other filter adds to them.
    pub(crate) fn each<'a>(&'a self, vary: Option<&'a [u8]>, mut tell: impl FnMut(&'static str, &'a [u8])) {
        tell(":status", &self.status);
        if let Some((_, length)) = &self.content {
            tell("content-length", length.as_bytes());
            tell("content-type", b"text/plain");
        }
        self.edits.each(|name, value| value.into_iter().for_each(|value| tell(name, value.as_bytes())));
        if let Some(status) = &self.edits.proxy_status {
            tell(PROXY_STATUS, status.as_str().as_bytes());
        }
        if let Some(vary) = vary {
            tell("vary", vary);
        }
    }

    /// The value of `Vary`.
    pub(crate) fn vary(&self) -> Option<Cow<'static, [u8]>> {
        vary::merge(None, self.edits.vary.names())
    }

    /// The content; empty if the stream ends with the headers.
    pub(crate) fn content(&self) -> &str {
        self.content.as_ref().filter(|_| !self.is_to_head).map_or("", |(content, _)| content)
    }
}

/// Applies edits to the headers of a response. Few upstreams send CORS headers, so there is mostly nothing to remove.
fn apply(edits: &ResponseEdits, exchange: &Exchange<'_>) {
    let (has_some, vary) = exchange.with_response(|lines| (lines.any_name(is_edited), lines.value("vary")));
    if let Some(status) = &edits.proxy_status {
        exchange.add_response_header(PROXY_STATUS, status.as_str().as_bytes());
    }
    edits.each(|name, value| match value.map(str::as_bytes) {
        value if has_some => exchange.set_response_header(name, value),
        // The response has none of these headers, so Envoy does not need to look for one to replace.
        Some(value) => exchange.add_response_header(name, value),
        None => {}
    });
    if edits.vary.is_empty() {
        return;
    }
    if let Some(merged) = vary::merge(vary.as_deref(), edits.vary.names()) {
        match vary {
            Some(_) => exchange.set_response_header("vary", Some(&merged)),
            None => exchange.add_response_header("vary", &merged),
        }
    }
}

/// Whether edits may concern a header of this name. Envoy's header names are in lower case.
fn is_edited(name: &[u8]) -> bool {
    name.starts_with(b"access-control-") || name == b"timing-allow-origin"
}

#[cfg(feature = "injected-panic")]
fn fail_if_asked(asked: Option<Vec<u8>>) {
    assert!(asked.is_none(), "a panic was asked for");
}
