//! Decisions: whatever a request holds, its response names no one else, and tells a cache what it depends on.
//!
//! The first line is a configuration; a request's lines follow, and the upstream's `vary` among them.

use std::borrow::Cow;

use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::Mode;
use proxy_wasm_cors::policy::decision::{Action, Decision, Denial, Kind, Reason, Verdict};
use proxy_wasm_cors::policy::response_edits::{HeaderValue, ResponseEdits};
use proxy_wasm_cors::policy::set::{Outcome, PolicySet};
use proxy_wasm_cors::policy::vary::merge;
use serde_json::Value;

use super::request::{Request, lines};
use super::{field, naive_set, own_origin, vary};

/// Holds the decision, and what it becomes when one header of the request is another.
pub fn check(input: &[u8]) {
    let lines = lines(input);
    let request = Request::read(&lines[1..].join(&b"\r\n"[..]));
    let loaded = config::load(Some(lines[0]));
    let is_meant = loaded.problems() == 0;
    let Some(set) = loaded.policies else { return };
    let outcome = set.decide(&request);
    assert_eq!(outcome, set.decide(&request), "a second decision differs");
    if let Some(config) = serde_json::from_slice::<Value>(lines[0]).ok().filter(|_| is_meant) {
        naive_set::check(&config, &set, &request);
    }
    let Outcome { place: Some(place), decision, .. } = outcome else {
        let is_left_alone = outcome.decision.response.is_none_or(|edits| edits.is_vary_alone);
        return assert!(is_left_alone, "no policy applies, and the response changes");
    };
    if set.policy(place).is_some_and(|policy| policy.mode() == Mode::Passthrough) {
        return assert_eq!(decision.action, Action::Forward, "a request is not passed through");
    }
    check_verdict(&request, &decision);
    check_action(&decision);
    if let Some(edits) = decision.response.as_ref().filter(|edits| !edits.is_vary_alone) {
        check_edits(&request, &decision.verdict, edits);
        check_vary(&request, edits);
    }
    check_dependence(&set, &request, &decision);
}

/// <https://fetch.spec.whatwg.org/#http-requests>
pub fn kind_of(request: &Request) -> Option<Kind> {
    let asks_for_method =
        request.value("access-control-request-method").is_some_and(|method| !method.is_empty());
    let is_preflight = request.value(":method") == Some(b"OPTIONS") && asks_for_method;
    request.value("origin").map(|_| if is_preflight { Kind::Preflight } else { Kind::Cors })
}

/// Whether the request comes from a page of the origin that it goes to: the browser says so, or scheme and authority do.
pub fn is_own(request: &Request) -> bool {
    if let Some(site) = request.value("sec-fetch-site") {
        return site == b"same-origin";
    }
    let value = |name| request.value(name).unwrap_or_default();
    let forwarded = Some(value("x-forwarded-proto")).filter(|scheme| !scheme.is_empty());
    let scheme = forwarded.unwrap_or(value(":scheme"));
    let first = scheme.split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii();
    own_origin::is_own(value("origin"), first, value(":authority"))
}

fn check_verdict(request: &Request, decision: &Decision) {
    let kind = kind_of(request);
    match &decision.verdict {
        Verdict::NotCrossOrigin => assert!(kind.is_none() || kind == Some(Kind::Cors) && is_own(request)),
        Verdict::Allowed(judged) => assert_eq!(Some(*judged), kind),
        Verdict::Denied(Denial { kind: judged, origin, .. }) => {
            assert_eq!(Some(*judged), kind);
            assert_eq!(Some(&**origin), request.value("origin"));
            assert!(kind == Some(Kind::Preflight) || !is_own(request), "denied to its own pages");
        }
    }
}

