//! The room of findings: what is risky or mistaken in the answers, each with an id that stays.
//!
//! `headers` looks at each answer by itself, `preflight` at what a preflight gets, `reading` at what the page's call gets,
//! and `audit` at which strangers are accepted.

mod audit;
mod headers;
mod preflight;
mod reading;

use super::inquiry::{Exchange, Inquiry};
use super::request::Purpose;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Anyone can read what is not theirs.
    Severe,
    /// It fails some day, or for someone, or gives away more than is meant.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Severe => "severe",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something risky or mistaken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) id: &'static str,
    /// The request it shows in, counted from 0.
    pub(crate) at: usize,
    pub(crate) text: String,
}

/// What is found in one answer.
type Found = (Severity, &'static str, String);

/// All findings, the worst first.
pub(crate) fn findings(inquiry: &Inquiry) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for (at, exchange) in inquiry.exchanges.iter().enumerate() {
        let found = in_exchange(exchange, inquiry);
        all.extend(found.into_iter().map(|(severity, id, text)| Finding { severity, id, at, text }));
    }
    // A cache treats all answers alike, so one report is enough.
    let first = all.iter().position(|finding| finding.id == "vary-missing");
    let mut all: Vec<Finding> = (0..)
        .zip(all)
        .filter(|(at, it)| it.id != "vary-missing" || Some(*at) == first)
        .map(|(_, it)| it)
        .collect();
    all.sort_by_key(|finding| finding.severity);
    all
}

fn in_exchange(exchange: &Exchange, inquiry: &Inquiry) -> Vec<Found> {
    match &exchange.request.purpose {
        Purpose::Audit(stranger) => {
            let mut found: Vec<Found> = audit::found(exchange, stranger, inquiry).into_iter().collect();
            found.extend(reading::vary(exchange, inquiry));
            found
        }
        Purpose::Preflight => [headers::found(exchange), preflight::found(exchange)].concat(),
        Purpose::Call | Purpose::StandIn => {
            [headers::found(exchange), reading::found(exchange, inquiry)].concat()
        }
    }
}
