//! One request and its response: the head of the request is read, and the response edited.

use std::rc::Rc;
use std::time::Duration;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action as Flow, Bytes, GrpcStatusCode, Status};

use super::running::Running;
use super::{host_calls, unused};
use crate::policy::decision::{Action, Denial, Kind, Verdict};
use crate::policy::response_edits::ResponseEdits;
use crate::policy::set::Outcome;
use crate::policy::vary;
use crate::request::RequestHead;

/// The name of the route that the host chose.
const ROUTE: &str = "xds\0route_name";

/// <https://www.rfc-editor.org/rfc/rfc9209>
const PROXY_STATUS: &str = "proxy-status";

/// One request and its response.
pub(super) struct Stream {
    running: Option<Rc<Running>>,
    response: Option<ResponseEdits>,
    /// The status of the response, if it will be the filter's own.
    reply: Option<u16>,
    /// What to withhold if the response comes by another route.
    by_route: Option<ByRoute>,
}

/// An answer of a policy that was chosen by a route.
struct ByRoute {
    route: Vec<u8>,
    /// The place of the policy.
    place: usize,
    /// Whether it answers a CORS request, and not one that any page or no page may have made.
    is_cors: bool,
}

/// The head of the request that the host is calling for.
struct Head;

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        host_calls::request_header(name)
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        host_calls::property(ROUTE)
    }
}

impl Context for Stream {
    unused::unused_context!();
}

impl HttpContext for Stream {
    unused::unused_http_context!();

    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Flow {
        let Some(running) = &self.running else { return Flow::Continue };
        let Outcome { place, decision, route } = running.policies().decide(&Head);
        if let Some(place) = place {
            running.tell(place, &decision.verdict, &Head);
        }
        self.response = decision.response;
        let Action::Reply { status, body } = decision.action else {
            let is_told = self.response.as_ref().is_some_and(|edits| edits.allow_origin.is_some());
            if let (Some(place), Some(route), true) = (place, route, is_told) {
                let is_cors = matches!(decision.verdict, Verdict::Allowed(Kind::Cors));
                self.by_route = Some(ByRoute { route, place, is_cors });
            }
            return Flow::Continue;
        };
        self.reply = Some(status);
        reply(status, body, self.response.as_ref(), running);
        // Even if the host has no local replies: a request that the filter should answer goes no further.
        Flow::Pause
    }

    fn on_http_response_headers(&mut self, _count: usize, _end_of_stream: bool) -> Flow {
        if let (Some(edits), Some(running)) = (&self.response, &self.running) {
            let withheld = self.withheld_by_route(edits, running);
            let edits = withheld.as_ref().unwrap_or(edits);
            match self.reply {
                Some(status) => {
                    running.sees_replies().set(true);
                    allow_content(status);
                }
                None => add_status(edits),
            }
            apply(edits);
        }
        Flow::Continue
    }
}

impl Stream {
    /// A stream that is judged under the configuration in force now.
    pub(super) fn under(running: Option<Rc<Running>>) -> Self {
        Self { running, response: None, reply: None, by_route: None }
    }

    /// Edits that tell the page nothing, if a later filter changed the route by which the policy was chosen: another
    /// policy may be meant then.
    fn withheld_by_route(&self, edits: &ResponseEdits, running: &Running) -> Option<ResponseEdits> {
        let ByRoute { route, place, is_cors } = self.by_route.as_ref()?;
        // If the host does not say, the route has not changed.
        if host_calls::property(ROUTE).is_none_or(|now| now == *route) {
            return None;
        }
        let policy = running.policies().policy(*place)?;
        if *is_cors {
            let origin = edits.allow_origin.as_ref().map(|origin| origin.as_str().as_bytes().to_vec());
            running.tell(*place, &Verdict::Denied(Denial::by_route(origin.unwrap_or_default())), &Head);
        }
        Some(policy.withheld_by_route())
    }
}

/// How many headers a reply has at most: seven of the CORS protocol, `Proxy-Status` and `Vary`.
const MOST_HEADERS: usize = 9;

/// Most hosts run a reply through `on_http_response_headers`, which overrules additions of a route and merges those to
/// `Vary`. The headers go along with the reply all the same, for hosts that do not. `Vary` goes along only until it is
/// known that the host does, because reading an existing `Vary` there costs more than all the other headers.
fn reply(status: u16, body: Option<&str>, edits: Option<&ResponseEdits>, running: &Running) {
    let mut headers = Vec::with_capacity(MOST_HEADERS);
    let mut vary = String::new();
    if let Some(edits) = edits {
        edits.each(|name, value| headers.extend(value.map(|value| (name, value))));
        headers.extend(edits.proxy_status.as_ref().map(|status| (PROXY_STATUS, status.as_str())));
        if !running.sees_replies().get() {
            vary = edits.vary.names().collect::<Vec<_>>().join(", ");
        }
    }
    if !vary.is_empty() {
        headers.push(("vary", &vary));
    }
    host_calls::reply(status, &headers, body.unwrap_or_default());
}

/// If the host gave the reply a body, as Envoy does with `local_reply_config.body_format`, the status becomes one that
/// may have content. Otherwise a client over HTTP/2, or another proxy, would treat the reply as broken.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-15.3.5>
fn allow_content(status: u16) {
    let has_none = matches!(status, 204 | 205);
    let has_content = || host_calls::response_header("content-length").is_some_and(|length| length != b"0");
    if has_none && has_content() {
        host_calls::set_response_header(":status", Some(b"200"));
    }
}

/// Adds to somebody else's response why the filter denies it to the page. The filter's own replies have that from the
/// start.
fn add_status(edits: &ResponseEdits) {
    if let Some(status) = &edits.proxy_status {
        host_calls::add_response_header(PROXY_STATUS, status.as_str());
    }
}

/// Applies edits to the headers of the response that the host is calling for.
fn apply(edits: &ResponseEdits) {
    edits.each(|name, value| host_calls::set_response_header(name, value.map(str::as_bytes)));
    if edits.vary.is_empty() {
        return;
    }
    let current = host_calls::response_header("vary");
    if let Some(merged) = vary::merge(current.as_deref(), edits.vary.names()) {
        host_calls::set_response_header("vary", Some(&merged));
    }
}
