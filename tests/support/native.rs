//! The core as a host drives it, without the host: a request in, the upstream's answer or the filter's own out, with
//! the edits applied.

use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::decision::{Action, Decision};
use proxy_wasm_cors::policy::explanation::Candidate;
use proxy_wasm_cors::policy::set::{Outcome, PolicySet};
use proxy_wasm_cors::policy::vary;
use proxy_wasm_cors::request::RequestHead;
use serde_json::Value;

use super::cases::Headers;
use super::http::{Head, Request, Response};
use super::upstream::Answer;

/// The core under one configuration.
pub(crate) struct Native(PolicySet);

impl Native {
    /// Panics if the configuration is refused.
    #[track_caller]
    pub(crate) fn new(config: &Value) -> Self {
        let loaded = config::load(Some(config.to_string().as_bytes()));
        let findings = loaded.findings;
        Self(loaded.policies.unwrap_or_else(|| panic!("{config}: {findings:?}")))
    }

    /// What the filter decides, and what the readings of the path would lead to.
    pub(crate) fn explain(&self, request: &Request) -> (Outcome, Vec<Candidate>) {
        let head = NativeHead(request);
        (self.0.decide(&head), self.0.candidates(&head))
    }

    /// What the filter decides, and what the client gets if the upstream would answer `answer`.
    pub(crate) fn send(&self, request: &Request, answer: &Answer) -> (Decision, Response) {
        let decision = self.0.decide(&NativeHead(request)).decision;
        let response = response(&decision, answer);
        (decision, response)
    }
}

fn response(decision: &Decision, answer: &Answer) -> Response {
    let (status, body, mut headers) = match decision.action {
        Action::Forward => (answer.status, None, lower_case(&answer.headers)),
        Action::Reply { status, body } => (status, body, plain_text(body)),
    };
    if let Some(edits) = &decision.response {
        for (name, value) in edits.headers() {
            set(&mut headers, name, value.map(str::as_bytes));
        }
        let status = edits.proxy_status.as_ref().map(|status| status.as_str().as_bytes().to_vec());
        headers.extend(status.map(|status| ("proxy-status".to_owned(), status)));
        let current = joined(&headers, "vary");
        if let Some(merged) = vary::merge(current.as_deref(), edits.vary.names()) {
            set(&mut headers, "vary", Some(&merged));
        }
    }
    let body = body.unwrap_or_default().as_bytes().to_vec();
    Response { status, head: Head { start: String::new(), headers }, body }
}

fn plain_text(body: Option<&str>) -> Headers {
    body.map(|_| ("content-type".to_owned(), b"text/plain".to_vec())).into_iter().collect()
}

fn lower_case(headers: &Headers) -> Headers {
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

fn set(headers: &mut Headers, name: &str, value: Option<&[u8]>) {
    headers.retain(|(known, _)| known != name);
    headers.extend(value.map(|value| (name.to_owned(), value.to_vec())));
}

/// Several lines of a name as one, as hosts give them.
fn joined(headers: &Headers, name: &str) -> Option<Vec<u8>> {
    let lines = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let values: Vec<&[u8]> = lines.map(|(_, value)| value.trim_ascii()).collect();
    (!values.is_empty()).then(|| values.join(&b","[..]))
}

struct NativeHead<'a>(&'a Request);

impl RequestHead for NativeHead<'_> {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        match name {
            ":method" => Some(self.0.method.clone().into_bytes()),
            ":authority" => Some(self.0.authority.clone()),
            ":path" => Some(self.0.path.clone().into_bytes()),
            ":scheme" => Some(b"http".to_vec()),
            _ => joined(&self.0.headers, name),
        }
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        None
    }
}
