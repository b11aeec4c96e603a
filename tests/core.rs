//! Every row of `cases/requests.jsonl` and `cases/configs.jsonl` holds in the core alone, without a proxy: what the
//! plugin adds to it is only bytes in and edits out. The first to fail when the core is wrong, in a fraction of a
//! second.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use proxy_wasm_cors::config::{self, Severity};
use proxy_wasm_cors::policy::decision::{Action, Verdict};
use support::cases::{RequestRow, configs, requests};
use support::failures::Failures;
use support::native::Native;

#[test]
fn requests_hold_in_the_core() {
    let mut failures = Failures::new("requests in the core");
    for row in requests() {
        failures.row(format!("{} under {}", row.name, row.config), differences(&row));
    }
    failures.finish();
}

/// What people learn about the applicable policy is what the filter decides.
#[test]
fn explanations_hold_in_the_core() {
    let mut failures = Failures::new("explanations in the core");
    for row in requests() {
        let (outcome, candidates) = Native::new(&row.config).explain(&row.to_request());
        let is_right = match candidates.as_slice() {
            [one] => one.place == outcome.place && one.decision.verdict == outcome.decision.verdict,
            several => several.iter().any(|one| one.place == outcome.place),
        };
        let said = || format!("{outcome:?}, and {candidates:?}");
        failures
            .row(format!("{} under {}", row.name, row.config), (!is_right).then(said).into_iter().collect());
    }
    failures.finish();
}

#[test]
fn configs_hold_in_the_core() {
    let mut failures = Failures::new("configs in the core");
    for row in configs() {
        let loaded = config::load(Some(row.config.to_string().as_bytes()));
        let problems = loaded.findings.iter().filter(|finding| finding.severity == Severity::Problem);
        let found: BTreeSet<&str> = problems.map(|finding| finding.path.as_str()).collect();
        let expected: BTreeSet<&str> = row.problems.iter().map(String::as_str).collect();
        let mut differences = Vec::new();
        if found != expected || loaded.policies.is_some() != row.is_valid {
            differences.push(format!("expected {expected:?}, found {found:?}"));
        }
        failures.row(format!("{}: {}", row.name, row.config), differences);
    }
    failures.finish();
}

fn differences(row: &RequestRow) -> Vec<String> {
    let (decision, response) = Native::new(&row.config).send(&row.to_request(), &row.to_answer());
    let mut differences = row.expectation().differences(&response);
    let reason = match &decision.verdict {
        Verdict::Denied(denial) => Some(denial.reason.as_str()),
        _ => None,
    };
    if reason != row.expect.reason.as_deref() {
        differences.push(format!("reason: expected {:?}, got {reason:?}", row.expect.reason));
    }
    if (decision.action == Action::Forward) != row.expect.is_forwarded {
        differences
            .push(format!("forwarded: expected {}, got {:?}", row.expect.is_forwarded, decision.action));
    }
    differences
}
