//! Policies replace each other in a running Envoy, through a watched file, under traffic: by ECDS, with the example in
//! `envoy/ecds`, and by LDS; and with a listener or an Envoy of its own that takes the place of the one before. Every request is answered, by a policy that was in force while it was under way; a policy
//! that is refused changes nothing, and the log says why.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "reload/policies.rs"]
mod policies;
#[path = "reload/stage.rs"]
mod stage;
#[path = "reload/succession.rs"]
mod succession;
mod support;
#[path = "reload/traffic.rs"]
mod traffic;

use std::fs;
use std::time::Instant;

use serde_json::json;
use stage::{PROBES, Stage};
use support::envoy::{Envoy, run_to_end_from};
use support::example;
use support::expectation::Expectation;
use support::filter::Filter;
use support::http::{Request, send};
use support::upstream::{Answer, Upstream};
use support::wait::wait_until;
use traffic::Tally;

#[test]
fn by_ecds() {
    let stage = Stage::by_ecds();
    // Each with a bad one before it. What has no sandbox is held to more.
    let rounds = if Filter::under_test() == Filter::Module { 50 } else { 24 };
    let tally = stage.run(rounds);
    assert_eq!((tally.closed, tally.retried), (0, 0), "a policy that changes closes no connection");
    stage.check_counters(&tally);
}

/// The module's counts go to Envoy once a second, and those of the last second do too if the policy is gone by then.
#[test]
fn right_after_requests() {
    let stage = Stage::by_ecds();
    stage.run_in_a_hurry();
    stage.check_counters(&Tally::default());
}

/// What the comments of the example promise of its own policy, and of a start without a good one.
#[test]
fn the_example() {
    let upstream = Upstream::start(|_| Answer::new(200).header("Access-Control-Allow-Origin", "*"));
    let directory = example::checkout(upstream.port());
    let good = example::under_test(&example::read(example::ECDS_RESOURCE));
    let bad = good.replace("http://127.0.0.1:8080", "http://127.0.0.1:8080/");
    fs::write(directory.path().join(example::ECDS_RESOURCE), bad).expect("it can be written");
    let envoy = Envoy::start_from(directory, example::ECDS, &[]);
    let preflight = Request::preflight("/", "http://127.0.0.1:8080", "DELETE");
    let send = |request| send(envoy.port(example::LISTENER), request);
    let ask = || send(&preflight);
    let denial = Expectation::denial("origin-not-allowed", &["origin"]);
    assert_eq!(denial.differences(&ask()), Vec::<String>::new(), "no page is allowed");
    let request = Request::new("GET", "/").header("Origin", "http://127.0.0.1:8080").case(0);
    let withheld = Expectation::new(200, &[], &["origin"]);
    assert_eq!(withheld.differences(&send(&request)), Vec::<String>::new(), "requests pass");
    assert!(envoy.log().contains(": config: allow_origins[1]: `http://127.0.0.1:8080/` has a path"));
    envoy.replace(example::ECDS_RESOURCE, &good);
    wait_until("the policy is in force", || ask().status != 403);
    let expected = Expectation::new(
        204,
        &[
            ("access-control-allow-origin", "http://127.0.0.1:8080"),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "DELETE"),
            ("access-control-allow-headers", "authorization,content-type,x-request-id"),
            ("access-control-expose-headers", "x-job-id"),
            ("access-control-max-age", "600"),
        ],
        &["origin"],
    );
    assert_eq!(expected.differences(&ask()), Vec::<String>::new());
}

#[test]
fn the_example_without_its_policy() {
    let directory = example::checkout(1);
    fs::remove_file(directory.path().join(example::ECDS_RESOURCE)).expect("it is there");
    let ended = run_to_end_from(&directory, example::ECDS, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("'envoy/ecds/cors.yaml' does not exist"), "{}", ended.log);
}

/// A policy for many pages is taken like a small one.
#[test]
fn ten_thousand_origins() {
    let stage = Stage::by_ecds();
    let exact = (0..10_000).map(|number| format!("https://app-{number}.example"));
    let wildcards = (0..1_000).map(|number| format!("https://*.team-{number}.example:*"));
    stage.replace(&json!({ "allow_origins": exact.chain(wildcards).collect::<Vec<_>>() }));
    let status = |origin| send(stage.port(), &Request::preflight("/", origin, "GET")).status;
    let begin = Instant::now();
    wait_until("the policy is in force", || (0..PROBES).all(|_| status("https://app-0.example") == 204));
    println!("11,000 origins in force after {:?}", begin.elapsed());
    for (origin, expected) in [
        ("https://app-9999.example", 204),
        ("https://a.b.team-0.example", 204),
        ("https://a.team-999.example:8443", 204),
        ("https://app-10000.example", 403),
        ("https://team-999.example", 403),
        ("https://a.team-1000.example", 403),
        ("http://app-0.example", 403),
        ("http://localhost:8080", 403),
    ] {
        assert_eq!(status(origin), expected, "{origin}");
    }
}

#[test]
fn by_lds() {
    Stage::by_lds().run(3);
}

/// A listener is removed, and another one has been there before.
#[test]
fn by_new_listeners() {
    succession::of_listeners(3);
}

/// An Envoy drains its listeners and ends, and another one has been there before.
#[test]
fn by_new_envoys() {
    succession::of_envoys(3);
}
