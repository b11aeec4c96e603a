//! The room of a probe's report: `text` for people, `json` for programs.
//!
//! Servers choose many of the bytes, so both escape whatever could control a terminal.

pub(crate) mod json;
pub(crate) mod text;

use super::comparison::Difference;
use super::findings::{Finding, Severity};
use super::inquiry::{Exchange, Inquiry, Question};

/// All that is told.
pub(crate) struct Report {
    pub(crate) question: Question,
    pub(crate) inquiry: Inquiry,
    pub(crate) findings: Vec<Finding>,
    /// Where a policy says something else, if there is one.
    pub(crate) differences: Option<Vec<Difference>>,
    /// How long an answer may take, in seconds.
    pub(crate) patience: u64,
}

impl Report {
    /// Whether the page gets the answer, nothing is severe and nothing differs from the policy.
    pub(crate) fn is_good(&self) -> bool {
        let is_severe = self.findings.iter().any(|finding| finding.severity == Severity::Severe);
        let differs = self.differences.as_ref().is_some_and(|differences| !differences.is_empty());
        self.inquiry.refusal.is_none() && self.inquiry.unreachable.is_none() && !is_severe && !differs
    }
}

/// The headers of an answer that have to do with all this.
fn shown_headers(exchange: &Exchange) -> impl Iterator<Item = &(String, String)> {
    let names = ["vary", "location", "timing-allow-origin", "proxy-status"];
    let is_shown = move |name: &str| name.starts_with("access-control-") || names.contains(&name);
    exchange.answer.headers.iter().filter(move |(name, _)| is_shown(name))
}

/// The headers of a request that have to do with all this; secrets stay what they are.
fn sent_headers(exchange: &Exchange) -> impl Iterator<Item = (&str, &str)> {
    let is_own = |name: &str| ["accept", "user-agent"].contains(&name) || name.starts_with("sec-fetch-");
    let headers = exchange.request.headers.iter().filter(move |(name, _)| !is_own(name));
    headers.map(|(name, value)| {
        let is_secret = name == "authorization" || name.contains("token") || name.contains("key");
        (name.as_str(), if is_secret { "[not shown]" } else { value.as_str() })
    })
}
