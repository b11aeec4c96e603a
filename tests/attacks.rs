//! Vulnerabilities and dangerous bugs that were published of other CORS implementations, each by its identifier, with
//! what went wrong there and the request or the configuration that would have shown it, in a real Envoy with the built
//! plugin. Beside each stands an honest call that is allowed: a filter that allows nothing would pass no test here.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

/// Settings that open everything, by default or in disguise.
#[path = "attacks/configs.rs"]
mod configs;
/// Origins that are taken for others.
#[path = "attacks/origins.rs"]
mod origins;
/// Paths that are taken for others.
#[path = "attacks/paths.rs"]
mod paths;
/// Responses that say or keep too much.
#[path = "attacks/responses.rs"]
mod responses;
/// Requests that stop or burden a server.
#[path = "attacks/service.rs"]
mod service;
mod support;

use proxy_wasm_cors::config;
use serde_json::{Value, json};
use support::bench::Bench;
use support::config::{Bootstrap, Configuration, Listener, UPSTREAM, cors_filter};
use support::expectation::Expectation;
use support::http::Request;

const LISTENER: &str = "api";
const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

fn cors(method: &str, path: &str, origin: &str) -> Request {
    Request::new(method, path).header("Origin", origin)
}

/// What a CORS request of an allowed page gets, and one of a page that is not.
fn allowed(origin: &str) -> Expectation {
    Expectation::new(200, &[("access-control-allow-origin", origin)], &["origin"])
}

fn not_allowed() -> Expectation {
    Expectation::new(200, &[], &["origin"])
}

/// The honest page may read the response, the hostile ones may not, nor do they get past a preflight.
#[track_caller]
fn check_origins(identifier: &'static str, config: &Value, honest: &str, hostile: &[&str]) {
    let mut bench = bench(identifier, config);
    bench.check(LISTENER, cors("GET", "/", honest), &allowed(honest), "-");
    for origin in hostile {
        let denied = "denied:origin-not-allowed";
        bench.check(LISTENER, cors("GET", "/", origin), &not_allowed(), denied);
        let refused = Expectation::denial("origin-not-allowed", &["origin"]);
        bench.check(LISTENER, Request::preflight("/", origin, "GET"), &refused, denied);
    }
    bench.finish();
}

/// The configuration is refused, and a message has `words` in it.
#[track_caller]
fn check_refused(config: &Value, words: &str) {
    let loaded = config::load(Some(config.to_string().as_bytes()));
    assert!(loaded.policies.is_none(), "{config} was accepted");
    let findings: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
    assert!(findings.iter().any(|finding| finding.contains(words)), "{words} is not in {findings:?}");
}

#[track_caller]
fn check_accepted(config: &Value) {
    assert!(config::load(Some(config.to_string().as_bytes())).policies.is_some(), "{config} was refused");
}

fn bench(identifier: &'static str, config: &Value) -> Bench {
    let route = json!({ "match": { "prefix": "/" }, "route": { "cluster": UPSTREAM } });
    bench_with_route(identifier, config, &route)
}

fn bench_with_route(identifier: &'static str, config: &Value, route: &Value) -> Bench {
    Bench::start(identifier, |upstream_port, access_log| {
        let filters = vec![cors_filter(&Configuration::Text(config.to_string()))];
        let listener = Listener::new(LISTENER, filters).routes(vec![route.clone()]);
        Bootstrap::new(upstream_port).listener(&listener.access_log(access_log))
    })
}
