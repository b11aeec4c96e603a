//! Whom a configuration lets in is decided, not sampled: every row of `cases/guard.jsonl` and `cases/peers-configs.jsonl`
//! is judged in the core as it says, and no stranger that a row names is let in with
//! credentials.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::fs;

use proxy_wasm_cors::config::{self, Loaded, Severity};
use serde_json::Value;
use support::failures::Failures;

/// With credentials it leaves a part of the registrable domain to a class: the contract refuses it, whatever that peer does.
const REFUSED_ALL_THE_SAME: &str = "rocket_cors: exact and regex with an unescaped dot";

fn rows(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("{}/tests/cases/{file}.jsonl", env!("CARGO_MANIFEST_DIR")));
    let text = text.expect("the file is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

fn load(row: &Value) -> Loaded {
    config::load(Some(row["config"].to_string().as_bytes()))
}

fn name(row: &Value) -> String {
    format!("{}: {}", row["name"], row["config"])
}

#[test]
fn rows_of_the_review() {
    let rows = rows("guard");
    assert!(rows.len() > 80, "{} rows", rows.len());
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
    for row in rows("peers-configs") {
        let loaded = load(&row);
        let is_valid = row["valid"] == true && row["name"] != REFUSED_ALL_THE_SAME;
        let problems = loaded.findings.iter().filter(|finding| finding.severity == Severity::Problem);
        let paths: Vec<&str> = problems.map(|finding| finding.path.as_str()).collect();
        let expected: Vec<&str> =
            row["problems"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let is_right =
            (loaded.problems() == 0) == is_valid && (is_valid || expected.is_empty() || paths == expected);
        let said = || format!("expected {expected:?}, got {:?}", loaded.findings);
        failures.row(name(&row), (!is_right).then(said).into_iter().collect());
    }
    failures.finish();
}
