//! What a request costs in host calls, counted exactly in the second host. Calls that return data are counted
//! separately, because the host has to call back into the module for them, which costs most. No call is for logging or
//! metrics, and none is a WASI call.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use support::cases::Headers;
use support::host::{Host, Played};

const ONE: &str = r#"{"allow_origins":["https://a.example"],"allow_methods":["PUT"],"max_age":600}"#;
const ANY: &str = r#"{"allow_origins":["*"]}"#;
const BLOCKING: &str = r#"{"allow_origins":["https://a.example"],"block_denied_requests":true}"#;
const SHADOW: &str = r#"{"allow_origins":["https://a.example"],"mode":"shadow"}"#;

const ALLOWED: (&str, &str) = ("origin", "https://a.example");
const DENIED: (&str, &str) = ("origin", "https://b.example");
const OWN: (&str, &str) = ("origin", "http://api.example");
const PUT: (&str, &str) = ("access-control-request-method", "PUT");
const OPTIONS: (&str, &str) = (":method", "OPTIONS");
const PREFLIGHT: &str = "read access-control-request-method";
const PRIVATE_NETWORK: &str = "read access-control-request-private-network";
const REQUESTED_HEADERS: &str = "read access-control-request-headers";
const SITE: &str = "read sec-fetch-site";
const UPGRADE: &str = "read upgrade";
const CONTENT: &str = "read content-length";
const FORWARDED: &str = "read x-forwarded-proto";

type Lines<'a> = &'a [(&'a str, &'a str)];

/// Asserts the calls for a request with these headers beside those that every request has, and for its response.
/// `set` and `remove` are counted under that word, each `read` by the name that it asks for.
#[track_caller]
fn check(
    config: &str,
    request: Lines<'_>,
    response: Lines<'_>,
    with_data: &[&str],
    others: &[(&str, usize)],
) {
    let mut host = Host::start(config).unwrap_or_else(|errors| panic!("{errors:?}"));
    host.state_mut().route = Some(b"r".to_vec());
    // The first reply shows that the host runs the plugin over it, and differs: `the_first_reply`.
    host.play(&with_pseudo_headers(&[ALLOWED, PUT, OPTIONS]), (200, &Headers::new()));
    let wasi_calls = host.state().wasi_calls;
    let played = host.play(&with_pseudo_headers(request), (200, &lines(response)));
    let (data, rest): (Vec<_>, Vec<_>) = played.calls.into_iter().partition(|call| call.returns_data);
    let mut data: Vec<String> = data.into_iter().map(|call| call.what).collect();
    data.sort();
    assert_eq!(data, with_data.iter().map(|name| format!("read {name}")).collect::<Vec<_>>(), "with data");
    let mut counts = BTreeMap::new();
    for call in &rest {
        let word = call.what.split(' ').next().filter(|word| *word != "read").unwrap_or(&call.what);
        *counts.entry(word).or_default() += 1;
    }
    assert_eq!(counts, others.iter().copied().collect::<BTreeMap<_, usize>>(), "without data");
    assert_eq!(host.state().wasi_calls, wasi_calls, "of WASI");
}

fn with_pseudo_headers(request: Lines<'_>) -> Headers {
    let common = [(":method", "GET"), (":scheme", "http"), (":authority", "api.example"), (":path", "/x")];
    let common = common.into_iter().filter(|(name, _)| request.iter().all(|(other, _)| other != name));
    lines(&common.chain(request.iter().copied()).collect::<Vec<_>>())
}

