//! What `check` prints for people: a line for each finding, with its id at the end.

use std::io::IsTerminal as _;

use proxy_wasm_cors::config::Severity;

use super::{Line, Outcome, OutcomeKind, Report};
use crate::style::{BAD, DOUBTFUL, GOOD, LABEL, styled};

/// What is printed for a file.
pub(super) fn to_text(report: &Report) -> String {
    let problems = plural(report.count(Severity::Problem), "problem");
    let warnings = plural(report.count(Severity::Warning), "warning");
    let looked_at = plural(report.outcomes.len(), "configuration");
    let style = if report.count(Severity::Problem) == 0 { GOOD } else { BAD };
    let sum = format!("{}: {looked_at}, {}, {warnings}", report.file, styled(style, &problems));
    // Aligned for the eye; a program that reads lines wants no padding.
    let places = report.lines.iter().map(|line| place_of(&report.file, line));
    let width = if std::io::stdout().is_terminal() { places.map(|place| place.len()).max() } else { None };
    let lines = report.lines.iter().map(|line| line_to_text(&report.file, line, width.unwrap_or(0)));
    let outcomes = report.outcomes.iter().filter_map(|outcome| outcome_to_text(&report.file, outcome));
    lines.chain(outcomes).chain([sum]).collect::<Vec<_>>().join("\n")
}

/// What there is to say about a configuration beyond its findings.
fn outcome_to_text(file: &str, outcome: &Outcome) -> Option<String> {
    let text = match (outcome.kind, outcome.fingerprint) {
        (OutcomeKind::Accepted, Some(fingerprint)) => format!(
            "{}: {}, {}, fingerprint {fingerprint}",
            styled(GOOD, "accepted"),
            plural(fingerprint.policies(), "policy"),
            plural(fingerprint.origins(), "origin")
        ),
        (OutcomeKind::Denies, _) => {
            format!(
                "{}: until this is fixed, the filter allows no origin, because `on_invalid` is `deny`",
                styled(BAD, "refused")
            )
        }
        _ => return None,
    };
    Some(format!("{file}:{}: {text}", outcome.line))
}

fn place_of(file: &str, line: &Line) -> String {
    let number = line.line.map(|number| format!(":{number}")).unwrap_or_default();
    format!("{file}{number}:")
}

fn line_to_text(file: &str, line: &Line, width: usize) -> String {
    let severity = match line.severity {
        Severity::Problem => styled(BAD, "problem"),
        Severity::Warning => styled(DOUBTFUL, "warning"),
    };
    let path = line.path.as_ref().map(|path| format!("{}: ", styled(LABEL, path))).unwrap_or_default();
    let id = line.id().map(|id| format!(" [{id}]")).unwrap_or_default();
    format!("{:<width$} {severity}: {path}{}{id}", place_of(file, line), line.message)
}

fn plural(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if count != 1 => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}{}", if count == 1 { "" } else { "s" }),
    }
}
