//! `check`: everything that is wrong or doubtful in configurations.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use proxy_wasm_cors::config::{Finding, Severity};
use serde_json::{Value, json};

use crate::Format;
use crate::document::{self, Unreadable};
use crate::find::{Found, configurations};
use crate::nested;
use crate::placement::{self, Doubt};
use crate::punycode::written_out;
use crate::style::{BAD, DOUBTFUL, GOOD, LABEL, say, styled};

/// What was found in a file.
struct Report {
    file: String,
    lines: Vec<Line>,
    /// How many configurations were looked at.
    configurations: usize,
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
        Err(unreadable) => return Report { file, lines: vec![Line::of_file(unreadable)], configurations: 0 },
    };
    let found = configurations(&documents);
    let mut lines: Vec<Line> = found.iter().flat_map(lines_of).collect();
    lines.extend(placement::doubts(&documents, &found).into_iter().map(Line::of_place));
    // A file that only says where the filter is fetched has nothing else to be looked at.
    if lines.is_empty() && found.is_empty() {
        lines.push(Line::of_file(nested::instead(&documents)));
    }
    lines.sort_by_key(|line| line.line);
    Report { file, lines, configurations: found.len() }
}

fn lines_of(found: &Found<'_>) -> Vec<Line> {
    let lines = found.lines();
    let line = |finding: Finding| Line {
        line: Some(lines.of(&finding.path)),
        within: found.within,
        severity: finding.severity,
        path: Some(finding.path),
        message: written_out(finding.message),
    };
    found.load().findings.into_iter().map(line).collect()
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
    let looked_at = plural(report.configurations, "configuration");
    let style = if report.count(Severity::Problem) == 0 { GOOD } else { BAD };
    let sum = format!("{}: {looked_at}, {}, {warnings}", report.file, styled(style, &problems));
    // Aligned for the eye; a program that reads lines wants no padding.
    let places = report.lines.iter().map(|line| place_of(&report.file, line));
    let width = if std::io::stdout().is_terminal() { places.map(|place| place.len()).max() } else { None };
    let lines = report.lines.iter().map(|line| line_to_text(&report.file, line, width.unwrap_or(0)));
    lines.chain([sum]).collect::<Vec<_>>().join("\n")
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
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
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
        "configurations": report.configurations,
        "problems": report.count(Severity::Problem),
        "warnings": report.count(Severity::Warning),
        "findings": Value::from_iter(findings),
    })
}
