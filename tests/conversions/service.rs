//! The service behind every proxy: one that knows nothing about CORS, or one that allows whoever asks. Whether a page
//! is refused by both, gets an answer from both or only from the second shows who decides.

use super::support::cases::Headers;
use super::support::http::{Head, Request, Response};
use super::support::upstream::{Answer, Seen};

/// The request header that chooses the service, because a real one has only one port.
const WHICH: &str = "x-which-service";

/// Two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// No CORS header at all.
    Silent,
    /// Whoever asks may do what is asked for, with credentials.
    Open,
}

impl Service {
    /// The request for a real service.
    pub(crate) fn address(self, request: &Request) -> Request {
        request.clone().header(WHICH, format!("{self:?}"))
    }

    /// What a modelled service answers.
    pub(crate) fn answer(self, request: &Request) -> Response {
        let headers = request.headers.iter();
        let lower = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        let Answer { status, headers, body } = answer(self, &lower);
        Response { status, head: Head { start: String::new(), headers }, body }
    }
}

/// What a real service answers.
pub(crate) fn real(seen: &Seen) -> Option<Answer> {
    let is_open = seen.value(WHICH)? == "Open";
    Some(answer(if is_open { Service::Open } else { Service::Silent }, &seen.headers))
}

fn answer(service: Service, headers: &Headers) -> Answer {
    let answer = Answer::new(200)
        .header("content-type", "text/plain")
        .header("x-request-id", "7")
        .header("x-job-id", "7")
        .header("x-other", "1");
    let value =
        |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
    let Some(origin) = value("origin").filter(|_| service == Service::Open) else { return answer };
    answer
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-credentials", "true")
        .header("access-control-allow-methods", value("access-control-request-method").unwrap_or(b"GET"))
        .header("access-control-allow-headers", value("access-control-request-headers").unwrap_or(b"accept"))
        .header("access-control-expose-headers", "x-request-id, x-job-id, x-other")
}
