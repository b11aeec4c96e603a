//! `check`: everything that is wrong or doubtful in configurations.

mod github;
mod json;
mod sarif;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use proxy_wasm_cors::config::{Finding, Fingerprint, Loaded, Severity};
use serde_json::Value;

use crate::files::document::{self, Unreadable};
use crate::files::find::{Found, configurations};
use crate::files::nested;
use crate::messages;
use crate::placement::{self, Doubt};
use crate::punycode::written_out;
use crate::style::say;

/// What to check, and how to report the findings.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print the findings
    #[arg(long, default_value = "text")]
    format: Format,
    /// Exit with 1 if there is a warning as well
    #[arg(long)]
    deny_warnings: bool,
    /// Where docs/messages.md can be read, which `json`, `github` and `sarif` link to
    #[arg(long, value_name = "URL")]
    docs: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each finding, for people
    Text,
    /// One JSON document, for programs
    Json,
    /// Annotations for a workflow on GitHub
    Github,
    /// A SARIF 2.1.0 log, for code scanning
    Sarif,
}

/// What was found in a file.
struct Report {
    file: String,
    lines: Vec<Line>,
    /// What happens to each configuration.
    outcomes: Vec<Outcome>,
}

/// What happens to a configuration, and where it stands.
struct Outcome {
    line: usize,
    within: &'static str,
    /// The name for it in the filter's log and metrics.
    fingerprint: Option<Fingerprint>,
    kind: OutcomeKind,
}

/// What the filter does with a configuration.
#[derive(Clone, Copy)]
enum OutcomeKind {
    Accepted,
    /// It has problems and says `on_invalid: deny`, so a policy that allows no one takes its place.
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

/// Checks files and prints the findings; returns whether none of them makes the command fail.
pub(crate) fn run(args: &Arguments) -> bool {
    let reports: Vec<Report> = args.files.iter().map(|file| report(file)).collect();
    let page = args.docs.as_deref().unwrap_or(messages::PAGE);
    match args.format {
        Format::Text => reports.iter().for_each(|report| say(&text::to_text(report))),
        Format::Json => {
            let reports = reports.iter().map(|report| json::to_json(report, page));
            say(&format!("{:#}", Value::from_iter(reports)));
        }
        Format::Github => reports.iter().for_each(|report| github::print(report, page)),
        Format::Sarif => say(&format!("{:#}", sarif::log(&reports, args.docs.as_deref()))),
    }
    let count = |severity| reports.iter().map(|report| report.count(severity)).sum::<usize>();
    count(Severity::Problem) == 0 && !(args.deny_warnings && count(Severity::Warning) > 0)
}

/// What `check` prints for a file.
pub(crate) fn text_of(file: &Path) -> String {
    text::to_text(&report(file))
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
    // A file that only says from where to fetch the filter contains nothing else to check.
    if lines.is_empty() && found.is_empty() {
        lines.push(Line::of_file(nested::instead(&documents, &file)));
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
    /// The id under which `docs/messages.md` explains the message.
    fn id(&self) -> Option<&'static str> {
        messages::id_of(&self.message)
    }

    /// Where the message is explained.
    fn link(&self, page: &str) -> Option<String> {
        self.id().map(|id| format!("{page}#{id}"))
    }

    /// The message with its place in the configuration.
    fn said(&self) -> String {
        self.path.as_ref().map_or_else(|| self.message.clone(), |path| format!("{path}: {}", self.message))
    }

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
