//! One request and its response: the head of the request is read, and the response edited.

use std::rc::Rc;
use std::time::Duration;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action as Flow, Bytes, GrpcStatusCode, Status};

use super::running::Running;
use super::{host_calls, unused};
use crate::policy::decision::Action;
use crate::policy::response_edits::ResponseEdits;
use crate::policy::vary;
use crate::request::RequestHead;

/// One request and its response.
pub(super) struct Stream {
    running: Option<Rc<Running>>,
    response: Option<ResponseEdits>,
    /// Whether the response will be the filter's own.
    has_reply: bool,
}

/// The head of the request that the host is calling for.
struct Head;

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        host_calls::request_header(name)
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        host_calls::property("xds\0route_name")
    }
}

impl Context for Stream {
    unused::unused_context!();
}

impl HttpContext for Stream {
    unused::unused_http_context!();

    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Flow {
        let Some(running) = &self.running else { return Flow::Continue };
        let Some((place, decision)) = running.policies().decide(&Head) else { return Flow::Continue };
        running.tell(place, &decision.verdict);
        self.response = decision.response;
        let Action::Reply { status, body } = decision.action else { return Flow::Continue };
        self.has_reply = true;
        reply(status, body, self.response.as_ref(), running);
        // Also if the host has no replies: what was to be answered here goes no further.
        Flow::Pause
    }

    fn on_http_response_headers(&mut self, _count: usize, _end_of_stream: bool) -> Flow {
        let (Some(edits), Some(running)) = (&self.response, &self.running) else { return Flow::Continue };
        if self.has_reply {
            running.sees_replies().set(true);
        }
        apply(edits);
        Flow::Continue
    }
}

impl Stream {
    /// A stream that is judged under the configuration in force now.
    pub(super) fn under(running: Option<Rc<Running>>) -> Self {
        Self { running, response: None, has_reply: false }
    }
}

/// How many headers a reply has at most.
const MOST_HEADERS: usize = 8;

/// Most hosts run a reply through `on_http_response_headers`, where a route's additions are overruled, or merged if they
/// are to `Vary`. The headers go along all the same, for hosts that do not; `Vary` only until it is known that the host
/// does, as to read there what is present costs more than all the other headers.
fn reply(status: u16, body: Option<&str>, edits: Option<&ResponseEdits>, running: &Running) {
    let mut headers = Vec::with_capacity(MOST_HEADERS);
    let mut vary = String::new();
    if let Some(edits) = edits {
        edits.each(|name, value| headers.extend(value.map(|value| (name, value))));
        if !running.sees_replies().get() {
            vary = edits.vary.names().collect::<Vec<_>>().join(", ");
        }
    }
    if !vary.is_empty() {
        headers.push(("vary", &vary));
    }
    host_calls::reply(status, &headers, body.unwrap_or_default());
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
