//! How often the core allocates to decide: the head hands out values that it had before, as a host does that pays for
//! them itself, so all that is counted is the core's own.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::hint::black_box;

use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::policy::vary;
use proxy_wasm_cors::request::RequestHead;

const LISTED: &str = r#"{
    "allow_origins": ["https://app.example.com", "https://*.apps.example.com", "http://localhost:*",
        {"regex": "https://pr-[0-9]+\\.example\\.com"}],
    "allow_credentials": true, "allow_methods": ["PUT"], "allow_headers": ["content-type", "x-a"],
    "expose_headers": ["x-b"], "max_age": 600, "block_denied_requests": true}"#;
const ANY: &str =
    r#"{"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*", "Authorization"]}"#;
const SHADOW: &str = r#"{"allow_origins": ["https://app.example.com"], "mode": "shadow"}"#;
const BY_PATH: &str = r#"{"policies": [
    {"name": "api", "match": {"hosts": ["api.example.com"], "paths": ["/api"]}, "allow_origins": ["https://app.example.com"]}]}"#;

type Lines = [(&'static str, &'static str)];

/// A line of a head: its name, and its value until that is taken.
type Line = (&'static str, Option<Vec<u8>>);

/// A head whose every value can be taken once.
struct Head(RefCell<Vec<Line>>);

impl Head {
    fn new(lines: &Lines) -> Self {
        let target = [(":authority", "api.example.com"), (":path", "/api/jobs"), (":scheme", "https")];
        // What comes first is found: a line may say something else.
        let lines = lines.iter().chain(&target).map(|(name, value)| (*name, Some(value.as_bytes().to_vec())));
        Self(RefCell::new(lines.collect()))
    }
}

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        self.0.borrow_mut().iter_mut().find(|(known, _)| *known == name)?.1.take()
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        None
    }
}

/// Decides, and edits a response without `Vary` up to where the host takes over; how often that allocates.
fn allocations(policies: &PolicySet, lines: &Lines) -> u64 {
    let head = Head::new(lines);
    let mut decided = None;
    let counted = allocation_counter::measure(|| {
        let decision = policies.decide(&head);
        if let Some(edits) = &decision.decision.response {
            edits.each(|name, value| {
                black_box((name, value));
            });
            black_box(vary::merge(None, edits.vary.names()));
        }
        decided = Some(black_box(decision));
    });
    counted.count_total
}

#[track_caller]
fn check(config: &str, lines: &Lines, expected: u64) {
    let policies = config::load(Some(config.as_bytes())).policies.expect("a valid configuration");
    // What is set up once, as the cache of a regex is, belongs to the configuration.
    allocations(&policies, lines);
    assert_eq!(allocations(&policies, lines), expected, "{lines:?} under {config}");
}

const APP: (&str, &str) = ("origin", "https://app.example.com");
const STRANGER: (&str, &str) = ("origin", "https://app.example.com.evil.org");
const PREFLIGHT: [(&str, &str); 2] = [(":method", "OPTIONS"), ("access-control-request-method", "PUT")];

#[test]
fn a_request_without_origin_allocates_nothing() {
    for config in [LISTED, ANY, SHADOW, BY_PATH] {
        check(config, &[], 0);
        check(config, &PREFLIGHT, 0);
    }
}

#[test]
fn a_denied_request_allocates_nothing() {
    for origin in [
        STRANGER.1,
        "",
        "null",
        "https://app.example.com/",
        "https://a.b.c.example.com:8443",
        "https://[2001:db8::1]:8443",
        "https://192.0.2.1",
    ] {
        for config in [LISTED, SHADOW, BY_PATH] {
            check(config, &[("origin", origin)], 0);
            check(config, &[&[("origin", origin)], &PREFLIGHT[..]].concat(), 0);
        }
    }
    check(LISTED, &[("origin", "https://pr-x.example.com")], 0);
}

#[test]
fn an_allowed_request_sends_back_what_it_was_given() {
    for origin in [APP.1, "https://a.apps.example.com", "http://localhost:5173", "https://pr-7.example.com"] {
        check(LISTED, &[("origin", origin)], 0);
    }
    check(ANY, &[STRANGER], 0);
}

#[test]
fn a_preflight_under_lists_sends_what_was_prepared() {
    let headers = |names| ("access-control-request-headers", names);
    let with = |line| [&[APP, line], &PREFLIGHT[..]].concat();
    check(LISTED, &with(headers("content-type,x-a")), 0);
    check(ANY, &with(headers("content-type,x-a")), 0);
    // The origin goes out in the answer, and stays for the log, as the name does, which `Proxy-Status` tells too.
    check(LISTED, &with(headers("x-unlisted")), 3);
}
