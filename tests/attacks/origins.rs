use serde_json::{Value, json};

use super::{APP, EVIL, LISTENER, allowed, bench, check_origins, check_refused, cors};
use crate::support::expectation::Expectation;

/// CVE-2017-11173, rack-cors: the regex made of an allowed origin had no anchor at its end.
#[test]
fn cve_2017_11173_rack_cors() {
    check_origins(
        "CVE-2017-11173",
        &json!({ "allow_origins": ["https://example.com"] }),
        "https://example.com",
        &["https://example.com.example.net", "https://example.com-example.net"],
    );
}

/// CVE-2019-25211, gin-contrib/cors: a `*` at the end, for any path or port, went on with the host.
#[test]
fn cve_2019_25211_gin_contrib() {
    check_refused(&json!({ "allow_origins": ["https://example.com/*"] }), "https://example.com");
    check_refused(&json!({ "allow_origins": ["https://example.com*"] }), "allow_origins[0]");
    check_origins(
        "CVE-2019-25211",
        &json!({ "allow_origins": ["https://example.com:*", "http://localhost:*"] }),
        "http://localhost:3000",
        &[
            "https://example.community",
            "http://localhost.example.com",
            "https://example.com.evil.example:8443",
        ],
    );
}

/// CVE-2022-1996, emicklei/go-restful: an allowed domain was a regex that matched anywhere in the origin.
#[test]
fn cve_2022_1996_go_restful() {
    check_origins(
        "CVE-2022-1996",
        &json!({ "allow_origins": [APP] }),
        APP,
        &["https://app.example.com.evil.example", "https://evilapp.example.com", "https://appxexample.com"],
    );
}

/// CVE-2022-4147, Quarkus: GET and POST that need no preflight went through whatever their origin, though the filter was
/// there to stop them.
#[test]
fn cve_2022_4147_quarkus() {
    check_blocked("CVE-2022-4147", EVIL, "origin-not-allowed");
}

/// GHSA-vhxv-fg4m-p2w8, jub0bs/cors: of two origins that end alike, the ends of one were taken for the other's.
#[test]
fn ghsa_vhxv_fg4m_p2w8_jub0bs_cors() {
    check_common_end(
        "GHSA-vhxv-fg4m-p2w8",
        &json!(["https://foo.com", "https://bar.com"]),
        "https://bar.com",
    );
}

/// GHSA-v84h-653v-4pq9, jub0bs/fcors: the same in its predecessor, here with a wildcard beside it.
#[test]
fn ghsa_v84h_653v_4pq9_jub0bs_fcors() {
    let origins = json!(["https://foo.com", "https://bar.com", "https://*.bar.com"]);
    check_common_end("GHSA-v84h-653v-4pq9", &origins, "https://foo.bar.com");
}

#[track_caller]
fn check_common_end(identifier: &'static str, origins: &Value, honest: &str) {
    let hostile = ["https://barfoo.com", "https://foobar.com", "https://bar.foo.com", "https://oo.com"];
    check_origins(identifier, &json!({ "allow_origins": origins }), honest, &hostile);
}

/// CVE-2025-50864, elysia-cors: an origin that was a part of an allowed one, or had one as its part, was allowed.
#[test]
fn cve_2025_50864_elysia() {
    check_origins(
        "CVE-2025-50864",
        &json!({ "allow_origins": ["https://example.com"] }),
        "https://example.com",
        &["https://notexample.com", "https://example.common.net", "https://example.co", "https://e"],
    );
}

/// CVE-2026-37737, sanic-cors: a configured regex had to match only the beginning of the origin.
#[test]
fn cve_2026_37737_sanic() {
    check_origins(
        "CVE-2026-37737",
        &json!({ "allow_origins": [{ "regex": "https://trusted\\.example" }] }),
        "https://trusted.example",
        &[
            "https://trusted.example.attacker.example",
            "https://trusted.example:8080",
            "https://trusted.examples",
        ],
    );
}

/// CVE-2026-56746, Netty: the short circuit for origins that are not allowed let `Origin: null` through.
#[test]
fn cve_2026_56746_netty() {
    check_blocked("CVE-2026-56746", "null", "origin-null");
}

#[track_caller]
fn check_blocked(identifier: &'static str, origin: &str, reason: &'static str) {
    let mut bench = bench(identifier, &json!({ "allow_origins": [APP], "block_denied_requests": true }));
    let (refused, denied) = (Expectation::denial(reason, &["origin"]), format!("denied:{reason}"));
    for method in ["GET", "POST", "PUT"] {
        bench.check(LISTENER, cors(method, "/", origin), &refused, &denied);
        bench.check(LISTENER, cors(method, "/", APP), &allowed(APP), "-");
    }
    bench.finish();
}

/// Pull request 801 of Starlette: its documentation's own regex also matched what only began as it.
#[test]
fn starlette_801() {
    check_origins(
        "Starlette 801",
        &json!({ "allow_origins": [{ "regex": "https://[a-z]+\\.example\\.org" }] }),
        "https://a.example.org",
        &["https://a.example.org.evil.example", "https://a.example.organic"],
    );
}

/// Pull request 10013 of kgateway: in its documentation's regex for Envoy the dots were not escaped, and the first of
/// them let in a domain of anyone's.
#[test]
fn kgateway_10013() {
    let regex = |regex| json!({ "allow_origins": [{ "regex": regex }] });
    check_refused(&regex("https://[a-zA-Z0-9]*.example.com"), "allow_origins[0]");
    check_origins(
        "kgateway 10013",
        &regex("https://[a-z0-9]+\\.example\\.com"),
        "https://app.example.com",
        &["https://appxexample.com", "https://app.examplexcom"],
    );
}
