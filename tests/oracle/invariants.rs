//! What must hold of every response under an enforced policy, whatever a browser makes of it.

use std::collections::BTreeSet;

use super::browser::Exchange;
use super::judge::UPSTREAM_TIMING;
use super::page::Page;
use super::support::expectation::vary_names;
use super::support::http::Response;

/// What a response that does not answer a preflight may have of the CORS protocol.
const OF_EVERY_RESPONSE: [&str; 3] =
    ["access-control-allow-credentials", "access-control-allow-origin", "access-control-expose-headers"];

/// What is broken.
pub(crate) fn broken(page: &Page<'_>, exchange: &Exchange) -> Vec<String> {
    let response = &exchange.reply.response;
    let is_cors = exchange.request.headers.iter().any(|(name, _)| name == "Origin");
    let mut broken = lines(response, exchange.is_preflight);
    broken.extend(allow_origin(page, is_cors, response));
    if page.refusal.is_some() && cors_names(response).next().is_some() {
        broken.push("a denied origin is told something".to_owned());
    }
    broken.extend(timing(page, exchange));
    let expected = vary(page, exchange);
    if vary_names(response) != expected {
        broken.push(format!("vary: expected {expected:?}, got {:?}", vary_names(response)));
    }
    if exchange.is_preflight {
        broken.extend(preflight(page, response));
    }
    broken
}

/// One line of each name, and nothing of the upstream's.
fn lines(response: &Response, is_preflight: bool) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut broken = Vec::new();
    for (name, value) in cors_names(response) {
        if !seen.insert(name) {
            broken.push(format!("{name} comes twice"));
        }
        if !is_preflight && !OF_EVERY_RESPONSE.contains(&name) {
            broken.push(format!("{name} is on a response to no preflight"));
        }
        let is_of_upstream = value.windows(10).any(|bytes| bytes == b"x-upstream") || value == b"31337";
        if is_of_upstream {
            broken.push(format!("{name} is the upstream's"));
        }
    }
    broken
}

/// At most the request's own origin or `*`, and credentials only where configured and never with `*`.
fn allow_origin(page: &Page<'_>, is_cors: bool, response: &Response) -> Vec<String> {
    let is_told_all = page.meaning.is_open();
    let expected: Option<&[u8]> = match () {
        () if page.refusal.is_some() => None,
        () if is_told_all => Some(b"*"),
        () => is_cors.then_some(page.origin),
    };
    let mut broken = Vec::new();
    let allowed = response.head.values("access-control-allow-origin");
    if allowed.first().copied() != expected {
        broken.push("access-control-allow-origin is another".to_owned());
    }
    let credentials = response.head.values("access-control-allow-credentials");
    let is_sent = page.meaning.allow_credentials && expected.is_some();
    if credentials.first().copied() != is_sent.then_some(&b"true"[..]) {
        broken.push("access-control-allow-credentials is another".to_owned());
    }
    broken
}

/// What is said of timing is what is said of reading, on all but preflights; and only if the policy speaks of it.
fn timing(page: &Page<'_>, exchange: &Exchange) -> Option<String> {
    let head = &exchange.reply.response.head;
    let is_spoken_of = if page.refusal.is_some() { page.hides_timing } else { page.meaning.allow_timing };
    let expected = match (exchange.is_preflight, is_spoken_of) {
        (true, _) => Vec::new(),
        (false, true) => head.values("access-control-allow-origin"),
        (false, false) if exchange.reply.is_forwarded => vec![UPSTREAM_TIMING.as_bytes()],
        (false, false) => Vec::new(),
    };
    (head.values("timing-allow-origin") != expected).then(|| "timing-allow-origin is another".to_owned())
}

/// The names that `Vary` must have: those that the answer depends on, and the upstream's.
fn vary(page: &Page<'_>, exchange: &Exchange) -> Vec<String> {
    let mut names = match (exchange.is_preflight, page.meaning.is_open() && page.refusal.is_none()) {
        (true, _) => page.preflight_depends_on(),
        (false, true) => BTreeSet::new(),
        (false, false) => BTreeSet::from(["origin"]),
    };
    names.extend(page.is_vary_due.then_some("origin"));
    if exchange.reply.is_forwarded {
        names.insert("accept-encoding");
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The status, and how long the answer may be kept.
fn preflight(page: &Page<'_>, response: &Response) -> Vec<String> {
    let is_allowed = page.refusal.is_none();
    let status = if is_allowed { page.meaning.preflight_status } else { 403 };
    let max_age = page.meaning.max_age.clone().filter(|_| is_allowed);
    let mut broken = Vec::new();
    if response.status != status {
        broken.push(format!("status: expected {status}, got {}", response.status));
    }
    if response.head.value("access-control-max-age") != max_age {
        broken.push(format!("access-control-max-age: expected {max_age:?}"));
    }
    broken
}

fn cors_names(response: &Response) -> impl Iterator<Item = (&str, &[u8])> {
    let lines = response.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    lines.filter(|(name, _)| name.starts_with("access-control-"))
}