fn check_action(decision: &Decision) {
    let Some(edits) = decision.response.as_ref().filter(|edits| !edits.is_vary_alone) else {
        return assert_eq!(decision.action, Action::Forward, "a policy in shadow mode acts");
    };
    match (&decision.verdict, decision.action) {
        (_, Action::Reply { status: 403, body }) => {
            let Verdict::Denied(denial) = &decision.verdict else {
                return assert_eq!(body, None, "{decision:?}");
            };
            assert_eq!(body, Some(denial.reason.as_str()));
        }
        (Verdict::Allowed(Kind::Preflight) | Verdict::Denied(_), Action::Reply { status, body }) => {
            assert!((200..=299).contains(&status) && body.is_none(), "{decision:?}");
            assert!(edits.allow_origin.is_some(), "{decision:?}");
        }
        (Verdict::Allowed(Kind::Preflight), Action::Forward) | (_, Action::Reply { .. }) => {
            assert_eq!(None, Some(decision), "an action that does not go with the verdict");
        }
        (Verdict::Denied(denial), Action::Forward) => assert_eq!(denial.kind, Kind::Cors),
        (_, Action::Forward) => {}
    }
}

fn check_edits(request: &Request, verdict: &Verdict, edits: &ResponseEdits) {
    let status = edits.proxy_status.as_ref().map(HeaderValue::as_str);
    for (name, value) in edits.headers().chain([("proxy-status", status)]) {
        let is_value = value.is_none_or(|value| !value.is_empty() && field::is_value(value.as_bytes()));
        assert!(is_value, "{name} is no value of a header: {value:?}");
    }
    let named = edits.allow_origin.as_ref().map(HeaderValue::as_str);
    match (named, verdict) {
        (None, _) => {
            assert!(edits.headers().all(|(_, value)| value.is_none()), "{edits:?}");
            assert!(!matches!(verdict, Verdict::Allowed(_)), "allowed, and not told so");
        }
        (Some("*"), _) => assert!(!edits.allow_credentials, "{edits:?}"),
        (Some(origin), _) => assert_eq!(Some(origin.as_bytes()), request.value("origin")),
    }
    let is_denied_to_origin =
        matches!(verdict, Verdict::Denied(denial) if denial.reason <= Reason::OriginNotAllowed);
    assert!(!is_denied_to_origin || named.is_none(), "{edits:?} for a denied origin");
    assert!(named == Some("*") || edits.vary.origin, "{edits:?} for every origin, to a cache");
}

/// What the upstream says in `Vary` stays, and the rest is added.
fn check_vary(request: &Request, edits: &ResponseEdits) {
    let upstream = request.value("vary").unwrap_or_default();
    let merged =
        merge(request.value("vary"), edits.vary.names()).map_or_else(|| upstream.to_vec(), Cow::into_owned);
    assert!(vary::names_all(&merged, &edits.vary), "{}", merged.escape_ascii());
}

/// Where another value of a header gives another response, both responses name the header in `Vary`: or a cache would
/// give the one for the other.
fn check_dependence(set: &PolicySet, request: &Request, decision: &Decision) {
    let others: [(&'static str, &[Option<&[u8]>]); 4] = [
        ("origin", &[None, Some(b"null"), Some(b"https://a.example"), Some(b"?")]),
        ("access-control-request-method", &[Some(b"GET"), Some(b"PUT"), Some(b"?")]),
        ("access-control-request-headers", &[None, Some(b"x-a"), Some(b"authorization"), Some(b"?")]),
        ("access-control-request-private-network", &[None, Some(b"true")]),
    ];
    let is_preflight = kind_of(request) == Some(Kind::Preflight);
    for (name, values) in others {
        for value in values {
            let other = request.with(name, *value);
            // No cache keeps the answer to a preflight, or gives it to another kind of request.
            let is_alike = (kind_of(&other) == Some(Kind::Preflight)) == is_preflight;
            if is_alike {
                check_both(name, decision, &set.decide(&other).decision);
            }
        }
    }
}

fn check_both(name: &str, one: &Decision, other: &Decision) {
    let (Some(a), Some(b)) = (&one.response, &other.response) else { return };
    if a.is_vary_alone == b.is_vary_alone && a.headers().eq(b.headers()) {
        return;
    }
    for edits in [a, b] {
        let names: Vec<String> = edits.vary.names().map(str::to_ascii_lowercase).collect();
        assert!(names.iter().any(|known| known == name), "{name} is not in `Vary`: {one:?} and {other:?}");
    }
}
