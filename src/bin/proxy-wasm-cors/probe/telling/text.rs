//! A probe for people.

use crate::probe::client::MAX_BODY;
use crate::probe::comparison::Difference;
use crate::probe::findings::{Finding, Severity};
use crate::probe::inquiry::Exchange;
use crate::probe::request::{Purpose, Request};
use crate::style::{BAD, DOUBTFUL, GOOD, LABEL, say, styled};

use super::{Report, sent_headers, shown_headers};

/// Prints what was sent, what came back and what it means.
pub(crate) fn print(report: &Report) {
    let question = &report.question;
    line(
        "asks",
        &format!(
            "{} as a page of {}: at most {} s and {} KiB for each answer, no redirects",
            question.endpoint.url,
            question.call.origin,
            report.patience,
            MAX_BODY / 1024
        ),
    );
    for (at, exchange) in report.inquiry.exchanges.iter().enumerate() {
        print_exchange(at, exchange, report);
    }
    report.findings.iter().for_each(print_finding);
    for difference in report.differences.iter().flatten() {
        print_difference(difference);
    }
    if report.differences.as_ref().is_some_and(Vec::is_empty) {
        line("policy", "says the same");
    }
    print_end(report);
}

/// The name of the request that got no answer.
pub(crate) fn unanswered(report: &Report, request: &Request, why: &str) -> String {
    escaped(&format!("{} {}: {why}", request.method, report.question.endpoint.url))
}

fn print_exchange(at: usize, exchange: &Exchange, report: &Report) {
    let Exchange { request, answer } = exchange;
    let number = at.saturating_add(1);
    line(
        "request",
        &format!(
            "{number}. {} {}, {}",
            request.method,
            report.question.endpoint.url,
            purpose(request, report)
        ),
    );
    sent_headers(exchange).for_each(|(name, value)| item(name, value));
    line("answer", &format!("{} over {}", answer.status, answer.version));
    shown_headers(exchange).for_each(|(name, value)| item(name, value));
}

fn purpose(request: &Request, report: &Report) -> String {
    let why = report.question.call.needs_preflight().filter(|_| request.purpose == Purpose::Preflight);
    match why {
        Some(why) => format!("{}, as {why}", request.told()),
        None => request.told(),
    }
}

fn print_finding(finding: &Finding) {
    let style = match finding.severity {
        Severity::Severe => BAD,
        Severity::Warning => DOUBTFUL,
        Severity::Note => LABEL,
    };
    let number = finding.at.saturating_add(1);
    let text = format!("{}, request {number}: {}", styled(LABEL, finding.id), escaped(&finding.text));
    say(&format!("{} {text}", styled(style, &format!("{:<8}", finding.severity.as_str()))));
}

fn print_difference(difference: &Difference) {
    let told = |value: &Option<String>| value.as_ref().map_or("nothing".to_owned(), |it| format!("`{it}`"));
    let number = difference.at.saturating_add(1);
    let text = format!(
        "request {number}, {}: the policy says {}, the answer says {}",
        difference.what,
        told(&difference.policy),
        told(&difference.live)
    );
    say(&format!("{} {}", styled(BAD, &format!("{:<8}", "differs")), escaped(&text)));
}

fn print_end(report: &Report) {
    if report.inquiry.unreachable.is_some() {
        return;
    }
    match &report.inquiry.refusal {
        Some(refusal) => {
            let text = escaped(&format!("does not get the answer: {}", refusal.why));
            say(&format!("{} {}", styled(LABEL, "page    "), styled(BAD, &text)));
            line("step", &format!("{}, {}", refusal.step, refusal.link));
        }
        None => {
            let is_shown_by =
                |purpose| report.inquiry.exchanges.iter().find(|it| it.request.purpose == purpose);
            let text = match is_shown_by(Purpose::StandIn) {
                Some(exchange) => format!(
                    "gets the answer, as far as {} shows; `--send` makes the call itself",
                    exchange.request.method
                ),
                None => "gets the answer".to_owned(),
            };
            say(&format!("{} {}", styled(LABEL, "page    "), styled(GOOD, &text)));
        }
    }
}

fn line(label: &str, text: &str) {
    say(&format!("{} {}", styled(LABEL, &format!("{label:<8}")), escaped(text)));
}

fn item(name: &str, value: &str) {
    say(&format!("           {name}: {}", escaped(value)));
}

/// A text without what could act on a terminal. Quotes in headers are not escaped.
fn escaped(text: &str) -> String {
    let parts: Vec<String> = text.split(['"', '\'']).map(|part| part.escape_debug().to_string()).collect();
    let mut quotes = text.chars().filter(|c| ['"', '\''].contains(c));
    let mut whole = String::new();
    for part in parts {
        whole += &part;
        whole.extend(quotes.next());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(escaped("a\"b'c\u{1b}[31m\u{9b}1m\\"), "a\"b'c\\u{1b}[31m\\u{9b}1m\\\\");
    }
}
