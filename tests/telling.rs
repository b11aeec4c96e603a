//! The filter tells why: after known traffic every counter has the expected number within five seconds, and the debug
//! log has a line for each denial with policy, kind, reason and the origin.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::config::{Bootstrap, Configuration, Listener, cors_filter};
use support::envoy::{Directory, Envoy};
use support::filter::Filter;
use support::http::{Client, Request};
use support::upstream::{Answer, Upstream};
use support::wasm_log;

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

/// The longest that a scrape may lag behind the traffic.
const LAG: Duration = Duration::from_secs(5);

/// What is sent to the policies `api` (enforced) and `trial` (shadow), each as often as it says.
fn traffic() -> Vec<(u64, Request)> {
    let get = || Request::new("GET", "/");
    let authority = |request: Request| request.authority("own.example").header("X-Forwarded-Proto", "https");
    vec![
        (4, get()),
        (3, get().header("Origin", APP)),
        (2, get().header("Origin", EVIL)),
        (1, get().header("Origin", "null")),
        (5, authority(get().header("Origin", "https://own.example"))),
        (6, Request::preflight("/", APP, "PUT")),
        (1, Request::preflight("/", EVIL, "PUT")),
        (2, Request::preflight("/", APP, "PATCH")),
        (1, Request::preflight("/", APP, "PUT").header("Access-Control-Request-Headers", "x-other")),
        (1, Request::preflight("/", "https://app.example.com/", "PUT")),
    ]
}

const EXPECTED: [(&str, u64); 9] = [
    ("denied.header-not-allowed", 1),
    ("denied.method-not-allowed", 2),
    ("denied.origin-malformed", 1),
    ("denied.origin-not-allowed", 3),
    ("denied.origin-null", 1),
    ("preflight_allowed", 6),
    ("preflight_denied", 5),
    ("request_allowed", 3),
    ("request_denied", 3),
];

#[test]
fn counters_and_log() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let envoy = Envoy::start(Directory::new(), &bootstrap(upstream.port()));
    let ports = [envoy.port("api"), envoy.port("trial")];
    for (times, request) in traffic() {
        for port in ports {
            for _ in 0..times {
                Client::new(port).send(&request.clone().case(0)).expect("an answer");
            }
        }
    }
    let expected = EXPECTED.map(|(name, count)| (name.to_owned(), count)).into_iter().collect();
    for policy in ["api", "trial"] {
        check_counters(&envoy, policy, &expected);
    }
    check_log(&envoy.log());
}

#[track_caller]
fn check_counters(envoy: &Envoy, policy: &str, expected: &BTreeMap<String, u64>) {
    let end = Instant::now() + LAG;
    while counters(envoy, policy) != *expected && Instant::now() < end {
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(counters(envoy, policy), *expected, "the counters of `{policy}`");
}

/// The counters of a policy that are not zero.
fn counters(envoy: &Envoy, policy: &str) -> BTreeMap<String, u64> {
    let stats: Value = serde_json::from_str(&envoy.admin("/stats?format=json")).expect("the page is JSON");
    let all = stats["stats"].as_array().into_iter().flatten();
    let of_policy = all.filter_map(|stat| {
        let (of, name) = Filter::under_test().counter(stat["name"].as_str()?)?;
        (of == policy).then_some((name, stat["value"].as_u64()?))
    });
    // The module has two of a reason, for preflights and for requests.
    of_policy.filter(|(_, count)| *count > 0).fold(BTreeMap::new(), |mut counters, (name, count)| {
        *counters.entry(name).or_default() += count;
        counters
    })
}

fn check_log(log: &str) {
    let texts: Vec<String> = wasm_log::lines(log).map(|line| line.text).collect();
    let count = |text: &str| texts.iter().filter(|line| line.starts_with(text)).count();
    for (text, times) in [
        ("denied: policy `api`, request, origin-not-allowed, origin `https://evil.example`", 2),
        ("denied: policy `api`, request, origin-null, origin `null`", 1),
        ("denied: policy `api`, preflight, method-not-allowed, origin `https://app.example.com`", 2),
        ("denied: policy `api`, preflight, origin-malformed, origin `https://app.example.com/`", 1),
        ("shadow-denied: policy `trial`, request, origin-not-allowed, origin `https://evil.example`", 2),
    ] {
        assert_eq!(count(text), times, "{text}\n{}", texts.join("\n"));
    }
    assert_eq!(texts.iter().filter(|line| line.contains("denied: ")).count(), 16, "{}", texts.join("\n"));
}

fn bootstrap(upstream_port: u16) -> Bootstrap {
    let listener = |name: &str, mode: &str| {
        let config = json!({
            "name": name,
            "mode": mode,
            "allow_origins": [APP],
            "allow_methods": ["PUT"],
        });
        Listener::new(name, vec![cors_filter(&Configuration::Struct(&config))])
    };
    Bootstrap::new(upstream_port).listener(&listener("api", "enforce")).listener(&listener("trial", "shadow"))
}

/// Doubtful configurations are accepted with a line at `warn`, and a long origin does not make a long line.
#[test]
fn warnings_and_long_origins() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let config = json!({ "allow_origins": [APP], "allow_methods": ["patch"], "max_age": 86401 });
    let listener = Listener::new("doubtful", vec![cors_filter(&Configuration::Struct(&config))]);
    let envoy = Envoy::start(Directory::new(), &Bootstrap::new(upstream.port()).listener(&listener));
    let request = Request::new("GET", "/").header("Origin", "\u{1}".repeat(300)).case(0);
    let refused = Client::new(envoy.port("doubtful")).send(&request).map(|response| response.status);
    assert_eq!(refused.ok(), Some(400), "Envoy itself refuses control characters");
    let request = Request::new("GET", "/").header("Origin", "\u{e9}".repeat(300)).case(0);
    Client::new(envoy.port("doubtful")).send(&request).expect("an answer");
    let lines: Vec<_> = wasm_log::lines(&envoy.log()).collect();
    let warned = |path: &str| lines.iter().any(|line| line.level == "warning" && line.text.starts_with(path));
    assert!(warned("config: allow_methods[0]: `patch` is not `PATCH`"), "{lines:?}");
    assert!(warned("config: max_age: `86401` seconds"), "{lines:?}");
    let shown = r"\xc3\xa9".repeat(32);
    let denied = format!("denied: policy `default`, request, origin-malformed, origin `{shown}`");
    assert!(lines.iter().any(|line| line.text.starts_with(&denied)), "{lines:?}");
}

/// With several policies, each has its own counters.
#[test]
fn counters_of_several_policies() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let config = json!({ "policies": [
        { "name": "first", "match": { "hosts": ["first.example"] }, "allow_origins": [APP] },
        { "name": "second", "allow_origins": [EVIL] },
    ]});
    let listener = Listener::new("several", vec![cors_filter(&Configuration::Struct(&config))]);
    let envoy = Envoy::start(Directory::new(), &Bootstrap::new(upstream.port()).listener(&listener));
    let mut client = Client::new(envoy.port("several"));
    for host in ["first.example", "second.example", "second.example"] {
        let request = Request::new("GET", "/").authority(host).header("Origin", APP).case(0);
        client.send(&request).expect("an answer");
    }
    let counts = |counts: &[(&str, u64)]| {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<BTreeMap<_, _>>()
    };
    check_counters(&envoy, "first", &counts(&[("request_allowed", 1)]));
    check_counters(&envoy, "second", &counts(&[("denied.origin-not-allowed", 2), ("request_denied", 2)]));
}
