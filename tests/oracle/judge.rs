//! Whether what a browser made of a call is what the policy means.

use std::collections::BTreeSet;

use super::browser::{Browser, Exchange, Fetched, Outcome, Reply, Server};
use super::call::Call;
use super::invariants;
use super::meaning::{Blocking, Mode};
use super::page::Page;
use super::support::expectation::vary_names;
use super::support::http::{Head, Request, Response};
use super::support::upstream::Answer;

/// The response headers of the upstream that a page may or may not be able to read.
pub(crate) const LOOKED_AT: [&str; 4] = ["content-type", "set-cookie", "x-job-id", "x-other"];

/// Who may read how long a response took, as the upstream has it.
pub(crate) const UPSTREAM_TIMING: &str = "https://app.example.com";

/// What the upstream answers to everything, with its own CORS headers that allow too much.
pub(crate) fn upstream_answer() -> Answer {
    Answer::new(200)
        .header("Content-Type", "text/plain")
        .header("Set-Cookie", "a=b")
        .header("X-Job-Id", "7")
        .header("X-Other", "1")
        .header("Vary", "Accept-Encoding")
        .header("Access-Control-Allow-Origin", "https://app.example.com")
        .header("Access-Control-Allow-Credentials", "true")
        .header("Access-Control-Allow-Methods", "PUT,PATCH,x-upstream")
        .header("Access-Control-Allow-Headers", "x-upstream,x-request-id,x-other")
        .header("Access-Control-Allow-Private-Network", "true")
        .header("Access-Control-Expose-Headers", "x-upstream,x-other")
        .header("Access-Control-Max-Age", "31337")
        .header("Timing-Allow-Origin", UPSTREAM_TIMING)
}

/// The upstream alone, without a filter before it.
pub(crate) struct Direct;

impl Server for Direct {
    fn answer(&mut self, _request: &Request) -> Reply {
        let Answer { status, headers, .. } = upstream_answer();
        let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let response = Response { status, head: Head { start: String::new(), headers }, body: Vec::new() };
        Reply { response, is_forwarded: true, verdict: None }
    }
}

/// What is wrong with what `browser` made of the call of a page.
pub(crate) fn differences(
    page: &Page<'_>,
    call: &Call<'_>,
    browser: Browser,
    fetched: &Fetched,
) -> Vec<String> {
    let mut differences = match page.is_enforced() {
        true => enforced(page, call, fetched),
        false => untouched(page, call, browser, fetched),
    };
    for exchange in &fetched.exchanges {
        let expected = verdict(page, call, exchange);
        let status = exchange.reply.response.head.value("proxy-status");
        if page.is_enforced() && status != proxy_status(page, call, exchange, &expected) {
            differences.push(format!("proxy-status: got {status:?}"));
        }
        let told = exchange.reply.verdict.as_deref();
        if told.is_some_and(|told| told != expected) {
            differences.push(format!("verdict: expected {expected:?}, got {told:?}"));
        }
    }
    differences
}

fn enforced(page: &Page<'_>, call: &Call<'_>, fetched: &Fetched) -> Vec<String> {
    let mut differences = Vec::new();
    let expected = outcome(page, call);
    let outcome = outcome_of(fetched);
    if outcome != expected {
        differences.push(format!("the page: expected {expected:?}, got {outcome:?}"));
    }
    let timing = page.may_read_timing().unwrap_or(call.origin == UPSTREAM_TIMING.as_bytes());
    let may_read_timing = matches!(expected, Outcome::Response(_)) && timing;
    if fetched.may_read_timing != may_read_timing {
        differences.push(format!("timing: expected {may_read_timing}"));
    }
    let expected = requests(page, call);
    let requests: Vec<_> =
        fetched.exchanges.iter().map(|it| (it.is_preflight, it.reply.is_forwarded)).collect();
    if requests != expected {
        differences.push(format!("requests (preflight, forwarded): expected {expected:?}, got {requests:?}"));
    }
    differences.extend(fetched.exchanges.iter().flat_map(|exchange| invariants::broken(page, exchange)));
    differences
}

/// What the script must get.
fn outcome(page: &Page<'_>, call: &Call<'_>) -> Outcome {
    match (call.method.sent, page.may(call)) {
        (None, _) => Outcome::Unsendable,
        (Some(_), false) => Outcome::NetworkError,
        (Some(_), true) => Outcome::Response(page.readable(&LOOKED_AT)),
    }
}

