//! Prometheus gets each counter of `envoy/envoy.yaml` and `envoy/policies.yaml` with policy and reason as labels, whatever
//! the policies are called: after known traffic on both workers a scrape has exactly the expected series and numbers.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use support::envoy::Envoy;
use support::example;
use support::http::{Request, send};
use support::prometheus::{check_scrape, counters};
use support::upstream::{Answer, Upstream};

const ADMIN_PAGE: &str = "https://admin.example.com";
const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

/// The policies of the example.
const NAMES: [&str; 4] = ["admin", "partners", "public", "rest"];

/// The last row: the longest name, and what other parts of Envoy's names look like.
const OTHER_NAMES: [[&str; 4]; 3] = [
    ["denied", "request_denied", "preflight_allowed", "origin-null"],
    ["-", "_", "0", "proxy_wasm_cors"],
    [
        "worker_0_rq_200",
        "cluster",
        "http-5xx",
        "a-policy-whose-name-is-as-long-as-a-name-may-be_64-letters-of-it",
    ],
];

#[test]
fn as_the_example_has_them() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let envoy = Envoy::start_from(example::checkout(upstream.port()), example::POLICIES, &[]);
    check(&envoy, NAMES);
    let connections = envoy.admin("/stats?filter=^listener.*worker_..downstream_cx_total$");
    let idle = connections.lines().filter(|line| line.ends_with(": 0")).count();
    assert_eq!((connections.lines().count(), idle), (2, 0), "a worker had no traffic: {connections}");
}

#[test]
fn under_any_names() {
    for names in OTHER_NAMES {
        let upstream = Upstream::start(|_| Answer::new(200));
        let directory = example::checkout_with(upstream.port(), example::POLICIES, |text| {
            NAMES.iter().zip(names).fold(text, |text, (old, new)| {
                text.replace(&format!("- name: {old}\n"), &format!("- name: '{new}'\n"))
            })
        });
        check(&Envoy::start_from(directory, example::POLICIES, &[]), names);
    }
}

#[test]
fn of_the_demo() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let envoy = Envoy::start_from(example::checkout(upstream.port()), example::DEMO, &[]);
    send(envoy.port(example::LISTENER), &Request::new("GET", "/").header("Origin", EVIL).case(0));
    let counted = [("request_denied", 1.0), ("denied.origin-not-allowed", 1.0)];
    let expected = counters("public", &[]).into_iter().chain(counters("dashboard", &counted)).collect();
    check_scrape(&envoy, &expected);
}

#[track_caller]
fn check(envoy: &Envoy, names: [&str; 4]) {
    let port = envoy.port(example::LISTENER);
    for (times, request) in traffic() {
        for _ in 0..times {
            send(port, &request.clone().case(0));
        }
    }
    let expected = names.iter().zip(COUNTED).flat_map(|(name, counted)| counters(name, counted)).collect();
    check_scrape(envoy, &expected);
}

/// What is sent, and how often: to `admin`, to `partners`, to `public`, to `rest`, and what is not counted.
fn traffic() -> Vec<(usize, Request)> {
    let get = |path: &str, origin: &str| Request::new("GET", path).header("Origin", origin);
    let preflight = Request::preflight;
    vec![
        (7, preflight("/admin/users", ADMIN_PAGE, "PUT")),
        (6, get("/admin/users", ADMIN_PAGE)),
        (2, get("/admin/users", APP)),
        (3, preflight("/admin/users", ADMIN_PAGE, "PATCH")),
        (1, get("/reports", "null")),
        (4, get("/orders", "https://crm.partner.example").authority("partners.example.com")),
        (5, preflight("/orders", EVIL, "GET").authority("partners.example.com")),
        (9, get("/public", EVIL)),
        (2, preflight("/public", EVIL, "GET").header("Access-Control-Request-Headers", "x-other")),
        (1, preflight("/public", EVIL, "GET").header("Access-Control-Request-Private-Network", "true")),
        (3, get("/", "https://app.example.com/")),
        (8, get("/", APP)),
        (1, preflight("/prices/..%2fpublic", APP, "GET").authority("other.example.com")),
        (6, Request::new("GET", "/")),
        (5, get("/", "http://api.example.com")),
    ]
}

/// What that makes of the counters of each policy.
const COUNTED: [&[(&str, f64)]; 4] = [
    &[
        ("preflight_allowed", 7.0),
        ("preflight_denied", 3.0),
        ("request_allowed", 6.0),
        ("request_denied", 3.0),
        ("denied.origin-not-allowed", 2.0),
        ("denied.method-not-allowed", 3.0),
        ("denied.origin-null", 1.0),
    ],
    &[("request_allowed", 4.0), ("preflight_denied", 5.0), ("denied.origin-not-allowed", 5.0)],
    &[
        ("request_allowed", 9.0),
        ("preflight_denied", 4.0),
        ("denied.header-not-allowed", 2.0),
        ("denied.private-network-not-allowed", 1.0),
        ("denied.path-not-normalized", 1.0),
    ],
    &[("request_allowed", 8.0), ("request_denied", 3.0), ("denied.origin-malformed", 3.0)],
];
