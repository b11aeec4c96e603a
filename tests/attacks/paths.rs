use serde_json::{Value, json};

use super::{APP, EVIL, LISTENER, allowed, bench, cors, not_allowed};
use crate::support::bench::Exchange;
use crate::support::expectation::Expectation;
use crate::support::http::Request;
use crate::support::upstream::Answer;

const PARTNER: &str = "https://partner.example";
const ORIGIN_DENIED: &str = "denied:origin-not-allowed";
const PATH_DENIED: &str = "denied:path-not-normalized";

/// CVE-2015-9236, hapi: a preflight for a route without CORS was answered with the defaults of the server.
#[test]
fn cve_2015_9236_hapi() {
    let config = policies(&["/open"]);
    let mut bench = bench("CVE-2015-9236", &config);
    let granted = Expectation::new(204, &[("access-control-allow-origin", PARTNER)], &["origin"]);
    bench.check(LISTENER, Request::preflight("/open", PARTNER, "POST"), &granted, "allowed");
    let refused = Expectation::denial("origin-not-allowed", &["origin"]);
    bench.check(LISTENER, Request::preflight("/off", PARTNER, "POST"), &refused, ORIGIN_DENIED);
    bench.check(LISTENER, cors("POST", "/off", PARTNER), &not_allowed(), ORIGIN_DENIED);
    bench.finish();
}

/// CVE-2019-18978, rack-cors: `..` led from a path that was open to one that was not.
#[test]
fn cve_2019_18978_rack_cors() {
    check(
        "CVE-2019-18978",
        &["/public"],
        "/public/a",
        &[("/public/../private", PATH_DENIED), ("/public/%2e%2e/private", PATH_DENIED)],
    );
}

/// CVE-2020-25032, Flask-CORS: the path was matched before what is escaped in it was undone.
#[test]
fn cve_2020_25032_flask_cors() {
    check(
        "CVE-2020-25032",
        &["/api"],
        "/api/foo.txt",
        &[
            ("/api/../foo.txt", PATH_DENIED),
            ("/api/..%2ffoo.txt", PATH_DENIED),
            ("/api%5c..%5cfoo", PATH_DENIED),
        ],
    );
}

/// CVE-2024-6839, Flask-CORS: the longer regex for a path went before the one that was meant for it. Here the operator's
/// order counts, and a prefix ends where a segment does.
#[test]
fn cve_2024_6839_flask_cors() {
    let config = json!({ "policies": [
        { "name": "admin", "match": { "paths": ["/api/admin"] }, "allow_origins": [APP] },
        { "name": "api", "match": { "paths": ["/api"] }, "allow_origins": [PARTNER] },
    ] });
    let mut bench = bench("CVE-2024-6839", &config);
    bench.check(LISTENER, cors("GET", "/api/jobs", PARTNER), &allowed(PARTNER), "-");
    bench.check(LISTENER, cors("GET", "/api/admin/users", PARTNER), &not_allowed(), ORIGIN_DENIED);
    bench.check(LISTENER, cors("GET", "/api/admin/users", APP), &allowed(APP), "-");
    bench.check(LISTENER, cors("GET", "/api/administration", PARTNER), &allowed(PARTNER), "-");
    bench.finish();
}

/// CVE-2024-6844, Flask-CORS: a `+` in a path was read as a space.
#[test]
fn cve_2024_6844_flask_cors() {
    check("CVE-2024-6844", &["/a+b"], "/a+b/c", &[("/a%20b/c", ORIGIN_DENIED), ("/a%2bb/c", PATH_DENIED)]);
}

/// CVE-2024-6866, Flask-CORS: paths were matched without regard to case.
#[test]
fn cve_2024_6866_flask_cors() {
    check(
        "CVE-2024-6866",
        &["/public"],
        "/public/a",
        &[("/PUBLIC/a", ORIGIN_DENIED), ("/Public", ORIGIN_DENIED)],
    );
}

/// Pull request 1982 of Istio's API, issue 16460 of Envoy: `//` and `%2F` led past rules for paths. Here a policy on trial
/// stands before the one that is enforced, and must disarm it for no spelling of any path.
#[test]
fn istio_1982() {
    let config = json!({ "policies": [
        { "name": "trial", "match": { "paths": ["/new"] }, "allow_origins": [APP], "mode": "shadow" },
        { "name": "rest", "allow_origins": [APP], "allow_credentials": true, "block_denied_requests": true },
    ] });
    let mut bench = bench("Istio 1982", &config);
    let answer = || {
        let answer = Answer::new(200).header("Access-Control-Allow-Origin", EVIL);
        answer.header("Access-Control-Allow-Credentials", "true")
    };
    let mut check = |request: Request, expected: &Expectation, recorded: &str| {
        bench.check(LISTENER, Exchange::new(request, answer()), expected, recorded);
    };
    let headers = [("access-control-allow-origin", APP), ("access-control-allow-credentials", "true")];
    let (granted, denied) = (Expectation::new(200, &headers, &["origin"]), Expectation::denial);
    for path in ["/secret", "//secret", "/a%2fsecret", "/a/..;x/secret"] {
        check(cors("GET", path, APP), &granted, "-");
        check(cors("GET", path, EVIL), &denied("origin-not-allowed", &["origin"]), ORIGIN_DENIED);
        let preflight = Request::preflight(path, EVIL, "PUT");
        check(preflight, &denied("origin-not-allowed", &["origin"]), ORIGIN_DENIED);
    }
    for path in ["/new/../secret", "/secret/..;/new", "/%2e/new/a", "/new%252f..%252Fsecret"] {
        check(cors("GET", path, EVIL), &denied("path-not-normalized", &["origin"]), PATH_DENIED);
        let preflight = Request::preflight(path, EVIL, "PUT");
        check(preflight, &denied("path-not-normalized", &["origin"]), PATH_DENIED);
    }
    // What is on trial itself is left to the upstream.
    let untouched = [("access-control-allow-origin", EVIL), ("access-control-allow-credentials", "true")];
    let shadow_denied = "shadow-denied:origin-not-allowed";
    check(cors("GET", "/new/a", EVIL), &Expectation::new(200, &untouched, &[]), shadow_denied);
    bench.finish();
}

/// The partner's pages may read below `paths`, and only the operator's own what is elsewhere.
fn policies(paths: &[&str]) -> Value {
    json!({ "policies": [
        { "name": "open", "match": { "paths": paths }, "allow_origins": [PARTNER] },
        { "name": "rest", "allow_origins": [APP] },
    ] })
}

#[track_caller]
fn check(identifier: &'static str, paths: &[&str], honest: &str, hostile: &[(&str, &str)]) {
    let mut bench = bench(identifier, &policies(paths));
    bench.check(LISTENER, cors("GET", honest, PARTNER), &allowed(PARTNER), "-");
    for (path, recorded) in hostile {
        bench.check(LISTENER, cors("GET", path, PARTNER), &not_allowed(), recorded);
        if *recorded == ORIGIN_DENIED {
            bench.check(LISTENER, cors("GET", path, APP), &allowed(APP), "-");
        }
    }
    bench.finish();
}
