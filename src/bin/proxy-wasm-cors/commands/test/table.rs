//! What `test` prints for people: what failed and why, then how many.

use super::{Report, Tried};
use crate::entries::Standing;
use crate::style::{BAD, GOOD, LABEL, styled};

/// What is said of a file.
pub(super) fn text(report: &Report) -> String {
    let failed: Vec<&Tried> = report.results.iter().filter(|tried| !tried.holds()).collect();
    let style = if failed.is_empty() { GOOD } else { BAD };
    let calls = report.results.len();
    let noun = if calls == 1 { "call" } else { "calls" };
    let count = styled(style, &format!("{} failed", failed.len()));
    let rows = failed.into_iter().map(|tried| row(&report.file, tried));
    let sum = format!("{}: {calls} {noun}, {count}", report.file);
    rows.chain([sum]).collect::<Vec<_>>().join("\n")
}

fn row(file: &str, tried: &Tried) -> String {
    let expectation = &tried.expectation;
    let told = expectation.target.told(&expectation.call);
    let title = format!("{file}:{}: {}: {}", expectation.line, styled(BAD, "failed"), title(tried));
    let call = expectation.name.is_some().then(|| line("call", &told));
    let details = details(tried).into_iter().map(|(label, text)| line(label, &text));
    [title].into_iter().chain(call).chain(details).collect::<Vec<_>>().join("\n")
}

fn line(label: &str, text: &str) -> String {
    format!("  {} {text}", styled(LABEL, &format!("{label:<8}")))
}

/// How the report calls a call: by its name, or else by what it is.
pub(super) fn title(tried: &Tried) -> String {
    let expectation = &tried.expectation;
    expectation.name.clone().unwrap_or_else(|| expectation.target.told(&expectation.call))
}

/// What was expected, what came instead, and what explains it.
pub(super) fn details(tried: &Tried) -> Vec<(&'static str, String)> {
    let Tried { expectation, summary, .. } = tried;
    let reason = expectation.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let policy =
        |name: &Option<String>| name.as_ref().map(|name| format!(", policy `{name}`")).unwrap_or_default();
    let expected = format!("{}{reason}{}", expectation.page.as_str(), policy(&expectation.policy));
    let got = match &summary.policy {
        None => format!("{}, no policy", summary.told()),
        some => format!("{}{}", summary.told(), policy(some)),
    };
    let mut all = vec![("expected", expected), ("got", got)];
    if let Standing::Nearest(entry, differs) = &tried.standing {
        all.push(("nearest", format!("{}: {differs}", entry.told())));
    }
    all
}
