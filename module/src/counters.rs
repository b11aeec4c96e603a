//! The counters, with labels. They have the names that the plugin's counters have once `stats_tags` have turned policy and
//! reason into labels, so one dashboard serves both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proxy_wasm_cors::policy::Policy;
use proxy_wasm_cors::policy::decision::{Kind, Reason, Verdict};
use proxy_wasm_cors::policy::set::PolicySet;

use crate::host::{Exchange, Metric, Setup};
use crate::pending::{self, Pending, Tally};

/// The labels: the policy, the reason of a denial, and whether it was of a preflight or of a request.
const POLICY: &str = "cors_policy";
const REASON: &str = "cors_reason";
const KIND: &str = "cors_kind";

const KINDS: [Kind; 2] = [Kind::Preflight, Kind::Cors];

const OUTCOMES: [&str; 4] = [
    "proxy_wasm_cors.preflight_allowed",
    "proxy_wasm_cors.preflight_denied",
    "proxy_wasm_cors.request_allowed",
    "proxy_wasm_cors.request_denied",
];

/// How many counters a policy has: one for each outcome, then one for each reason and kind of a denial.
pub(crate) const SERIES: usize = OUTCOMES.len() + Reason::ALL.len() * KINDS.len();

/// The counters of a filter. A counter that Envoy refused to make stays `None`, and nothing is counted there.
pub(crate) struct Counters {
    outcomes: [Option<Metric>; OUTCOMES.len()],
    denied: Option<Metric>,
    /// The counts of the filter's own policies, where Envoy can collect them.
    pending: Option<Arc<Pending>>,
    /// Whether Envoy shows them, even while they are 0.
    is_shown: AtomicBool,
}

impl Counters {
    /// Defines them. Each policy's counters exist from the start, for two reasons. Prometheus sees the first count as an
    /// increase only after it has seen a zero. And Envoy keeps what the previous configuration has counted only if this
    /// one has the same counters before that one ends.
    pub(crate) fn defined(policies: &PolicySet, pending: Option<Arc<Pending>>, setup: &Setup<'_>) -> Self {
        let counters = Self {
            outcomes: OUTCOMES.map(|name| setup.define_counter(name, &[POLICY])),
            denied: setup.define_counter("proxy_wasm_cors.denied", &[POLICY, REASON, KIND]),
            pending,
            is_shown: AtomicBool::new(false),
        };
        let is_shown = counters.each(policies, |counter, labels| setup.count(counter, labels, 0));
        counters.is_shown.store(is_shown, Ordering::Relaxed);
        counters.collect(setup);
        counters
    }

    /// Shows them with the help of a stream, if this release of Envoy could not do it without one.
    pub(crate) fn show(&self, policies: &PolicySet, exchange: &Exchange<'_>) {
        if self.is_shown.load(Ordering::Relaxed) {
            return;
        }
        self.is_shown.store(true, Ordering::Relaxed);
        self.each(policies, |counter, labels| count_at_once(counter, labels, 0, exchange));
    }

    /// Shows all counters of the policies, and stops at the first that cannot be shown. Returns whether all could.
    fn each(&self, policies: &PolicySet, show: impl Fn(Metric, &[&str]) -> bool) -> bool {
        let mut policies = policies.policies().map(Policy::name);
        policies.all(|policy| (0..SERIES).all(|series| self.with(series, policy, &show)))
    }

    /// Does something with one of a policy's counters and its labels. Returns what it returned, and true if there is no
    /// such counter.
    fn with(&self, series: usize, policy: &str, act: impl FnOnce(Metric, &[&str]) -> bool) -> bool {
        if let Some(counter) = self.outcomes.get(series) {
            return counter.is_none_or(|counter| act(counter, &[policy]));
        }
        self.denied
            .zip(denial(series))
            .is_none_or(|(denied, (reason, kind))| act(denied, &[policy, reason.as_str(), kind.as_str()]))
    }

    /// Counts a verdict of the filter's own policy at a place.
    pub(crate) fn count_own(&self, place: usize, policy: &str, verdict: &Verdict, exchange: &Exchange<'_>) {
        match self.pending.as_ref().and_then(|pending| pending.at(place)) {
            Some(tally) => series(verdict).into_iter().flatten().for_each(|series| tally.count(series)),
            None => self.count(policy, verdict, exchange),
        }
    }

    /// Counts a verdict of any policy, at once.
    pub(crate) fn count(&self, policy: &str, verdict: &Verdict, exchange: &Exchange<'_>) {
        for series in series(verdict).into_iter().flatten() {
            self.with(series, policy, |counter, labels| count_at_once(counter, labels, 1, exchange));
        }
    }

    /// Gives Envoy the pending counts, and those of configurations that have ended.
    pub(crate) fn collect(&self, setup: &Setup<'_>) {
        let Some(pending) = &self.pending else { return };
        pending.tallies().iter().for_each(|tally| self.collect_from(tally, setup));
        pending::take_orphans().iter().for_each(|tally| self.collect_from(tally, setup));
    }

    fn collect_from(&self, tally: &Tally, setup: &Setup<'_>) {
        for (series, by) in tally.take() {
            self.with(series, tally.policy(), |counter, labels| setup.count(counter, labels, by));
        }
    }
}

/// The counters in which a verdict counts.
fn series(verdict: &Verdict) -> [Option<usize>; 2] {
    match verdict {
        Verdict::NotCrossOrigin => [None; 2],
        Verdict::Allowed(Kind::Preflight) => [Some(0), None],
        Verdict::Allowed(Kind::Cors) => [Some(2), None],
        Verdict::Denied(denial) => {
            let kind = usize::from(denial.kind == Kind::Cors);
            let place = (denial.reason as usize).saturating_mul(KINDS.len()).saturating_add(kind);
            let outcome = if denial.kind == Kind::Preflight { 1 } else { 3 };
            [Some(outcome), Some(OUTCOMES.len().saturating_add(place))]
        }
    }
}

/// The reason and the kind of the denials that a counter counts.
fn denial(series: usize) -> Option<(Reason, Kind)> {
    let place = series.checked_sub(OUTCOMES.len())?;
    let (reason, kind) = (place.checked_div(KINDS.len())?, place.checked_rem(KINDS.len())?);
    Some((*Reason::ALL.get(reason)?, *KINDS.get(kind)?))
}

fn count_at_once(counter: Metric, labels: &[&str], by: u64, exchange: &Exchange<'_>) -> bool {
    match labels {
        [policy] => exchange.count(counter, [*policy], by),
        [policy, reason, kind] => exchange.count(counter, [*policy, *reason, *kind], by),
        _ => {}
    }
    true
}
