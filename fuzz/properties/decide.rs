//! Decisions: whatever a request holds, its response names no one else, and tells a cache what it depends on.
//!
//! The first line is a configuration; a request's lines follow, and the upstream's `vary` among them.

use std::borrow::Cow;

use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::decision::{Action, Decision, Denial, Kind, Reason, Verdict};
use proxy_wasm_cors::policy::response_edits::{HeaderValue, ResponseEdits};
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::policy::vary::merge;
use serde_json::Value;

use super::allowed::NaiveOrigins;
use super::request::{Request, lines};
use super::{field, own_origin, vary};

/// Holds the decision, and what it becomes when one header of the request is another.
pub fn check(input: &[u8]) {
    let lines = lines(input);
    let request = Request::read(&lines[1..].join(&b"\r\n"[..]));
    let Some(set) = config::load(Some(lines[0])).policies else { return };
    let Some(decision) = decide(&set, &request) else { return };
    check_verdict(&request, &decision);
    check_action(&decision);
    if let Some(edits) = &decision.response {
        check_edits(&request, &decision.verdict, edits);
        check_vary(&request, edits);
    }
    check_origin(lines[0], &request, &decision.verdict);
    check_dependence(&set, &request, &decision);
}

fn decide(set: &PolicySet, request: &Request) -> Option<Decision> {
    let decision = set.decide(request).map(|(_, decision)| decision);
    assert_eq!(decision, set.decide(request).map(|(_, again)| again), "a second decision differs");
    decision
}

/// <https://fetch.spec.whatwg.org/#http-requests>
fn kind_of(request: &Request) -> Option<Kind> {
    let asks_for_method =
        request.value("access-control-request-method").is_some_and(|method| !method.is_empty());
    let is_preflight = request.value(":method") == Some(b"OPTIONS") && asks_for_method;
    request.value("origin").map(|_| if is_preflight { Kind::Preflight } else { Kind::Cors })
}

fn is_own(request: &Request) -> bool {
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
    let Some(edits) = &decision.response else {
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
    for (name, value) in edits.headers() {
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

/// The verdict on the origin is the one of the second implementations.
fn check_origin(config: &[u8], request: &Request, verdict: &Verdict) {
    let (Ok(policy), Some(origin)) = (serde_json::from_slice::<Value>(config), request.value("origin"))
    else {
        return;
    };
    let Some(expected) = NaiveOrigins::of(&policy).and_then(|origins| origins.refusal(origin)) else {
        return;
    };
    let actual = match verdict {
        Verdict::Denied(denial) if denial.reason <= Reason::OriginNotAllowed => Some(denial.reason),
        Verdict::NotCrossOrigin => return assert!(expected.is_some(), "{request:?}"),
        _ => None,
    };
    assert_eq!(actual, expected, "{} under {policy}", origin.escape_ascii());
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
            if let Some(changed) = decide(set, &other).filter(|_| is_alike) {
                check_both(name, decision, &changed);
            }
        }
    }
}

fn check_both(name: &str, one: &Decision, other: &Decision) {
    let (Some(a), Some(b)) = (&one.response, &other.response) else { return };
    if a.headers().eq(b.headers()) {
        return;
    }
    for edits in [a, b] {
        let names: Vec<String> = edits.vary.names().map(str::to_ascii_lowercase).collect();
        assert!(names.iter().any(|known| known == name), "{name} is not in `Vary`: {one:?} and {other:?}");
    }
}
