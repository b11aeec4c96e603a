//! No byte in a request or in an upstream's response makes the filter trap, hang or forget itself: after each hostile
//! exchange an honest preflight on the same listener is answered. No such byte reaches the log unescaped, and the log
//! has one line for each denial.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::bench::{Bench, Exchange};
use support::config::{Bootstrap, Configuration, Listener, cors_filter};
use support::expectation::Expectation;
use support::http::Request;
use support::upstream::Answer;
use support::wasm_log;

const APP: &str = "https://app.example.com";
const LISTENERS: [&str; 3] = ["listed", "echo", "routed"];

const ALLOW_ORIGIN: (&str, &str) = ("access-control-allow-origin", APP);
const CREDENTIALS: (&str, &str) = ("access-control-allow-credentials", "true");
const ALLOW_PUT: (&str, &str) = ("access-control-allow-methods", "PUT");
const ALLOW_GET: (&str, &str) = ("access-control-allow-methods", "GET");
const ALLOW_X_A: (&str, &str) = ("access-control-allow-headers", "x-a");

/// An origin that takes up every byte that the contract allows: 64 + 3 + 253 + 6.
fn longest_origin() -> String {
    let label = "a".repeat(63);
    format!("{}://{label}.{label}.{label}.{}:65535", "a".repeat(64), "a".repeat(61))
}

#[test]
fn origins() {
    let mut bench = bench("hostile origins");
    let longest = longest_origin();
    assert_eq!(longest.len(), 326);
    check_origin(&mut bench, longest.as_bytes(), "origin-not-allowed");
    check_origin(&mut bench, format!("{longest}0").as_bytes(), "origin-malformed");
    check_origin(&mut bench, &b"a".repeat(50_000), "origin-malformed");
    let odd: [&[u8]; 12] = [
        b"",
        b"\xff",
        b"\xff\xfe\xfd\xfc",
        b"https://app.example.com\xff",
        b"https://app.example.com\xc3\xa9",
        b"\xe2\x80\xaehttps://app.example.com",
        b"https://app.example.com\\n\"}'<script>",
        b"%s%n{}{0}%FILTER_STATE(x)%",
        b"https://[::1\xff]",
        b"https://:99999999999999999999",
        b"://",
        b"null\xff",
    ];
    odd.iter().for_each(|origin| check_origin(&mut bench, origin, "origin-malformed"));
    finish(bench);
}

fn check_origin(bench: &mut Bench, origin: &[u8], reason: &str) {
    let denied = format!("denied:{reason}");
    for listener in LISTENERS {
        // Any origin is allowed there if it is one.
        let is_allowed = listener == "echo" && reason == "origin-not-allowed";
        if !is_allowed {
            let forwarded = Expectation::new(200, &[], &["origin"]);
            check(bench, listener, Request::new("GET", "/a").header("Origin", origin), &forwarded, &denied);
            let refused = Expectation::denial(reason, &["origin"]);
            check(bench, listener, Request::preflight("/a", origin, "GET"), &refused, &denied);
        }
    }
}

#[test]
fn several_origin_lines() {
    let mut bench = bench("several `Origin` lines");
    let evil = "https://evil.example";
    // Envoy joins the lines with a comma, and leaves out empty ones.
    for (first, second) in [(APP, evil), (evil, APP), (APP, APP), ("", "")] {
        let request = Request::preflight("/a", first, "GET").header("Origin", second);
        let refused = Expectation::denial("origin-malformed", &["origin"]);
        check(&mut bench, "listed", request, &refused, "denied:origin-malformed");
    }
    finish(bench);
}