/// The requests that must be sent: whether each is a preflight, and whether the upstream sees it.
fn requests(page: &Page<'_>, call: &Call<'_>) -> Vec<(bool, bool)> {
    let is_blocked = page.blocking == Blocking::Everything && page.refusal.is_some() && !page.is_own();
    match (call.method.sent, page.needs_preflight(call)) {
        (None, _) => Vec::new(),
        (Some(_), false) => vec![(false, !is_blocked)],
        (Some(_), true) if page.may(call) => vec![(true, false), (false, true)],
        (Some(_), true) => vec![(true, false)],
    }
}

/// Where no policy is enforced, everything is as if there were no filter, but that a cache may have to know more.
fn untouched(page: &Page<'_>, call: &Call<'_>, browser: Browser, fetched: &Fetched) -> Vec<String> {
    let direct = browser.fetch(call, &mut Direct);
    let mut differences = Vec::new();
    if outcome_of(fetched) != outcome_of(&direct) {
        differences
            .push(format!("the page: got {:?}, without a filter {:?}", fetched.outcome, direct.outcome));
    }
    let looked_at = ["timing-allow-origin", "proxy-status"];
    let cors = |exchange: &Exchange| {
        let lines = exchange.reply.response.head.headers.iter();
        let lines = lines
            .filter(|(name, _)| name.starts_with("access-control-") || looked_at.contains(&name.as_str()));
        (exchange.reply.is_forwarded, lines.cloned().collect::<BTreeSet<_>>())
    };
    if !fetched.exchanges.iter().map(cors).eq(direct.exchanges.iter().map(cors)) {
        differences.push("the filter touched something".to_owned());
    }
    let expected = if page.is_vary_due { vec!["accept-encoding", "origin"] } else { vec!["accept-encoding"] };
    let vary = |exchange: &Exchange| vary_names(&exchange.reply.response);
    if !fetched.exchanges.iter().all(|exchange| vary(exchange) == expected) {
        differences.push(format!("vary: expected {expected:?}"));
    }
    differences
}

/// What the filter must say of a request.
fn verdict(page: &Page<'_>, call: &Call<'_>, exchange: &Exchange) -> String {
    let has_origin = exchange.request.headers.iter().any(|(name, _)| name == "Origin");
    let reason = if exchange.is_preflight { page.reason(call) } else { page.refusal };
    match reason {
        _ if !has_origin || page.meaning.mode == Mode::Passthrough => "-".to_owned(),
        None => "allowed".to_owned(),
        Some(_) if page.is_own() => "-".to_owned(),
        Some(reason) => format!("denied:{reason}"),
    }
}

/// What a denial adds to `Proxy-Status`, <https://www.rfc-editor.org/rfc/rfc9209>.
fn proxy_status(page: &Page<'_>, call: &Call<'_>, exchange: &Exchange, verdict: &str) -> Option<String> {
    let reason = verdict.strip_prefix("denied:")?;
    let error = if exchange.reply.response.status == 403 { "error=http_request_denied; " } else { "" };
    let is_refused = |name: &&String| !page.meaning.allows_headers(std::slice::from_ref(name));
    let refused = match reason {
        "method-not-allowed" => call.method.sent,
        "header-not-allowed" => call.headers.needing_permission.iter().find(is_refused).map(String::as_str),
        _ => None,
    };
    let refused = refused.map(|name| format!(": {}", name.get(..64).unwrap_or(name))).unwrap_or_default();
    Some(format!("proxy-wasm-cors; {error}details=\"{reason}{refused}\""))
}

/// The outcome, of a response only the names that are looked at.
fn outcome_of(fetched: &Fetched) -> Outcome {
    match &fetched.outcome {
        Outcome::Unsendable => Outcome::Unsendable,
        Outcome::NetworkError => Outcome::NetworkError,
        Outcome::Response(names) => Outcome::Response(looked_at(names)),
    }
}

/// The names that are looked at.
pub(crate) fn looked_at(names: &BTreeSet<String>) -> BTreeSet<String> {
    names.iter().filter(|name| LOOKED_AT.contains(&name.as_str())).cloned().collect()
}
