//! What `envoy/shadow.yaml` and `envoy/shadow-native.yaml` promise: a policy in shadow mode changes no answer, and the
//! metrics and the access log show which calls it would change.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use support::access_log::AccessLog;
use support::envoy::{Directory, Envoy};
use support::example;
use support::failures::Failures;
use support::http::{Request, Response, send, show};
use support::prometheus::{check_scrape, counters};
use support::upstream::{Answer, Upstream};

const OLD: &str = "https://old.example.com";
const NEW: &str = "https://new.example.com";
const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

/// The lines with which the shadow begins in the examples, what follows the CORS filters, and what keeps the verdict.
const SHADOW: &str = "          - name: cors-next\n";
const ROUTER: &str = "          - name: envoy.filters.http.router\n";
const KEEPER: &str = "          - name: envoy.filters.http.set_filter_state\n";

const ORIGIN: &str = "shadow-denied:origin-not-allowed";
const METHOD: &str = "shadow-denied:method-not-allowed";

/// A call and what the access log says of it; in `cors` only beside an enforced instance of the filter.
struct Row {
    origin: Option<&'static str>,
    /// Of a preflight, what it asks for.
    asked: Option<&'static str>,
    shadow: Option<&'static str>,
    cors: Option<&'static str>,
    would_change: bool,
}

const fn row(
    (origin, asked): (Option<&'static str>, Option<&'static str>),
    shadow: Option<&'static str>,
    cors: Option<&'static str>,
    would_change: bool,
) -> Row {
    Row { origin, asked, shadow, cors, would_change }
}

const ROWS: [Row; 13] = [
    row((None, None), None, None, false),
    row((Some(APP), None), None, None, false),
    row((Some(APP), Some("DELETE")), Some("allowed"), Some("allowed"), false),
    row((Some(APP), Some("PUT")), Some(METHOD), Some("allowed"), true),
    row((Some(APP), Some("PATCH")), Some(METHOD), Some("denied:method-not-allowed"), false),
    // The enforced policy allows it and says nothing, so `cors` still has what the shadow said.
    row((Some(OLD), None), Some(ORIGIN), Some(ORIGIN), true),
    row((Some(OLD), Some("DELETE")), Some(ORIGIN), Some("allowed"), true),
    row((Some(NEW), None), None, Some("denied:origin-not-allowed"), true),
    row((Some(NEW), Some("DELETE")), Some("allowed"), Some("denied:origin-not-allowed"), true),
    row((Some(NEW), Some("PUT")), Some(METHOD), Some("denied:origin-not-allowed"), false),
    row((Some(EVIL), None), Some(ORIGIN), Some("denied:origin-not-allowed"), false),
    row((Some(EVIL), Some("DELETE")), Some(ORIGIN), Some("denied:origin-not-allowed"), false),
    row((Some("null"), None), Some("shadow-denied:origin-null"), Some("denied:origin-null"), false),
];

/// What the rows make of the counters of the policy in shadow mode, and of the one in force.
const NEXT: [(&str, f64); 7] = [
    ("preflight_allowed", 2.0),
    ("preflight_denied", 5.0),
    ("request_allowed", 2.0),
    ("request_denied", 3.0),
    ("denied.origin-not-allowed", 4.0),
    ("denied.method-not-allowed", 3.0),
    ("denied.origin-null", 1.0),
];
const NOW: [(&str, f64); 7] = [
    ("preflight_allowed", 3.0),
    ("preflight_denied", 4.0),
    ("request_allowed", 2.0),
    ("request_denied", 3.0),
    ("denied.origin-not-allowed", 5.0),
    ("denied.method-not-allowed", 1.0),
    ("denied.origin-null", 1.0),
];

impl Row {
    /// Each call has its own path, which identifies it in the access log.
    fn request(&self, case: usize) -> Request {
        let path = format!("/{case}");
        let request = match (self.origin, self.asked) {
            (Some(origin), Some(method)) => Request::preflight(&path, origin, method),
            (Some(origin), None) => Request::new("GET", &path).header("Origin", origin),
            _ => Request::new("GET", &path),
        };
        request.case(case)
    }

    /// Whether a browser lets the page do what it asks for: the CORS check, and the method among those allowed.
    fn is_allowed(&self, response: &Response) -> bool {
        let methods = response.head.value("access-control-allow-methods").unwrap_or_default();
        let is_method_allowed =
            self.asked.is_none_or(|asked| methods.split(',').any(|method| method.trim() == asked));
        response.head.value("access-control-allow-origin").as_deref() == self.origin && is_method_allowed
    }
}

#[test]
fn beside_the_filter_itself() {
    let (envoy, log) = check(example::SHADOW, "          - name: cors\n", |line| {
        let starts =
            |field: &str, prefix: &str| line[field].as_str().is_some_and(|it| it.starts_with(prefix));
        starts("shadow", "shadow-denied:") != starts("cors", "denied:")
    });
    let mut failures = Failures::new("envoy/shadow.yaml: `cors`");
    for (case, row) in ROWS.iter().enumerate() {
        failures.row(
            row.request(case).to_string(),
            difference(&json!(row.cors), &log[&format!("/{case}")]["cors"]),
        );
    }
    failures.finish();
    let now = counters("now", &NOW);
    check_scrape(&envoy, &counters("next", &NEXT).into_iter().chain(now).collect());
}

