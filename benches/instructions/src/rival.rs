//! tower-http's CORS layer, and this core in its place. Both stand before the same service, take the same requests
//! under the same policy, and give responses that allow the same. This core also removes what the service says about
//! CORS, and it has to convert its values to header values for each response, which the layer does only once.

use std::convert::Infallible;
use std::future::{Future as _, Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use proxy_wasm_cors::policy::decision::Action;
use proxy_wasm_cors::policy::response_edits::ResponseEdits;
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::policy::vary;
use proxy_wasm_cors::request::RequestHead;
use tower::{Layer as _, Service};
use tower_http::cors::{Cors, CorsLayer};

use crate::call::{ALLOWED_ORIGIN, Call, origins};

/// What answers requests.
pub(crate) trait Answering {
    /// Answers one.
    fn answer(&mut self, request: Request<()>) -> Response<()>;
}

/// What stands behind.
#[derive(Clone)]
pub(crate) struct Upstream;

impl Service<Request<()>> for Upstream {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

/// tower-http's layer around the upstream.
pub(crate) type Layer = Cors<Upstream>;

impl Answering for Layer {
    fn answer(&mut self, request: Request<()>) -> Response<()> {
        let mut future = pin!(self.call(request));
        let answer = match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => Some(response),
            Poll::Pending => None,
        };
        answer.expect("the upstream is always ready")
    }
}

/// This core around the upstream, by types of the `http` crate like the other.
pub(crate) struct Filter {
    policies: PolicySet,
    upstream: Upstream,
}

impl Answering for Filter {
    fn answer(&mut self, request: Request<()>) -> Response<()> {
        let decision = self.policies.decide(&HttpHead(&request)).decision;
        let mut response = match decision.action {
            Action::Forward => self.forward(request),
            Action::Reply { status, .. } => reply(status),
        };
        if let Some(edits) = &decision.response {
            apply(edits, response.headers_mut());
        }
        response
    }
}

impl Filter {
    fn forward(&mut self, request: Request<()>) -> Response<()> {
        let Ok(response) = self.upstream.call(request).into_inner();
        response
    }
}

fn reply(status: u16) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(status).expect("a policy has a status");
    response
}

/// The names of [`ResponseEdits::each`], in their order.
const NAMES: [HeaderName; 7] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    HeaderName::from_static("access-control-allow-private-network"),
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

fn apply(edits: &ResponseEdits, headers: &mut HeaderMap) {
    let mut names = NAMES.into_iter();
    edits.each(|_, value| match (names.next().expect("each header has a name"), value) {
        (name, Some(value)) => {
            headers.insert(name, HeaderValue::from_str(value).expect("what is sent back was checked"));
        }
        (name, None) => {
            headers.remove(name);
        }
    });
    let current = headers.get(VARY).map(HeaderValue::as_bytes);
    if let Some(merged) = vary::merge(current, edits.vary.names()) {
        headers.insert(VARY, HeaderValue::from_bytes(&merged).expect("names of headers"));
    }
}

struct HttpHead<'a>(&'a Request<()>);

impl HttpHead<'_> {
    fn value(&self, name: HeaderName) -> Option<Vec<u8>> {
        self.0.headers().get(name).map(|value| value.as_bytes().to_vec())
    }
}

impl RequestHead for HttpHead<'_> {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        match name {
            ":method" => Some(self.0.method().as_str().as_bytes().to_vec()),
            ":scheme" => self.0.uri().scheme_str().map(|scheme| scheme.as_bytes().to_vec()),
            ":authority" => self.0.uri().authority().map(|authority| authority.as_str().as_bytes().to_vec()),
            "origin" => self.value(ORIGIN),
            "access-control-request-method" => self.value(ACCESS_CONTROL_REQUEST_METHOD),
            "access-control-request-headers" => self.value(ACCESS_CONTROL_REQUEST_HEADERS),
            _ => self.0.headers().get(name).map(|value| value.as_bytes().to_vec()),
        }
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        None
    }
}

/// The call as a request of the `http` crate.
fn request(call: Call) -> Request<()> {
    let method = if call == Call::Preflight { Method::OPTIONS } else { Method::GET };
    let request = Request::builder().method(method).uri("https://api.example.com/jobs");
    let lines = call.lines().into_iter().filter(|(name, _)| !name.starts_with(':'));
    lines.fold(request, |request, (name, value)| request.header(name, value)).body(()).expect("a request")
}

/// tower-http's layer with the policy of [`Call::policies`], and a request to it.
pub(crate) fn layer_and_request(call: Call) -> (Layer, Request<()>) {
    let origins = origins().map(|origin| HeaderValue::try_from(origin).expect("an origin"));
    let header = HeaderName::from_static("x-request-id");
    let layer = CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_credentials(true)
        .allow_methods([Method::PUT, Method::DELETE])
        .allow_headers([CONTENT_TYPE, header.clone()])
        .expose_headers([header])
        .max_age(Duration::from_secs(600));
    checked(layer.layer(Upstream), call)
}

/// This core with the policy of [`Call::policies`], and a request to it.
pub(crate) fn filter_and_request(call: Call) -> (Filter, Request<()>) {
    checked(Filter { policies: call.policies(), upstream: Upstream }, call)
}

/// Checks that the answer is right, since a wrong one could be fast.
fn checked<T: Answering>(mut answering: T, call: Call) -> (T, Request<()>) {
    let answer = answering.answer(request(call));
    let allowed = answer.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN);
    let expected = matches!(call, Call::Allowed | Call::Preflight).then_some(ALLOWED_ORIGIN);
    assert_eq!(allowed.map(HeaderValue::as_bytes), expected.map(str::as_bytes), "{call:?}");
    (answering, request(call))
}
