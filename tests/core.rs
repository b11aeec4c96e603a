//! Every row of `cases/requests.jsonl` and `cases/configs.jsonl` holds in the core alone, without a proxy: what the
//! plugin adds to it is only bytes in and edits out. The first to fail when the core is wrong, in a fraction of a
//! second.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proxy_wasm_cors::config::{self, Severity};
use proxy_wasm_cors::decision::{Action, Decision, Verdict};
use proxy_wasm_cors::request::RequestHead;
use proxy_wasm_cors::vary;
use support::cases::{Headers, RequestRow, RowRequest, configs, requests};
use support::failures::Failures;
use support::http::{Head, Response};

#[test]
fn requests_hold_in_the_core() {
    let mut failures = Failures::new("requests in the core");
    for row in requests() {
        failures.row(format!("{} under {}", row.name, row.config), differences(&row));
    }
    failures.finish();
}

#[test]
fn configs_hold_in_the_core() {
    let mut failures = Failures::new("configs in the core");
    for row in configs() {
        let loaded = config::load(Some(row.config.to_string().as_bytes()));
        let problems = loaded.findings.iter().filter(|finding| finding.severity == Severity::Problem);
        let found: BTreeSet<&str> = problems.map(|finding| finding.path.as_str()).collect();
        let expected: BTreeSet<&str> = row.problems.iter().map(String::as_str).collect();
        let mut differences = Vec::new();
        if found != expected || loaded.policies.is_some() != row.is_valid {
            differences.push(format!("expected {expected:?}, found {found:?}"));
        }
        failures.row(format!("{}: {}", row.name, row.config), differences);
    }
    failures.finish();
}

fn differences(row: &RequestRow) -> Vec<String> {
    let policies =
        config::load(Some(row.config.to_string().as_bytes())).policies.expect("a valid configuration");
    let decision = policies.decide(&RowHead(&row.request)).map(|(_, decision)| decision);
    let decision = decision.unwrap_or_else(Decision::untouched);
    let mut differences = row.expectation().differences(&response(row, &decision));
    let reason = match &decision.verdict {
        Verdict::Denied(denial) => Some(denial.reason.as_str()),
        _ => None,
    };
    if reason != row.expect.reason.as_deref() {
        differences.push(format!("reason: expected {:?}, got {reason:?}", row.expect.reason));
    }
    if (decision.action == Action::Forward) != row.expect.is_forwarded {
        differences
            .push(format!("forwarded: expected {}, got {:?}", row.expect.is_forwarded, decision.action));
    }
    differences
}

/// What a host makes of a decision: the upstream's answer or the filter's own, with the edits applied.
fn response(row: &RequestRow, decision: &Decision) -> Response {
    let (status, body, mut headers) = match decision.action {
        Action::Forward => (row.upstream.status, None, lower_case(&row.upstream.headers)),
        Action::Reply { status, body } => (status, body, plain_text(body)),
    };
    if let Some(edits) = &decision.response {
        for (name, value) in edits.headers() {
            set(&mut headers, name, value.map(str::as_bytes));
        }
        let current = joined(&headers, "vary");
        if let Some(merged) = vary::merge(current.as_deref(), edits.vary.names()) {
            set(&mut headers, "vary", Some(&merged));
        }
    }
    Response {
        status,
        head: Head { start: String::new(), headers },
        body: body.unwrap_or_default().as_bytes().to_vec(),
    }
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

struct RowHead<'a>(&'a RowRequest);

impl RequestHead for RowHead<'_> {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        let pseudo = BTreeMap::from([
            (":method", &self.0.method),
            (":authority", &self.0.authority),
            (":path", &self.0.path),
        ]);
        match pseudo.get(name) {
            Some(value) => Some(value.as_bytes().to_vec()),
            None if name == ":scheme" => Some(b"http".to_vec()),
            None => joined(&self.0.headers, name),
        }
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        None
    }
}
