use serde_json::{Value, json};

use super::{APP, EVIL, LISTENER, bench, check_accepted, check_origins, check_refused, cors};
use crate::support::expectation::Expectation;

/// CVE-2017-20146, gorilla/handlers: if every origin was allowed, the answer named whoever asked.
#[test]
fn cve_2017_20146_gorilla() {
    let mut bench = bench("CVE-2017-20146", &json!({ "allow_origins": ["*"] }));
    let anyone = Expectation::new(200, &[("access-control-allow-origin", "*")], &[]);
    for origin in [APP, EVIL, "null"] {
        bench.check(LISTENER, cors("GET", "/", origin), &anyone, "-");
    }
    bench.finish();
}

/// CVE-2018-20744, rs/cors: with credentials, `*` became the origin of whoever asked.
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

/// CVE-2021-39185, http4s: by default every origin was named and had credentials, `null` too.
#[test]
fn cve_2021_39185_http4s() {
    check_refused(&json!({ "allow_origins": ["null"] }), "null-origin");
    let config = json!({
        "allow_origins": ["*"],
        "allow_credentials": true,
        "dangerously_allow": ["any-origin-with-credentials"],
    });
    let mut bench = bench("CVE-2021-39185", &config);
    let headers = [("access-control-allow-origin", APP), ("access-control-allow-credentials", "true")];
    bench.check(LISTENER, cors("GET", "/", APP), &Expectation::new(200, &headers, &["origin"]), "-");
    let nothing = Expectation::new(200, &[], &["origin"]);
    bench.check(LISTENER, cors("GET", "/", "null"), &nothing, "denied:origin-null");
    bench.finish();
}

/// CVE-2023-49803, @koa/cors: without configured origins, the answer named whoever asked.
#[test]
fn cve_2023_49803_koa() {
    check_refused(&json!({ "allow_methods": ["PUT"] }), "allow_origins");
    check_origins("CVE-2023-49803", &json!({ "allow_origins": [APP] }), APP, &[EVIL]);
}

/// CVE-2024-25124, gofiber/fiber: `*` with credentials was accepted without a word.
#[test]
fn cve_2024_25124_fiber() {
    check_any_origin_with_credentials();
}

/// CVE-2026-54290, hono: the default `*` with credentials named whoever asked.
#[test]
fn cve_2026_54290_hono() {
    check_any_origin_with_credentials();
}

/// CVE-2026-89058, RESTEasy: `*` named whoever asked, with credentials.
#[test]
fn cve_2026_89058_resteasy() {
    check_any_origin_with_credentials();
}

/// Issue 9027 of Apache APISIX: the default `*` made a list of regexes beside it mean nothing.
#[test]
fn apisix_9027() {
    let regex = json!({ "regex": "https://[a-z]+\\.example\\.com" });
    check_refused(&json!({ "allow_origins": ["*", regex] }), "`*`");
    check_origins("APISIX 9027", &json!({ "allow_origins": [regex] }), APP, &[EVIL]);
}

/// Issue 7875 of Kong's documentation: an empty list of origins allows all of them.
#[test]
fn kong_docs_7875() {
    check_refused(&json!({ "allow_origins": [] }), "allow_origins");
    check_accepted(&json!({ "allow_origins": [APP] }));
}

#[track_caller]
fn check_any_origin_with_credentials() {
    let with =
        |credentials: bool| -> Value { json!({ "allow_origins": ["*"], "allow_credentials": credentials }) };
    check_refused(&with(true), "any-origin-with-credentials");
    check_accepted(&with(false));
}
