//! Vulnerabilities that were published of other CORS implementations, each with the request or the configuration that
//! would have shown it, in a real Envoy with the built plugin. Beside each stands an honest call that is allowed: a
//! filter that allows nothing would pass no test here.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use proxy_wasm_cors::config;
use serde_json::{Value, json};
use support::bench::Bench;
use support::config::{Bootstrap, Configuration, Listener, cors_filter};
use support::expectation::Expectation;
use support::http::Request;

/// CVE-2022-1996, emicklei/go-restful: an allowed domain was matched anywhere in the origin.
#[test]
fn cve_2022_1996_go_restful() {
    check_origins(
        "CVE-2022-1996",
        &json!({ "allow_origins": ["https://app.example.com"] }),
        "https://app.example.com",
        &["https://app.example.com.evil.org", "https://evilapp.example.com", "https://appxexample.com"],
    );
}

/// CVE-2017-11173, Rack::Cors: the regex made of an allowed origin had no anchors.
#[test]
fn cve_2017_11173_rack_cors() {
    check_origins(
        "CVE-2017-11173",
        &json!({ "allow_origins": [{ "regex": "https://pr-[0-9]+\\.example\\.com" }] }),
        "https://pr-7.example.com",
        &["https://pr-7.example.community", "https://pr-7.example.com.evil.org"],
    );
}

/// CVE-2019-25211, gin-contrib/cors: `https://example.com/*` allowed `https://example.community`.
#[test]
fn cve_2019_25211_gin_contrib() {
    check_refused(&json!({ "allow_origins": ["https://example.com/*"] }), "https://example.com");
    check_refused(&json!({ "allow_origins": ["https://example.com*"] }), "allow_origins[0]");
    check_origins(
        "CVE-2019-25211",
        &json!({ "allow_origins": ["https://example.com:*"] }),
        "https://example.com:8443",
        &["https://example.community", "https://example.com.evil.org:8443"],
    );
}

/// CVE-2018-20744, rs/cors: any origin with credentials was echoed instead of refused.
#[test]
fn cve_2018_20744_rs_cors() {
    check_any_origin_with_credentials();
}

/// CVE-2018-8014, Apache Tomcat: the defaults of its CORS filter allowed credentials to every origin. Ours allow
/// nothing: without origins there is no policy.
#[test]
fn cve_2018_8014_tomcat() {
    check_refused(&json!({}), "allow_origins");
    check_any_origin_with_credentials();
}

/// CVE-2024-25124, gofiber/fiber: `*` with credentials was accepted without a word.
#[test]
fn cve_2024_25124_fiber() {
    check_any_origin_with_credentials();
}

/// CVE-2024-6221, Flask-CORS: private networks were opened to public pages by default.
#[test]
fn cve_2024_6221_flask_cors() {
    let origin = "https://app.example.com";
    let allowed = ("access-control-allow-origin", origin);
    let mut bench = bench("CVE-2024-6221", &json!({ "allow_origins": [origin] }));
    let preflight = || Request::preflight("/", origin, "GET");
    let plain = Expectation::new(204, &[allowed], &["origin"]);
    bench.check(LISTENER, preflight(), &plain, "allowed");
    let private = preflight().header("Access-Control-Request-Private-Network", "true");
    bench.check(LISTENER, private, &plain, "denied:private-network-not-allowed");
    bench.finish();
}

const LISTENER: &str = "api";

#[track_caller]
fn check_origins(identifier: &'static str, config: &Value, honest: &str, hostile: &[&str]) {
    let mut bench = bench(identifier, config);
    let allowed = Expectation::new(200, &[("access-control-allow-origin", honest)], &["origin"]);
    bench.check(LISTENER, Request::new("GET", "/").header("Origin", honest), &allowed, "-");
    for origin in hostile {
        let request = Request::new("GET", "/").header("Origin", origin);
        let denied = "denied:origin-not-allowed";
        bench.check(LISTENER, request, &Expectation::new(200, &[], &["origin"]), denied);
        let refused = Expectation::denial("origin-not-allowed", &["origin"]);
        bench.check(LISTENER, Request::preflight("/", origin, "GET"), &refused, denied);
    }
    bench.finish();
}

#[track_caller]
fn check_any_origin_with_credentials() {
    let with = |credentials: bool| json!({ "allow_origins": ["*"], "allow_credentials": credentials });
    check_refused(&with(true), "any-origin-with-credentials");
    assert!(config::load(Some(with(false).to_string().as_bytes())).policies.is_some());
}

/// The configuration is refused, and a message has `words` in it.
#[track_caller]
fn check_refused(config: &Value, words: &str) {
    let loaded = config::load(Some(config.to_string().as_bytes()));
    assert!(loaded.policies.is_none(), "{config} was accepted");
    let findings: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
    assert!(findings.iter().any(|finding| finding.contains(words)), "{words} is not in {findings:?}");
}

fn bench(suite: &'static str, config: &Value) -> Bench {
    Bench::start(suite, |upstream_port, access_log| {
        let filters = vec![cors_filter(&Configuration::Text(config.to_string()))];
        Bootstrap::new(upstream_port).listener(&Listener::new(LISTENER, filters).access_log(access_log))
    })
}
