use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{APP, LISTENER, bench, cors, not_allowed};
use crate::support::bench::Bench;
use crate::support::expectation::Expectation;
use crate::support::http::Request;
use crate::support::wasm_log;

/// Hundreds of times longer than an answer takes. A backtracking or quadratic parser would take longer for these
/// inputs.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a value can have at most in most servers.
const LONG: usize = 60 * 1024;

/// GHSA-23vw-mhv5-grv5, @hapi/hapi: invalid values in CORS headers ended the process.
#[test]
fn ghsa_23vw_mhv5_grv5_hapi() {
    let mut bench = bench("GHSA-23vw-mhv5-grv5", &json!({ "allow_origins": [APP] }));
    let refused = Expectation::denial("origin-malformed", &["origin"]);
    for origin in [&b"\xff"[..], b"null\xff", b"://", b"https://[", b"https://a:b:c"] {
        bench.check(LISTENER, Request::preflight("/", origin, "GET"), &refused, "denied:origin-malformed");
        check_honest(&mut bench, &[]);
    }
    bench.finish();
}

/// CVE-2024-1681, Flask-CORS: what a request said stood in the debug log as it was, line ends too. Envoy takes no CR or
/// LF in a value, but the line ends of Unicode, the mark that turns the direction of text, and a tab.
#[test]
fn cve_2024_1681_flask_cors() {
    let mut bench = bench("CVE-2024-1681", &json!({ "allow_origins": [APP] }));
    for end in [&b"\xc2\x85"[..], b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\t"] {
        let origin = [b"https://a.example", end, b"[error] forged"].concat();
        let request = Request::new("GET", "/%0d%0aforged").header("Origin", origin);
        bench.check(LISTENER, request, &not_allowed(), "denied:origin-malformed");
    }
    check_honest(&mut bench, &[]);
    let (log, denials) = bench.log_and_denials();
    bench.finish();
    assert_eq!(wasm_log::unescaped(&log), None, "an unescaped byte is in the log");
    let lines = wasm_log::lines(&log).filter(|line| line.text.contains("forged"));
    assert_eq!((lines.count(), denials), (4, 4), "one line for each denial");
}

/// CVE-2025-47908 (GHSA-mh55-gqvf-xfwm), rs/cors: many commas in `Access-Control-Request-Headers` took much memory.
#[test]
fn cve_2025_47908_rs_cors() {
    check_requested_headers(
        "CVE-2025-47908",
        &json!(["x-a"]),
        &[b",".repeat(LONG), b"x-a,".repeat(LONG / 4)],
    );
}

/// CVE-2026-69207, hono: a regex that tolerates blanks around commas took seconds for many of them, where no headers
/// were configured.
#[test]
fn cve_2026_69207_hono() {
    let blanks = |end: &[u8]| [b"x-a", " ".repeat(LONG).as_bytes(), end].concat();
    check_requested_headers("CVE-2026-69207", &json!([]), &[blanks(b"x-b"), blanks(b",x-b")]);
}

#[track_caller]
fn check_requested_headers(identifier: &'static str, allow_headers: &Value, hostile: &[Vec<u8>]) {
    let mut bench = bench(identifier, &json!({ "allow_origins": [APP], "allow_headers": allow_headers }));
    let listed: &[_] =
        if allow_headers == &json!([]) { &[] } else { &[("access-control-allow-headers", "x-a")] };
    for value in hostile {
        let request = Request::preflight("/", APP, "GET").header("Access-Control-Request-Headers", value);
        let begin = Instant::now();
        bench.check(LISTENER, request, &granted(listed), "denied:header-not-allowed");
        assert!(begin.elapsed() < PATIENCE, "{identifier}: answered after {:?}", begin.elapsed());
        check_honest(&mut bench, listed);
    }
    bench.finish();
}

/// Issue 14352 of Kong: to an empty `Origin` there was no answer at all.
#[test]
fn kong_14352() {
    let mut bench = bench("Kong 14352", &json!({ "allow_origins": [APP, "https://other.example"] }));
    bench.check(LISTENER, cors("GET", "/", ""), &not_allowed(), "denied:origin-malformed");
    check_honest(&mut bench, &[]);
    bench.finish();
}

#[track_caller]
fn check_honest(bench: &mut Bench, headers: &[(&str, &str)]) {
    bench.check(LISTENER, Request::preflight("/", APP, "GET"), &granted(headers), "allowed");
}

fn granted(headers: &[(&str, &str)]) -> Expectation {
    Expectation::new(204, &[&[("access-control-allow-origin", APP)], headers].concat(), &["origin"])
}
