//! Whom a configuration lets in is decided, not sampled: every row of `cases/guard.jsonl` and `cases/peers-configs.jsonl`,
//! and those of `cases/field.jsonl` that are about `check`, is judged in the core as it says. The rows that are not are
//! listed here, each with its reason.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use proxy_wasm_cors::config::{self, Loaded, Severity};
use serde_json::{Value, json};
use support::cases;
use support::failures::Failures;

/// Where a peer accepts what the contract refuses.
const REFUSED_ALL_THE_SAME: [(&str, &str); 1] = [(
    "rocket_cors: exact and regex with an unescaped dot",
    "with credentials it leaves a part of the registrable domain to a class",
)];

/// Rows of the field that are not judged here.
const NOT_HERE: [(&str, &str); 4] = [
    ("timing-allow-origin", "it is accepted as it is written, as `WAYS_TO_SAY` has it"),
    ("convert-virtualservice", "it is a file of another product"),
    ("convert-httproute", "it is a file of another product"),
    ("convert-ingress", "it is a file of another product"),
];

/// Turns words that a row of the field made up into the filter's words.
type Rewrite = fn(&mut Value);

/// Rows of the field that ask for a way to say something, and the way.
const WAYS_TO_SAY: [(&str, Rewrite); 4] = [
    ("policy-by-origin", |config| config["policies"][0]["match"]["allowed_origins_only"] = json!(true)),
    ("exempt-a-path", |config| config["policies"][0]["mode"] = json!("passthrough")),
    ("timing-allow-origin", |_| {}),
    ("file-origin-refused-as-nonexistent", |config| config["dangerously_allow"] = json!(["file-origin"])),
];

fn load(row: &Value) -> Loaded {
    config::load(Some(row["config"].to_string().as_bytes()))
}

fn name(row: &Value) -> String {
    format!("{}: {}", row["name"], row["config"])
}

#[test]
fn rows_of_the_review() {
    let rows = cases::rows("guard.jsonl");
    assert!(rows.len() > 100, "{} rows", rows.len());
    let mut failures = Failures::new("guard");
    for row in &rows {
        let loaded = load(row);
        let is_right = match row["expected"].as_str() {
            Some("refuse") => loaded.problems() > 0,
            Some("warn") => !loaded.findings.is_empty(),
            Some("accept") => loaded.problems() == 0,
            other => panic!("{other:?} is not expected in a row"),
        };
        let said = || format!("expected {}, got {:?}", row["expected"], loaded.findings);
        failures.row(name(row), (!is_right).then(said).into_iter().collect());
    }
    failures.finish();
}

#[test]
fn rows_of_peers() {
    let mut failures = Failures::new("peers");
    for row in cases::rows("peers-configs.jsonl") {
        let loaded = load(&row);
        let problems = loaded.findings.iter().filter(|finding| finding.severity == Severity::Problem);
        let paths: BTreeSet<&str> = problems.map(|finding| finding.path.as_str()).collect();
        let expected: BTreeSet<&str> =
            row["problems"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let is_refused = REFUSED_ALL_THE_SAME.iter().any(|(name, _reason)| row["name"] == *name);
        let is_right = if is_refused { loaded.problems() > 0 } else { paths == expected };
        let said = || format!("expected {expected:?}, got {:?}", loaded.findings);
        failures.row(name(&row), (!is_right).then(said).into_iter().collect());
    }
    failures.finish();
}

/// What they expect is said in words. None of them is about something that may be accepted in silence.
#[test]
fn rows_of_the_field() {
    let mut failures = Failures::new("field");
    for row in cases::rows("field.jsonl") {
        let is_elsewhere = NOT_HERE.iter().any(|(id, _reason)| row["id"] == *id);
        if row["run"] == "check" && !is_elsewhere {
            let loaded = load(&row);
            let said = || "accepted in silence".to_owned();
            let is_silent = loaded.findings.is_empty();
            failures
                .row(format!("{}: {}", row["id"], row["config"]), is_silent.then(said).into_iter().collect());
        }
    }
    failures.finish();
}

#[test]
fn what_the_field_asks_for_can_be_said() {
    let mut failures = Failures::new("ways to say");
    for (id, rewrite) in WAYS_TO_SAY {
        let mut row = cases::rows("field.jsonl").into_iter().find(|row| row["id"] == id).expect("a row");
        rewrite(&mut row["config"]);
        let loaded = load(&row);
        let is_right = loaded.policies.is_some() && loaded.findings.is_empty();
        let said = || format!("{:?}", loaded.findings);
        failures.row(format!("{id}: {}", row["config"]), (!is_right).then(said).into_iter().collect());
    }
    failures.finish();
}
