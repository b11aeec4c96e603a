//! The examples in `envoy/` are valid, and `envoy/policies.yaml` gives each part of the API the policy that its comments
//! promise. What `envoy/ecds` promises is in `reload.rs`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::fs;

use support::envoy::{Envoy, run_to_end_from};
use support::example;
use support::expectation::Expectation;
use support::failures::Failures;
use support::http::{Request, send};
use support::release;
use support::upstream::{Answer, Upstream};

type Headers = &'static [(&'static str, &'static str)];

const ADMIN_PAGE: &str = "https://admin.example.com";
const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://crm.partner.example";
const STRANGER: &str = "https://stranger.example";

const PARTNERS_HOST: &str = "partners.example.com";

/// What each policy of the example answers to a preflight for DELETE from an origin that it allows.
const ADMIN: Headers = &[
    ("access-control-allow-origin", ADMIN_PAGE),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "PUT,DELETE"),
    ("access-control-allow-headers", "content-type,x-csrf-token"),
    ("access-control-max-age", "600"),
];
const PARTNERS: Headers = &[
    ("access-control-allow-origin", PARTNER),
    ("access-control-allow-headers", "authorization,content-type"),
];
const PUBLIC: Headers = &[("access-control-allow-origin", "*"), ("access-control-max-age", "86400")];
const REST: Headers = &[
    ("access-control-allow-origin", APP),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "PUT,DELETE"),
    ("access-control-allow-headers", "content-type,x-csrf-token"),
];

/// Preflights: host, path, origin, and which policy allows it or why it is denied.
const PREFLIGHTS: [(&str, &str, &str, Result<Headers, &str>); 21] = [
    ("api.example.com", "/admin/users", ADMIN_PAGE, Ok(ADMIN)),
    ("api.example.com", "/admin/users/1?x", ADMIN_PAGE, Ok(ADMIN)),
    ("api.example.com", "/reports", ADMIN_PAGE, Ok(ADMIN)),
    (PARTNERS_HOST, "/reports", ADMIN_PAGE, Ok(ADMIN)),
    ("api.example.com", "/reports", APP, Err("origin-not-allowed")),
    ("api.example.com", "/reportsx", APP, Ok(REST)),
    (PARTNERS_HOST, "/orders", PARTNER, Ok(PARTNERS)),
    ("Partners.Example.COM:10000", "/orders", PARTNER, Ok(PARTNERS)),
    (PARTNERS_HOST, "/public/prices", PARTNER, Ok(PARTNERS)),
    (PARTNERS_HOST, "/orders", APP, Err("origin-not-allowed")),
    ("api.example.com", "/public", STRANGER, Ok(PUBLIC)),
    ("api.example.com", "/public/prices", STRANGER, Ok(PUBLIC)),
    ("api.example.com", "/publications", STRANGER, Err("origin-not-allowed")),
    ("api.example.com", "/", APP, Ok(REST)),
    ("api.example.com", "/", PARTNER, Err("origin-not-allowed")),
    // Envoy makes one reading of these before the filter sees them.
    ("api.example.com", "/public/../reports", STRANGER, Err("origin-not-allowed")),
    ("api.example.com", "/public/%2e%2e/reports", ADMIN_PAGE, Ok(ADMIN)),
    ("api.example.com", "//reports", ADMIN_PAGE, Ok(ADMIN)),
    // Of these it does not.
    ("api.example.com", "/public/..%2freports", STRANGER, Err("path-not-normalized")),
    ("api.example.com", "/prices/..%5Cpublic", APP, Err("path-not-normalized")),
    // However it is read, its route chooses the policy.
    ("api.example.com", "/reports/..%5Cpublic", ADMIN_PAGE, Ok(ADMIN)),
];

#[test]
fn all_are_valid() {
    let directory = example::checkout(1);
    for config in example::CONFIGS {
        let ended = run_to_end_from(&directory, config, &["--mode", "validate"]);
        if config == example::DYNAMIC_MODULE && release::is_one_of(&["1.36", "1.37"]) {
            assert_eq!(ended.code, Some(1), "{config} needs a newer Envoy:\n{}", ended.log);
            continue;
        }
        assert_eq!(ended.code, Some(0), "{config}:\n{}", ended.log);
        assert!(!ended.log.contains("config: "), "{config} draws warnings:\n{}", ended.log);
    }
}

/// Validation is worth something: it runs the filter's own checks.
#[test]
fn a_mistake_is_found() {
    let directory = example::checkout(1);
    let text = example::read(example::DEMO).replace("http://127.0.0.1:8080", "http://api.example.com/");
    fs::write(directory.path().join(example::DEMO), text).expect("the file can be written");
    let ended = run_to_end_from(&directory, example::DEMO, &["--mode", "validate"]);
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    assert!(
        ended.log.contains("config: policies[1].allow_origins[1]: `http://api.example.com/`"),
        "{}",
        ended.log
    );
}

#[test]
fn policies() {
    let upstream = Upstream::start(|_| Answer::new(200).header("Access-Control-Allow-Origin", STRANGER));
    let envoy = Envoy::start_from(example::checkout(upstream.port()), example::POLICIES, &[]);
    let port = envoy.port(example::LISTENER);
    let mut failures = Failures::new("envoy/policies.yaml");
    for (host, path, origin, outcome) in PREFLIGHTS {
        for (request, expected) in exchanges(path, origin, outcome) {
            let request = request.authority(host).case(0);
            failures.row(request.to_string(), expected.differences(&send(port, &request)));
        }
    }
    failures.finish();
}

/// The preflight, and the CORS request after it, which passes but tells nothing to a page that is not allowed.
fn exchanges(path: &str, origin: &str, outcome: Result<Headers, &str>) -> [(Request, Expectation); 2] {
    let preflight = Request::preflight(path, origin, "DELETE");
    let request = Request::new("DELETE", path).header("Origin", origin);
    let vary: &[&str] = if outcome == Ok(PUBLIC) { &[] } else { &["origin"] };
    match outcome {
        Ok(headers) => {
            let is_for_requests = |(name, _): &&(&str, &str)| {
                ["access-control-allow-origin", "access-control-allow-credentials"].contains(name)
            };
            let of_request: Vec<_> = headers.iter().filter(is_for_requests).copied().collect();
            [
                (preflight, Expectation::new(204, headers, vary)),
                (request, Expectation::new(200, &of_request, vary)),
            ]
        }
        Err(reason) => {
            [(preflight, Expectation::denial(reason, vary)), (request, Expectation::new(200, &[], vary))]
        }
    }
}

/// What people copy: a slash within a segment is not a reason to deny, whether the page is allowed or everyone is.
#[test]
fn the_demo_allows_paths_with_an_encoded_slash() {
    const PAGE: &str = "http://localhost:8080";
    let upstream = Upstream::start(|_| Answer::new(200));
    let envoy = Envoy::start_from(example::checkout(upstream.port()), example::DEMO, &[]);
    let port = envoy.port(example::LISTENER);
    let of_page: Headers = &[
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-job-id"),
    ];
    let mut failures = Failures::new("envoy/envoy.yaml");
    for (path, expected) in [
        ("/jobs/a%2Fb", Expectation::new(200, of_page, &["origin"])),
        ("/jobs/../jobs/a%2fb", Expectation::new(200, of_page, &["origin"])),
        ("/status/a%2Fb", Expectation::new(200, &[("access-control-allow-origin", "*")], &[])),
    ] {
        let request = Request::new("GET", path).header("Origin", PAGE).case(0);
        failures.row(path, expected.differences(&send(port, &request)));
    }
    failures.finish();
}
