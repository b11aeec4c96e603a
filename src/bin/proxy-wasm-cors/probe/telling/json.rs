//! A probe's report for programs.

use serde_json::{Value, json};

use crate::probe::comparison::Difference;
use crate::probe::findings::Finding;
use crate::probe::inquiry::{Exchange, Refusal};
use crate::probe::request::Purpose;

use super::{Report, sent_headers, shown_headers};

/// The whole report, as one document.
pub(crate) fn document(report: &Report) -> String {
    let question = &report.question;
    let inquiry = &report.inquiry;
    let page = match (&inquiry.refusal, &inquiry.unreachable) {
        (_, Some(_)) => "unknown",
        (Some(_), None) => "blocked",
        (None, None) => "reads",
    };
    let document = json!({
        "url": question.endpoint.url.to_string(),
        "origin": question.call.origin,
        "method": question.call.sent_method(),
        "credentials": question.call.credentials,
        "page": page,
        "refusal": inquiry.refusal.as_ref().map(refusal),
        "unreachable": inquiry.unreachable.as_ref().map(|(_, why)| why),
        "requests": Value::from_iter(inquiry.exchanges.iter().map(|it| exchange(it, report))),
        "findings": Value::from_iter(report.findings.iter().map(finding)),
        "differences": report.differences.as_ref().map(|all| Value::from_iter(all.iter().map(difference))),
    });
    without_controls(&format!("{document:#}"))
}

fn refusal(refusal: &Refusal) -> Value {
    json!({ "why": refusal.why, "step": refusal.step, "link": refusal.link })
}

fn exchange(exchange: &Exchange, report: &Report) -> Value {
    let Exchange { request, answer } = exchange;
    let lines = |(name, value): (&str, &str)| json!([name, value]);
    let purpose = match request.purpose {
        Purpose::Preflight => "preflight",
        Purpose::Call => "call",
        Purpose::StandIn => "stand-in",
        Purpose::Audit(_) => "audit",
    };
    json!({
        "method": request.method,
        "url": report.question.endpoint.url.to_string(),
        "purpose": purpose,
        "headers": Value::from_iter(sent_headers(exchange).map(lines)),
        "status": answer.status,
        "version": answer.version,
        "answer": Value::from_iter(shown_headers(exchange).map(|(name, value)| lines((name, value)))),
    })
}

/// Requests are counted from 1, as in the text for people.
fn finding(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity.as_str(),
        "id": finding.id,
        "request": finding.at.saturating_add(1),
        "text": finding.text,
    })
}

fn difference(difference: &Difference) -> Value {
    json!({
        "request": difference.at.saturating_add(1),
        "what": difference.what,
        "policy": difference.policy,
        "live": difference.live,
    })
}

/// JSON does not escape what terminals treat as the beginning of a command.
fn without_controls(document: &str) -> String {
    let escape = |c: char| match c {
        '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    document.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::without_controls;

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(without_controls("\"a\u{9b}1m\u{7f}\u{e4}\"\n"), "\"a\\u009b1m\\u007f\u{e4}\"\n");
    }
}