#[test]
fn beside_the_native_filter() {
    let (envoy, _) = check(example::SHADOW_NATIVE, "          - name: envoy.filters.http.cors\n", |line| {
        let lists = line["allow_methods"].as_str().unwrap_or_default();
        let is_allowed = line["allow_origin"].is_string()
            && line["asks_method"].as_str().is_none_or(|asked| lists.split(", ").any(|it| it == asked));
        let is_judged = line["origin"].is_string();
        let would_be_denied = line["shadow"].as_str().is_some_and(|it| it.starts_with("shadow-denied:"));
        is_judged && is_allowed == would_be_denied
    });
    check_scrape(&envoy, &counters("next", &NEXT));
}

/// Why the shadow stands first: behind the enforced instance it sees no preflights, and a verdict of the one that judges
/// last takes the place of the other's.
#[test]
fn behind_the_filter_itself() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let directory = example::checkout_with(upstream.port(), example::SHADOW, |text| {
        let (shadow, rest) = text.split_once(KEEPER).expect("the shadow's verdict is kept");
        let (before, shadow) = shadow.split_once(SHADOW).expect("there is a shadow");
        let (keeper, after) = rest.split_once(ROUTER).expect("there is a router");
        format!("{before}{KEEPER}{keeper}{SHADOW}{shadow}{ROUTER}{after}")
    });
    let log = AccessLog::printed(directory.path());
    let envoy = Envoy::start_from(directory, example::SHADOW, &[]);
    answers(envoy.port(example::LISTENER));
    let log = log.wait_for_paths(ROWS.len());
    for (case, row) in ROWS.iter().enumerate() {
        let is_preflight = row.asked.is_some();
        let last = if is_preflight { row.cors } else { row.shadow.or(row.cors) };
        assert_eq!(log[&format!("/{case}")]["cors"], json!(last), "{}", row.request(case));
    }
    let requests = NEXT.into_iter().filter(|(counter, _)| counter.starts_with("request_"));
    let reasons = [("denied.origin-not-allowed", 2.0), ("denied.origin-null", 1.0)];
    let next = counters("next", &requests.chain(reasons).collect::<Vec<_>>());
    check_scrape(&envoy, &counters("now", &NOW).into_iter().chain(next).collect());
}

/// Sends each call to the example, to the policy in force alone, whose filter begins with the line `enforced`, and to the
/// new one alone. The shadow changes no answer, and `would_change` tells from the access log which calls would change.
#[track_caller]
fn check(
    name: &'static str,
    enforced: &str,
    would_change: impl Fn(&Value) -> bool,
) -> (Envoy, HashMap<String, Value>) {
    // What it says of CORS itself has to be treated as without the shadow, too.
    let answer = Answer::new(200).header("Access-Control-Expose-Headers", "x").header("Vary", "y");
    let upstream = Upstream::start(move |_| answer.clone());
    let start = |directory: Directory| Envoy::start_from(directory, name, &[]);
    let old = start(example::checkout_with(upstream.port(), name, |text| without(&text, SHADOW, enforced)));
    let new = start(example::checkout_with(upstream.port(), name, |text| {
        without(&text, enforced, ROUTER).replace("mode: shadow\n", "mode: enforce\n")
    }));
    let directory = example::checkout(upstream.port());
    let log = AccessLog::printed(directory.path());
    let both = start(directory);
    let [old, new, answers] = [&old, &new, &both].map(|envoy| answers(envoy.port(example::LISTENER)));
    let log = log.wait_for_paths(ROWS.len());
    let mut failures = Failures::new(name);
    for (case, row) in ROWS.iter().enumerate() {
        let line = &log[&format!("/{case}")];
        let mut differences = difference(&json!(one_line(&old[case])), &json!(one_line(&answers[case])));
        let changes = row.is_allowed(&old[case]) != row.is_allowed(&new[case]);
        differences.extend(difference(&json!(row.shadow), &line["shadow"]));
        differences.extend(difference(&json!(row.would_change), &json!(would_change(line))));
        differences.extend(difference(&json!(row.would_change), &json!(changes)));
        failures.row(row.request(case).to_string(), differences);
    }
    failures.finish();
    (both, log)
}

/// The text but for what begins with `from` and ends before `to`.
fn without(text: &str, from: &str, to: &str) -> String {
    let (before, rest) = text.split_once(from).expect("the example has both");
    let (_, after) = rest.split_once(to).expect("the example has both");
    format!("{before}{to}{after}")
}

/// What a client gets for each row.
fn answers(port: u16) -> Vec<Response> {
    ROWS.iter().enumerate().map(|(case, row)| send(port, &row.request(case))).collect()
}

/// All of a response but what differs from one moment to the next.
fn one_line(response: &Response) -> String {
    let is_of_the_moment = |name: &str| name == "date" || name == "x-envoy-upstream-service-time";
    let headers = response.head.headers.iter().filter(|(name, _)| !is_of_the_moment(name));
    // The first reply of a worker has its `Vary` in another place than those after it.
    let headers: BTreeSet<_> = headers.cloned().collect();
    format!("{} {} {}", response.status, show(&headers.into_iter().collect()), response.body.escape_ascii())
}

fn difference(expected: &Value, actual: &Value) -> Vec<String> {
    (expected != actual).then(|| format!("expected {expected}, got {actual}")).into_iter().collect()
}