fn lines(lines: Lines<'_>) -> Headers {
    lines.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

#[test]
fn without_an_origin() {
    check(ONE, &[], &[], &[], &[("read origin", 1), ("remove", 7), ("read vary", 1), ("set", 1)]);
    let vary = &[("vary", "accept")];
    check(ONE, &[], vary, &["vary"], &[("read origin", 1), ("remove", 7), ("set", 1)]);
    let vary = &[("vary", "origin")];
    check(ONE, &[], vary, &["vary"], &[("read origin", 1), ("remove", 7)]);
    check(ANY, &[], vary, &[], &[("read origin", 1), ("remove", 6), ("set", 1)]);
    check(SHADOW, &[], vary, &[], &[("read origin", 1)]);
}

#[test]
fn cors_requests() {
    let allowed = &[(PREFLIGHT, 1), ("remove", 6), ("read vary", 1), ("set", 2)];
    check(ONE, &[ALLOWED], &[], &["origin"], allowed);
    let allowed = &[(PREFLIGHT, 1), ("remove", 6), ("set", 2)];
    check(ONE, &[ALLOWED], &[("vary", "accept")], &["origin", "vary"], allowed);
    check(ANY, &[ALLOWED], &[], &["origin"], &[(PREFLIGHT, 1), ("remove", 6), ("set", 1)]);
    check(SHADOW, &[ALLOWED], &[], &["origin"], &[(PREFLIGHT, 1)]);
}

/// It takes the authority to know whether a page calls its own origin, and the scheme only if it may.
#[test]
fn denied_requests() {
    let data = &[":authority", "origin"];
    let judged = [(PREFLIGHT, 1), (SITE, 1), ("record", 1)];
    let edited = [("remove", 7), ("read vary", 1), ("set", 1)];
    let open = [&judged[..], &[(UPGRADE, 1)]].concat();
    check(ONE, &[DENIED], &[], data, &[&open[..], &edited, &[("add", 1)]].concat());
    check(SHADOW, &[DENIED], &[], data, &open);
    // Where every request is blocked, it does not matter whether one is a handshake.
    check(BLOCKING, &[DENIED], &[], data, &[&judged[..], &edited, &[("reply", 1)]].concat());
    let web_sockets = BLOCKING.replace("true", "\"websockets\"");
    check(&web_sockets, &[DENIED], &[], data, &[&open[..], &edited, &[("add", 1)]].concat());
    let site = ("sec-fetch-site", "cross-site");
    let told = [&[(PREFLIGHT, 1), (UPGRADE, 1), ("record", 1), ("add", 1)][..], &edited].concat();
    check(ONE, &[DENIED, site], &[], &["origin", "sec-fetch-site"], &told);
    let own = &[(PREFLIGHT, 1), (SITE, 1), (FORWARDED, 1), ("remove", 7), ("read vary", 1), ("set", 1)];
    check(BLOCKING, &[OWN], &[], &[":authority", ":scheme", "origin"], own);
    let own = &[(PREFLIGHT, 1), (SITE, 1), ("remove", 7), ("read vary", 1), ("set", 1)];
    let forwarded = ("x-forwarded-proto", "http");
    check(BLOCKING, &[OWN, forwarded], &[], &[":authority", "origin", "x-forwarded-proto"], own);
}

/// One for each header of the request that it must know.
#[test]
fn preflights() {
    let data = [":method", "access-control-request-method", "origin"];
    let denied = &[("record", 1), ("reply", 1), ("remove", 7), ("read vary", 1), ("set", 1)];
    check(ONE, &[DENIED, PUT, OPTIONS], &[], &data, denied);
    let told = [("record", 1), ("reply", 1), ("read vary", 1), (PRIVATE_NETWORK, 1), (CONTENT, 1)];
    let allowed = [&told[..], &[(REQUESTED_HEADERS, 1), ("remove", 4), ("set", 4)]].concat();
    check(ONE, &[ALLOWED, PUT, OPTIONS], &[], &data, &allowed);
    let data = [":method", "access-control-request-headers", "access-control-request-method", "origin"];
    let names = ("access-control-request-headers", "x-a");
    let header_not_allowed = [&told[..], &[("remove", 4), ("set", 4)]].concat();
    check(ONE, &[ALLOWED, PUT, OPTIONS, names], &[], &data, &header_not_allowed);
}

/// It has `Vary` from the start, for a host that does not run the plugin over it; in one that does, `Vary` is read once.
#[test]
fn the_first_reply() {
    let mut host = Host::start(ONE).expect("it is valid");
    let mut play = || host.play(&with_pseudo_headers(&[DENIED, PUT, OPTIONS]), (200, &Headers::new()));
    let (first, second) = (play(), play());
    let about_vary = |played: Played| {
        let calls = played.calls.into_iter().filter(|call| call.what.ends_with("vary"));
        calls.map(|call| (call.what, call.returns_data)).collect::<Vec<_>>()
    };
    assert_eq!(about_vary(first), [("read vary".to_owned(), true)]);
    assert_eq!(about_vary(second), [("read vary".to_owned(), false), ("set vary".to_owned(), false)]);
}

/// A set of policies pays for what some policy looks at.
#[test]
fn several_policies() {
    let config = |selector: &str| {
        let policy = |name: &str, selector: &str| {
            format!(r#"{{"name":"{name}",{selector}"allow_origins":["https://a.example"]}}"#)
        };
        format!(r#"{{"policies":[{},{}]}}"#, policy("a", &format!(r#""match":{selector},"#)), policy("b", ""))
    };
    let allowed = &[(PREFLIGHT, 1), ("remove", 6), ("read vary", 1), ("set", 2)];
    check(&config(r#"{"hosts":["x.example"]}"#), &[ALLOWED], &[], &[":authority", "origin"], allowed);
    check(&config(r#"{"paths":["/y"]}"#), &[ALLOWED], &[], &[":path", "origin"], allowed);
    check(&config(r#"{"routes":["s"]}"#), &[ALLOWED], &[], &["(route)", "origin"], allowed);
    let all = config(r#"{"hosts":["x.example"],"paths":["/y"],"routes":["s"]}"#);
    check(&all, &[ALLOWED], &[], &["(route)", ":authority", ":path", "origin"], allowed);
}

/// What is new costs those who use it.
#[test]
fn what_some_policies_say() {
    let policy = |fields: &str| format!(r#"{{"allow_origins":["https://a.example"]{fields}}}"#);
    let timing = [(PREFLIGHT, 1), ("remove", 6), ("read vary", 1), ("set", 3)];
    check(&policy(r#","allow_timing":true"#), &[ALLOWED], &[], &["origin"], &timing);
    let open = [(PREFLIGHT, 1), (SITE, 1), (UPGRADE, 1), ("record", 1), ("add", 1)];
    let removed = [&open[..], &[("remove", 8), ("read vary", 1), ("set", 1)]].concat();
    check(&policy(r#","allow_timing":true"#), &[DENIED], &[], &[":authority", "origin"], &removed);
    let same_site = r#"{"allow_origins":["same-site","https://a.example"]}"#;
    let allowed = [(PREFLIGHT, 1), ("remove", 6), ("read vary", 1), ("set", 2)];
    check(same_site, &[ALLOWED], &[], &["origin"], &allowed);
    let passed = r#"{"policies":[{"name":"a","mode":"passthrough"}]}"#;
    check(passed, &[ALLOWED], &[], &[], &[]);
    let own = r#"{"policies":[{"name":"a","match":{"allowed_origins_only":true},"allow_origins":["https://a.example"]},
        {"name":"b","allow_origins":["*"]}]}"#;
    check(own, &[ALLOWED], &[], &["origin"], &allowed);
    check(own, &[DENIED], &[], &["origin"], &allowed);
}

/// Where a policy was chosen by its route, the route is asked for again, and only if there is something to withhold.
#[test]
fn a_policy_by_route() {
    let config =
        r#"{"policies":[{"name":"a","match":{"routes":["r"]},"allow_origins":["https://a.example"]}]}"#;
    let allowed = [(PREFLIGHT, 1), ("remove", 6), ("read vary", 1), ("set", 2)];
    check(config, &[ALLOWED], &[], &["(route)", "(route)", "origin"], &allowed);
    check(config, &[], &[], &["(route)"], &[("read origin", 1), ("remove", 7), ("read vary", 1), ("set", 1)]);
}

/// Where no policy applies, nothing is done at all.
#[test]
fn no_policy() {
    let config =
        r#"{"policies":[{"name":"a","match":{"hosts":["x"]},"allow_origins":["https://a.example"]}]}"#;
    check(config, &[ALLOWED], &[], &[":authority"], &[]);
}

/// Metrics are handed over on a tick, only those counters that have counted.
#[test]
fn a_tick() {
    let mut host = Host::start(ONE).expect("it is valid");
    for _ in 0..5 {
        host.play(&with_pseudo_headers(&[ALLOWED]), (200, &Headers::new()));
    }
    for expected in [&["log level", "count", "record"][..], &["log level", "record"]] {
        let calls = host.tick();
        assert_eq!(calls.iter().map(|call| call.what.as_str()).collect::<Vec<_>>(), expected);
    }
    assert_eq!(host.state().counters(), BTreeMap::from([("proxy_wasm_cors.default.request_allowed", 5)]));
}
