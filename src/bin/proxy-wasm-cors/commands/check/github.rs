//! Findings as annotations of a workflow:
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message>

use proxy_wasm_cors::config::Severity;

use super::{Line, Report};
use crate::style::say;

/// Prints an annotation for each finding in a file; the message ends with the place that explains it.
pub(super) fn print(report: &Report, page: &str) {
    report.lines.iter().for_each(|line| say(&annotation(&report.file, line, page)));
}

fn annotation(file: &str, line: &Line, page: &str) -> String {
    let command = match line.severity {
        Severity::Problem => "error",
        Severity::Warning => "warning",
    };
    let number = line.line.map(|number| format!(",line={number}")).unwrap_or_default();
    let title = line.id().map(|id| format!(",title={}", property(id))).unwrap_or_default();
    let link = line.link(page).map(|link| format!(" ({link})")).unwrap_or_default();
    format!("::{command} file={}{number}{title}::{}", property(file), data(&format!("{}{link}", line.said())))
}

/// As `escapeData` in <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As `escapeProperty` there.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
