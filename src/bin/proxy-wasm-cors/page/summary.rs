//! A course in the words of the access log, for programs and tables.

use proxy_wasm_cors::policy::Mode;
use proxy_wasm_cors::policy::decision::{Denial, Reason, Verdict};
use proxy_wasm_cors::policy::set::PolicySet;

use super::course::{Course, End, Kind};

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The policy that judged the last request.
    pub(crate) policy: Option<String>,
    /// As the filter state has it; `none` if there was nothing to judge.
    pub(crate) verdict: &'static str,
    /// Why it was denied.
    pub(crate) reason: Option<Reason>,
    /// The method or header that was refused.
    pub(crate) refused: Option<String>,
    pub(crate) page: Page,
    /// What keeps the answer from the page.
    pub(crate) why: Option<String>,
}

/// What the page gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The answer.
    Reads,
    /// An error.
    Blocked,
    /// What the upstream's own headers say.
    Upstream,
}

impl Page {
    /// Every outcome.
    pub(crate) const ALL: [Self; 3] = [Self::Reads, Self::Blocked, Self::Upstream];

    /// The outcome in a word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Blocked => "blocked",
            Self::Upstream => "upstream",
        }
    }
}

impl Summary {
    /// The result of a course under these policies.
    pub(crate) fn of(course: &Course, policies: &PolicySet) -> Self {
        let outcome = course.last().map(|exchange| &exchange.outcome);
        let policy = outcome.and_then(|it| it.place).and_then(|place| policies.policy(place));
        let mode = policy.map_or(Mode::Passthrough, |it| it.mode());
        let denial = outcome.and_then(|outcome| match &outcome.decision.verdict {
            Verdict::Denied(denial) => Some(denial),
            _ => None,
        });
        let is_allowed = outcome.is_some_and(|it| matches!(it.decision.verdict, Verdict::Allowed(_)));
        let (page, why) = match (&course.kind, &course.end) {
            (Kind::NotMade(why), _) | (_, End::Blocked(why)) => (Page::Blocked, Some(why.clone())),
            (_, End::Reads) => (Page::Reads, None),
            (_, End::Upstream) => (Page::Upstream, None),
        };
        Self {
            policy: policy.map(|it| it.name().to_owned()),
            verdict: denial.map_or(if is_allowed { "allowed" } else { "none" }, |it| denied(it, mode)),
            reason: denial.map(|denial| denial.reason),
            refused: denial.and_then(refused),
            page,
            why,
        }
    }

    /// The outcome for the page, and what speaks against it.
    pub(crate) fn told(&self) -> String {
        let page = self.page.as_str();
        match (self.reason, &self.refused, &self.why) {
            (Some(reason), Some(refused), _) => format!("{page} ({reason}: {refused})"),
            (Some(reason), None, _) => format!("{page} ({reason})"),
            (None, _, Some(why)) => format!("{page} ({why})"),
            (None, _, None) => page.to_owned(),
        }
    }
}

fn denied(denial: &Denial, mode: Mode) -> &'static str {
    match mode {
        Mode::Shadow => "shadow-denied",
        _ if denial.is_open_websocket => "not-blocked",
        _ => "denied",
    }
}

fn refused(denial: &Denial) -> Option<String> {
    (!denial.refused.is_empty()).then(|| denial.refused.escape_ascii().to_string())
}
