use serde_json::json;

use super::{APP, EVIL, LISTENER, allowed, bench, bench_with_route, cors, not_allowed};
use crate::support::bench::Exchange;
use crate::support::config::UPSTREAM;
use crate::support::expectation::Expectation;
use crate::support::http::Request;
use crate::support::upstream::Answer;

const DENIED: &str = "denied:origin-not-allowed";

/// CVE-2017-7674, Apache Tomcat: no `Vary: Origin`, so a cache served one page what was meant for another.
#[test]
fn cve_2017_7674_tomcat() {
    let mut bench = bench("CVE-2017-7674", &json!({ "allow_origins": [APP, "https://other.example"] }));
    bench.check(LISTENER, cors("GET", "/", APP), &allowed(APP), "-");
    bench.check(LISTENER, cors("GET", "/", EVIL), &not_allowed(), DENIED);
    bench.check(LISTENER, Request::new("GET", "/"), &not_allowed(), "-");
    bench.finish();
}

/// CVE-2023-35943, Envoy: its CORS filter kept a pointer to `Origin`, and a route that removes that header ended Envoy.
#[test]
fn cve_2023_35943_envoy() {
    let route = json!({
        "match": { "prefix": "/" },
        "route": { "cluster": UPSTREAM },
        "request_headers_to_remove": ["origin"],
    });
    let mut bench = bench_with_route("CVE-2023-35943", &json!({ "allow_origins": [APP] }), &route);
    bench.check(LISTENER, cors("GET", "/", APP), &allowed(APP), "-");
    bench.check(LISTENER, cors("GET", "/", EVIL), &not_allowed(), DENIED);
    bench.finish();
}

/// CVE-2024-6221, Flask-CORS: private networks were opened to public pages by default.
#[test]
fn cve_2024_6221_flask_cors() {
    let mut bench = bench("CVE-2024-6221", &json!({ "allow_origins": [APP] }));
    let preflight = || Request::preflight("/", APP, "GET");
    let plain = Expectation::new(204, &[("access-control-allow-origin", APP)], &["origin"]);
    bench.check(LISTENER, preflight(), &plain, "allowed");
    let private = preflight().header("Access-Control-Request-Private-Network", "true");
    bench.check(LISTENER, private, &plain, "denied:private-network-not-allowed");
    bench.finish();
}

/// CVE-2025-71381, hono: the `Vary` of a request was copied into the response.
#[test]
fn cve_2025_71381_hono() {
    let mut bench = bench("CVE-2025-71381", &json!({ "allow_origins": [APP] }));
    for vary in ["X-Poison", "*", "Accept-Encoding"] {
        bench.check(LISTENER, cors("GET", "/", APP).header("Vary", vary), &allowed(APP), "-");
        let preflight = Request::preflight("/", APP, "GET").header("Vary", vary);
        let granted = Expectation { status: 204, ..allowed(APP) };
        bench.check(LISTENER, preflight, &granted, "allowed");
    }
    bench.finish();
}

/// Issue 4886 of Kong: to pages that are not allowed, what the upstream says went out.
#[test]
fn kong_4886() {
    let mut bench = bench("Kong 4886", &json!({ "allow_origins": [APP] }));
    for said in ["*", EVIL, "null"] {
        let answer = || Answer::new(200).header("Access-Control-Allow-Origin", said);
        let exchange = |origin| Exchange::new(cors("GET", "/", origin), answer());
        bench.check(LISTENER, exchange(EVIL), &not_allowed(), DENIED);
        bench.check(LISTENER, exchange(APP), &allowed(APP), "-");
    }
    bench.finish();
}
