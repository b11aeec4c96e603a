//! What people report in public trackers: each row of `cases/field.jsonl` that was tried on a real Envoy holds there, or is
//! listed with the reason why it is not judged here. `tests/guard.rs` has the rows about configurations alone.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::cases::rows;
use support::config::{Bootstrap, Configuration, Listener, cors_filter};
use support::envoy::{Directory, Envoy};
use support::failures::Failures;
use support::filter::Filter;
use support::http::{Request, send};
use support::http2::send_all;
use support::upstream::{Answer, Upstream};

const APP: Option<&str> = Some("https://app.example.com");

/// What the words in `expected` come to: the status, and who may read the answer.
const EXPECTED: [(&str, u16, Option<&str>); 11] = [
    ("preflight-204-gets-a-body", 204, APP),
    ("preflight-204-gets-a-body-http2", 204, APP),
    ("shadow-policy-disarms-others-get", 403, None),
    ("shadow-policy-disarms-others-encoded", 403, None),
    ("shadow-policy-disarms-others-preflight", 403, None),
    ("block-evaded-by-ambiguous-path", 403, None),
    ("encoded-slash-on-a-host-without-path-policies", 200, APP),
    ("encoded-slash-below-a-prefix", 204, APP),
    ("double-slash-same-policy", 200, APP),
    ("own-origin-blocked-behind-tls-balancer", 200, None),
    ("own-origin-blocked-host-rewritten", 200, None),
];

/// Those to which Envoy gives a body, if they are the plugin's, so that they have no status without content.
const GIVEN_A_BODY: [&str; 2] = ["preflight-204-gets-a-body", "preflight-204-gets-a-body-http2"];

const NOT_HERE: [(&str, &str); 4] = [
    ("preflight-204-gets-a-body-behind-envoy", "it takes a second Envoy, which `tests/local_replies.rs` has"),
    ("file-origin-malformed", "`file://` is allowed by its text and its switch, not by a regex"),
    ("custom-response-loses-headers", "the answer is replaced where no filter sees it"),
    ("response-too-large-loses-headers", "the answer is replaced where no filter sees it"),
];

#[test]
fn reports_hold_in_envoy() {
    let rows: Vec<Value> = rows("field.jsonl").into_iter().filter(|row| row["run"] == "envoy").collect();
    let mut failures = Failures::new("reports");
    let mut judged = 0;
    for row in &rows {
        let id = row["id"].as_str().expect("a row has an id");
        if NOT_HERE.iter().any(|(other, _reason)| *other == id) {
            continue;
        }
        let expected = EXPECTED.iter().find(|(known, ..)| *known == id);
        let (_, status, origin) = expected.unwrap_or_else(|| panic!("nobody knows what to expect of {id}"));
        let is_given_a_body = Filter::under_test() == Filter::Plugin && GIVEN_A_BODY.contains(&id);
        let status = if is_given_a_body { 200 } else { *status };
        failures.row(id.to_owned(), differences(row, status, *origin));
        judged += 1;
    }
    assert_eq!(
        (judged, rows.len()),
        (EXPECTED.len(), EXPECTED.len() + NOT_HERE.len()),
        "each row is there once"
    );
    failures.finish();
}

fn differences(row: &Value, status: u16, origin: Option<&str>) -> Vec<String> {
    let (request, answer) = (request(&row["request"]), answer(&row["upstream"]));
    let upstream = Upstream::start(move |_| answer.clone());
    let manager = row["envoy"].get("hcm").cloned().unwrap_or_else(|| json!({}));
    let filters = vec![cors_filter(&Configuration::Struct(&row["config"]))];
    let listener = Listener::new("reported", filters).manager(manager);
    let envoy = Envoy::start(Directory::new(), &Bootstrap::new(upstream.port()).listener(&listener));
    let port = envoy.port("reported");
    let is_http2 = row["request"]["via"].as_str().is_some_and(|via| via.contains("http2"));
    let response = match is_http2 {
        true => send_all(port, &[request]).remove(0).expect("a whole answer"),
        false => send(port, &request),
    };
    let allowed = response.head.value("access-control-allow-origin");
    let mut differences = Vec::new();
    if (response.status, allowed.as_deref()) != (status, origin) {
        differences.push(format!(
            "expected {status} and {origin:?}, got {} and {allowed:?}; {}",
            response.status, row["expected"]
        ));
    }
    differences
}

fn request(row: &Value) -> Request {
    let text = |name: &str| row[name].as_str().expect("a row has it");
    let request = Request::new(text("method"), text("path")).authority(text("host")).case(0);
    lines(row).into_iter().fold(request, |request, (name, value)| request.header(name, value))
}

fn answer(row: &Value) -> Answer {
    let status =
        row["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("it is a status");
    lines(row).into_iter().fold(Answer::new(status), |answer, (name, value)| answer.header(name, value))
}

fn lines(row: &Value) -> Vec<(&str, &str)> {
    let lines = row["headers"].as_array().into_iter().flatten();
    lines.map(|line| (line[0].as_str().expect("a name"), line[1].as_str().expect("a value"))).collect()
}
