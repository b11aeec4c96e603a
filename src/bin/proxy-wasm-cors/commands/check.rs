//! `check`: everything that is wrong or doubtful in configurations.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use proxy_wasm_cors::config::{Finding, Fingerprint, Loaded, Severity};
use serde_json::{Value, json};

use crate::Format;
use crate::files::document::{self, Unreadable};
use crate::files::find::{Found, configurations};
use crate::files::nested;
use crate::placement::{self, Doubt};
use crate::punycode::written_out;
use crate::style::{BAD, DOUBTFUL, GOOD, LABEL, say, styled};

/// What was found in a file.
struct Report {
    file: String,
    lines: Vec<Line>,
    /// What becomes of each configuration.
    outcomes: Vec<Outcome>,
}

/// What becomes of a configuration, and where it stands.
struct Outcome {
    line: usize,
    within: &'static str,
    /// By what the filter's log and metrics name it.
    fingerprint: Option<Fingerprint>,
    kind: OutcomeKind,
}

/// What the filter does with a configuration.
#[derive(Clone, Copy)]
enum OutcomeKind {
    Accepted,
    /// It has problems, and asks by `on_invalid` for a policy that allows no one in its place.
    Denies,
    Refused,
}

/// A finding and where it stands.
struct Line {
    line: Option<usize>,
    within: &'static str,
    severity: Severity,
    /// The place in the configuration; `None` if it is about the file.
    path: Option<String>,
    message: String,
}

/// Checks files and prints the findings; whether none of them is a problem.
pub(crate) fn run(files: &[PathBuf], format: Format) -> bool {
    let reports: Vec<Report> = files.iter().map(|file| report(file)).collect();
    match format {
        Format::Text => reports.iter().for_each(|report| say(&to_text(report))),
        Format::Json => say(&format!("{:#}", Value::from_iter(reports.iter().map(to_json)))),
    }
    reports.iter().all(|report| report.count(Severity::Problem) == 0)
}

/// What `check` prints for a file.
pub(crate) fn text_of(file: &Path) -> String {
    to_text(&report(file))
}

fn report(path: &Path) -> Report {
    let file = path.display().to_string();
    let documents = match document::read(path) {
        Ok(documents) => documents,
        Err(unreadable) => {
            return Report { file, lines: vec![Line::of_file(unreadable)], outcomes: Vec::new() };
        }
    };
    let found = configurations(&documents);
    let loaded: Vec<(&Found<'_>, Loaded)> = found.iter().map(|found| (found, found.load())).collect();
    let outcomes = loaded.iter().map(|(found, loaded)| Outcome::of(found, loaded)).collect();
    let mut lines: Vec<Line> =
        loaded.into_iter().flat_map(|(found, loaded)| lines_of(found, loaded)).collect();
    lines.extend(placement::doubts(&documents, &found).into_iter().map(Line::of_place));
    // A file that only says where the filter is fetched has nothing else to be looked at.
    if lines.is_empty() && found.is_empty() {
        lines.push(Line::of_file(nested::instead(&documents)));
    }
    lines.sort_by_key(|line| line.line);
    Report { file, lines, outcomes }
}

impl Outcome {
    fn of(found: &Found<'_>, loaded: &Loaded) -> Self {
        let kind = match (&loaded.policies, loaded.problems()) {
            (Some(_), 0) => OutcomeKind::Accepted,
            (Some(_), _) => OutcomeKind::Denies,
            (None, _) => OutcomeKind::Refused,
        };
        Self { line: found.line, within: found.within, fingerprint: loaded.fingerprint, kind }
    }
}

fn lines_of(found: &Found<'_>, loaded: Loaded) -> Vec<Line> {
    let lines = found.lines();
    let line = |finding: Finding| Line {
        line: Some(lines.of(&finding.path)),
        within: found.within,
        severity: finding.severity,
        path: Some(finding.path),
        message: written_out(finding.message),
    };
    loaded.findings.into_iter().map(line).collect()
}

impl Line {
    fn of_file(unreadable: Unreadable) -> Self {
        let Unreadable { line, message } = unreadable;
        Self { line, within: "file", severity: Severity::Problem, path: None, message }
    }

    fn of_place(doubt: Doubt) -> Self {
        let Doubt { line, within, message } = doubt;
        Self { line: Some(line), within, severity: Severity::Warning, path: None, message }
    }
}

impl Report {
    fn count(&self, severity: Severity) -> usize {
        self.lines.iter().filter(|line| line.severity == severity).count()
    }
}

fn to_text(report: &Report) -> String {
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

/// What is to be said of a configuration beyond its findings.
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
                "{}: until this is fixed, the filter allows no origin, as `on_invalid` is `deny`",
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
    format!("{:<width$} {severity}: {path}{}", place_of(file, line), line.message)
}

fn plural(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if count != 1 => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}{}", if count == 1 { "" } else { "s" }),
    }
}

fn to_json(report: &Report) -> Value {
    let findings = report.lines.iter().map(|line| {
        json!({
            "severity": if line.severity == Severity::Problem { "problem" } else { "warning" },
            "line": line.line,
            "within": line.within,
            "path": line.path,
            "message": line.message,
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