#[test]
fn requested_methods() {
    let mut bench = bench("hostile requested methods");
    let long = "A".repeat(50_000);
    let odd: [&[u8]; 5] = [b"\xff", b"GET\xff", b"GET,PUT", b"PUT\xc2\xa0", long.as_bytes()];
    for method in odd {
        let request = || Request::preflight("/a", APP, method);
        check(&mut bench, "listed", request(), &granted("listed"), "denied:method-not-allowed");
        // The longest of them is a token, and so a method: only the others cannot be allowed.
        if method != long.as_bytes() {
            let echo = Expectation::new(204, &[ALLOW_ORIGIN, CREDENTIALS], &VARY_ECHO);
            check(&mut bench, "echo", request(), &echo, "denied:method-not-allowed");
        }
    }
    finish(bench);
}

#[test]
fn requested_headers() {
    let mut bench = bench("hostile requested headers");
    let denied = "denied:header-not-allowed";
    let odd: [&[u8]; 4] = [b"\xff", b"x-a,\xff", b"x-a\xff", b"x-a x-a"];
    let long = [b",".repeat(5000), b"x-a,".repeat(12_000), b" ,\t,".repeat(12_000), b"a".repeat(50_000)];
    for value in odd.into_iter().chain(long.iter().map(Vec::as_slice)) {
        for listener in ["listed", "echo"] {
            let request =
                Request::preflight("/a", APP, "GET").header("Access-Control-Request-Headers", value);
            check(&mut bench, listener, request, &granted(listener), denied);
        }
    }
    // Envoy leaves out empty lines: the filter sees one empty value.
    for (value, recorded) in [("x-a", denied), (",", denied), ("", "allowed")] {
        let lines = |request: Request, _| request.header("Access-Control-Request-Headers", value);
        let request = (0..5000).fold(Request::preflight("/a", APP, "GET"), lines);
        check(&mut bench, "listed", request.clone(), &granted("listed"), recorded);
        check(&mut bench, "echo", request, &granted("echo"), recorded);
    }
    finish(bench);
}

#[test]
fn upstream_responses() {
    let mut bench = bench("hostile upstream responses");
    let many = (0..5000).map(|number| format!("x-{number}")).collect::<Vec<_>>();
    let odd: [(&[u8], &[&str]); 4] = [
        (b"\xff", &["\u{fffd}", "origin"]),
        (b"Accept, \xff\xfe", &["accept", "origin", "\u{fffd}\u{fffd}"]),
        (b"Origin\xff", &["origin", "origin\u{fffd}"]),
        (b"\xc0\xafOrigin, ORIGIN", &["origin", "\u{fffd}\u{fffd}origin"]),
    ];
    let mut check_vary = |vary: &[u8], expected: &[&str]| {
        let answer = Answer::new(200).header("Vary", vary).header("Access-Control-Allow-Origin", b"\xff");
        let exchange = Exchange::new(Request::new("GET", "/a").header("Origin", APP), answer);
        let expected = Expectation::new(200, &[ALLOW_ORIGIN, CREDENTIALS], expected);
        check(&mut bench, "listed", exchange, &expected, "-");
    };
    odd.iter().for_each(|(vary, expected)| check_vary(vary, expected));
    let all: Vec<&str> = many.iter().map(String::as_str).chain(["origin"]).collect();
    check_vary(many.join(",").as_bytes(), &all);
    finish(bench);
}

// Envoy itself answers 400 to bytes above 0x7f in the path and in `Host`.
#[test]
fn other_request_parts() {
    let mut bench = bench("other hostile parts of a request");
    let denied = "denied:origin-not-allowed";
    let forwarded = Expectation::new(200, &[], &["origin"]);
    let evil = |path: &str| Request::new("GET", path).header("Origin", "https://evil.example");
    for listener in LISTENERS.into_iter().filter(|listener| *listener != "echo") {
        let long = "x".repeat(50_000);
        for host in ["[::1", ":", "a:b:c", ".", "api.example.com.:", "a%ff", "a@b", &long] {
            check(&mut bench, listener, evil("/a").authority(host), &forwarded, denied);
        }
        for proto in [b"\xff".to_vec(), b"x".repeat(50_000)] {
            let request = evil("/a").header("X-Forwarded-Proto", proto);
            check(&mut bench, listener, request, &forwarded, denied);
        }
        let private =
            Request::preflight("/a", APP, "GET").header("Access-Control-Request-Private-Network", b"\xff");
        check(&mut bench, listener, private, &granted(listener), "allowed");
    }
    for path in ["/%", "/%ff", "/%e", "/%zz", &format!("/{}", "a".repeat(50_000))] {
        check(&mut bench, "routed", evil(path), &forwarded, denied);
    }
    finish(bench);
}

