//! What `check` prints for programs.

use proxy_wasm_cors::config::Severity;
use serde_json::{Value, json};

use super::{Outcome, OutcomeKind, Report};

/// The report on a file; `page` is where the messages are explained.
pub(super) fn to_json(report: &Report, page: &str) -> Value {
    let findings = report.lines.iter().map(|line| {
        json!({
            "severity": if line.severity == Severity::Problem { "problem" } else { "warning" },
            "line": line.line,
            "within": line.within,
            "path": line.path,
            "message": line.message,
            "id": line.id(),
            "help": line.link(page),
        })
    });
    json!({
        "file": report.file,
        "configurations": report.outcomes.len(),
        "outcomes": Value::from_iter(report.outcomes.iter().map(outcome_to_json)),
        "problems": report.count(Severity::Problem),
        "warnings": report.count(Severity::Warning),
        "findings": Value::from_iter(findings),
    })
}

fn outcome_to_json(outcome: &Outcome) -> Value {
    let accepted = outcome.fingerprint.filter(|_| matches!(outcome.kind, OutcomeKind::Accepted));
    json!({
        "line": outcome.line,
        "within": outcome.within,
        "outcome": match outcome.kind {
            OutcomeKind::Accepted => "accepted",
            OutcomeKind::Denies => "denies",
            OutcomeKind::Refused => "refused",
        },
        "policies": accepted.map(|it| it.policies()),
        "origins": accepted.map(|it| it.origins()),
        "fingerprint": accepted.map(|it| it.to_string()),
    })
}
