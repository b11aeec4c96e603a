//! `envoy/authentication.yaml`: with the filter before authentication and authorization, preflights are answered and
//! pages can read a 401 and a 403. With the same filters in another order they cannot.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::fs;

use support::envoy::Envoy;
use support::example;
use support::expectation::Expectation;
use support::failures::Failures;
use support::filter::Filter;
use support::http::{Request, send};
use support::upstream::{Answer, Upstream};

type Headers = &'static [(&'static str, &'static str)];

const APP: &str = "https://app.example.com";
const STRANGER: &str = "https://stranger.example";

/// Tokens of the issuer `https://login.example.com` for `jobs`, without an expiry date. The first has the claim `role:
/// admin`, the second no role. Both are signed with the other half of the key in the example, which was made for them
/// by `openssl genpkey -algorithm ed25519` and thrown away: `openssl pkeyutl -sign -rawin` over the first two parts.
const ADMIN: &str = "Bearer eyJhbGciOiJFZERTQSIsImtpZCI6ImV4YW1wbGUifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tIiwiYXVkIjoiam9icyIsInN1YiI6ImFsaWNlIiwicm9sZSI6ImFkbWluIn0.3uADwa0SCnmzwymVRXkRuNcWzDgdwOjge5V_4_JSlqJEE8YBpEodEVuZvwB5zVL8LXNBHYzywTGoHMnnkT8vDA";
const READER: &str = "Bearer eyJhbGciOiJFZERTQSIsImtpZCI6ImV4YW1wbGUifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tIiwiYXVkIjoiam9icyIsInN1YiI6ImJvYiJ9.EddHBMyu1a4VoG2lSnRYDvIeBR8cVeiKK1tRZwknaE3Rrf_l_O4DgdzMdqGEAhuyw0EWt13Mh3p9SMVYJ1qPBA";
const FORGED: &str = "Bearer eyJhbGciOiJFZERTQSIsImtpZCI6ImV4YW1wbGUifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tIiwiYXVkIjoiam9icyIsInN1YiI6ImJvYiJ9.3uADwa0SCnmzwymVRXkRuNcWzDgdwOjge5V_4_JSlqJEE8YBpEodEVuZvwB5zVL8LXNBHYzywTGoHMnnkT8vDA";

const NOTHING: Headers = &[];
const READABLE: Headers =
    &[("access-control-allow-origin", APP), ("access-control-expose-headers", "www-authenticate")];
const ANSWERED: Headers = &[
    ("access-control-allow-origin", APP),
    ("access-control-allow-methods", "DELETE"),
    ("access-control-allow-headers", "authorization,content-type"),
    ("access-control-expose-headers", "www-authenticate"),
    ("access-control-max-age", "600"),
];

/// CORS requests: method, origin, token, and the status and headers of the response.
const REQUESTS: [(&str, &str, Option<&str>, u16, Headers); 10] = [
    ("GET", APP, None, 401, READABLE),
    ("GET", APP, Some(FORGED), 401, READABLE),
    ("GET", APP, Some(READER), 200, READABLE),
    ("GET", APP, Some(ADMIN), 200, READABLE),
    ("DELETE", APP, None, 401, READABLE),
    ("DELETE", APP, Some(READER), 403, READABLE),
    ("DELETE", APP, Some(ADMIN), 200, READABLE),
    // Who may read an answer and who may make a call are two questions: a token makes no page an allowed one, and the other way round.
    ("GET", STRANGER, None, 401, NOTHING),
    ("DELETE", STRANGER, Some(READER), 403, NOTHING),
    ("DELETE", STRANGER, Some(ADMIN), 200, NOTHING),
];

#[test]
fn the_filter_first() {
    let mut bench = Bench::start("the CORS filter first", |text| text);
    for method in ["GET", "DELETE"] {
        bench.check(preflight(APP, method), &Expectation::new(204, ANSWERED, &["origin"]));
        bench.check(preflight(STRANGER, method), &Expectation::denial("origin-not-allowed", &["origin"]));
    }
    for (method, origin, token, status, headers) in REQUESTS {
        bench.check(request(method, origin, token), &Expectation::new(status, headers, &["origin"]));
    }
    bench.finish();
}

/// The order matters, and not something else: what is wrong when the filter stands last. The module is shown the answers of
/// the filters before it, but no preflight comes so far either.
#[test]
fn the_filter_last() {
    let mut bench = Bench::start("the CORS filter last", with_the_filter_last);
    let sees_all = Filter::under_test() == Filter::Module;
    let varies: &[&str] = if sees_all { &["origin"] } else { &[] };
    for origin in [APP, STRANGER] {
        let headers = if sees_all && origin == APP { ANSWERED } else { NOTHING };
        bench.check(preflight(origin, "DELETE"), &Expectation::new(401, headers, varies));
    }
    for (method, origin, token, status, headers) in REQUESTS {
        let (headers, vary) =
            if status == 200 || sees_all { (headers, &["origin"][..]) } else { (NOTHING, varies) };
        bench.check(request(method, origin, token), &Expectation::new(status, headers, vary));
    }
    bench.finish();
}

/// The example with the filter just before the router.
fn with_the_filter_last(text: String) -> String {
    let [cors, jwt, router] = ["cors", "envoy.filters.http.jwt_authn", "envoy.filters.http.router"]
        .map(|name| format!("          - name: {name}\n"));
    let parted = |text: &str, at: &str| {
        let (before, after) = text.split_once(at).expect("the example has this filter");
        (before.to_owned(), after.to_owned())
    };
    let (before, rest) = parted(&text, &cors);
    let (filter, rest) = parted(&rest, &jwt);
    let (others, rest) = parted(&rest, &router);
    [before, jwt, others, cors, filter, router, rest].concat()
}

fn preflight(origin: &str, method: &str) -> Request {
    Request::preflight("/jobs", origin, method).header("Access-Control-Request-Headers", "authorization")
}

fn request(method: &str, origin: &str, token: Option<&str>) -> Request {
    let request = Request::new(method, "/jobs").header("Origin", origin);
    token.iter().fold(request, |request, token| request.header("Authorization", token))
}

/// An Envoy that runs the example.
struct Bench {
    envoy: Envoy,
    failures: Failures,
}

impl Bench {
    fn start(suite: &'static str, edit: impl FnOnce(String) -> String) -> Self {
        let upstream = Upstream::start(|_| Answer::new(200));
        let directory = example::checkout(upstream.port());
        let file = directory.path().join(example::AUTHENTICATION);
        let text = fs::read_to_string(&file).expect("the example is there");
        fs::write(file, edit(text)).expect("the file can be written");
        let envoy = Envoy::start_from(directory, example::AUTHENTICATION, &[]);
        Self { envoy, failures: Failures::new(suite) }
    }

    fn check(&mut self, request: Request, expected: &Expectation) {
        let request = request.case(0);
        let response = send(self.envoy.port(example::LISTENER), &request);
        self.failures.row(request.to_string(), expected.differences(&response));
    }

    fn finish(self) {
        self.failures.finish();
    }
}