/// The names in `Vary` where method and headers are echoed.
const VARY_ECHO: [&str; 3] = ["origin", "access-control-request-method", "access-control-request-headers"];

/// What the listener grants whom it allows, whatever was asked for.
fn granted(listener: &str) -> Expectation {
    match listener {
        "listed" => Expectation::new(204, &[ALLOW_ORIGIN, CREDENTIALS, ALLOW_PUT, ALLOW_X_A], &["origin"]),
        "echo" => Expectation::new(204, &[ALLOW_ORIGIN, CREDENTIALS, ALLOW_GET], &VARY_ECHO),
        _ => Expectation::new(204, &[ALLOW_ORIGIN], &["origin"]),
    }
}

/// A hostile exchange, and an honest preflight after it.
fn check(
    bench: &mut Bench,
    listener: &str,
    exchange: impl Into<Exchange>,
    expected: &Expectation,
    recorded: &str,
) {
    bench.check(listener, exchange, expected, recorded);
    bench.check(listener, Request::preflight("/a", APP, "GET"), &granted(listener), "allowed");
}

/// Looks at the log too.
#[track_caller]
fn finish(bench: Bench) {
    const REASONS: [&str; 4] =
        ["origin-malformed", "origin-not-allowed", "method-not-allowed", "header-not-allowed"];
    let (log, denials) = bench.log_and_denials();
    bench.finish();
    assert_eq!(wasm_log::unescaped(&log), None, "an unescaped byte is in the log");
    assert_eq!(wasm_log::trap(&log), None, "the plugin trapped");
    let is_denial = |text: &str| REASONS.iter().any(|reason| text.contains(reason));
    let lines: Vec<_> =
        wasm_log::lines(&log).filter(|line| line.level == "debug" && is_denial(&line.text)).collect();
    // An origin is cut at 256 bytes, each of which takes up to four characters.
    let longest = lines.iter().map(|line| line.text.len()).max().unwrap_or_default();
    assert!(longest < 1200, "a line of {longest} characters");
    assert_eq!(lines.len(), denials, "one line for each denial");
}

fn bench(suite: &'static str) -> Bench {
    Bench::start(suite, |upstream_port, access_log| {
        policies().into_iter().fold(Bootstrap::new(upstream_port), |bootstrap, (name, config)| {
            let filters = vec![cors_filter(&Configuration::Text(config.to_string()))];
            bootstrap.listener(&Listener::new(name, filters).access_log(access_log))
        })
    })
}

fn policies() -> [(&'static str, Value); 3] {
    let routed =
        |name: &str, matched: Value| json!({ "name": name, "match": matched, "allow_origins": [APP] });
    let listed = json!({
        "allow_origins": [APP],
        "allow_credentials": true,
        "allow_methods": ["PUT"],
        "allow_headers": ["X-A"],
    });
    let echo = json!({
        "allow_origins": ["*"],
        "allow_credentials": true,
        "allow_methods": ["*"],
        "allow_headers": ["*"],
        "dangerously_allow": ["any-origin-with-credentials"],
    });
    let routed = json!({ "policies": [
        routed("a", json!({ "hosts": ["*.example.com"], "paths": ["/a"], "routes": ["a"] })),
        routed("b", json!({ "hosts": ["api.example.com"] })),
        routed("c", json!({})),
    ] });
    [("listed", listed), ("echo", echo), ("routed", routed)]
}
