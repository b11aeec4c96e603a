//! Findings as a SARIF log: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! Not with the crate `serde-sarif`: version 0.8.0 does not compile with current versions of its dependencies.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proxy_wasm_cors::config::Severity;
use serde_json::{Value, json};

use super::{Line, Report};
use crate::messages;

/// The characters that a path of a URI has unescaped: <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>, and the
/// slash.
const NOT_IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A log of one run; `docs` is the URL under which the page of messages can be read.
pub(super) fn log(reports: &[Report], docs: Option<&str>) -> Value {
    let lines = reports.iter().flat_map(|report| report.lines.iter().map(move |line| (report, line)));
    let used: BTreeSet<&str> = lines.clone().filter_map(|(_, line)| line.id()).collect();
    let rules: Vec<&str> = used.into_iter().collect();
    let results = lines.map(|(report, line)| result(&report.file, line, &rules));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Value::from_iter(rules.iter().map(|id| rule(id, docs))),
            } },
            // GitHub shows a run that has none of these as failed.
            "invocations": [{ "executionSuccessful": true }],
            "results": Value::from_iter(results),
        }],
    })
}

/// What the page says about an id; a link to it has to be a complete URL.
fn rule(id: &str, docs: Option<&str>) -> Value {
    let help = messages::help(id);
    let about = help.lines().next().unwrap_or_default();
    let mut rule = json!({
        "id": id,
        "shortDescription": { "text": about },
        "help": { "text": format!("See {}#{id}.", docs.unwrap_or(messages::PAGE)), "markdown": help },
    });
    if let (Some(members), Some(docs)) = (rule.as_object_mut(), docs) {
        members.insert("helpUri".to_owned(), json!(format!("{docs}#{id}")));
    }
    rule
}

fn result(file: &str, line: &Line, rules: &[&str]) -> Value {
    let level = if line.severity == Severity::Problem { "error" } else { "warning" };
    let mut place = json!({ "artifactLocation": { "uri": uri(file) } });
    if let (Some(members), Some(number)) = (place.as_object_mut(), line.line) {
        members.insert("region".to_owned(), json!({ "startLine": number }));
    }
    let mut location = json!({ "physicalLocation": place });
    if let (Some(members), Some(path)) = (location.as_object_mut(), &line.path) {
        members.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": path }]));
    }
    let index = rules.iter().position(|rule| Some(*rule) == line.id());
    json!({
        "ruleId": line.id(),
        "ruleIndex": index,
        "level": level,
        "message": { "text": line.said() },
        "locations": [location],
    })
}

/// A path as a reference, or if it is absolute as a URL: <https://www.rfc-editor.org/rfc/rfc8089>.
fn uri(file: &str) -> String {
    let path = file.replace('\\', "/");
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", utf8_percent_encode(&path, NOT_IN_PATHS))
}
