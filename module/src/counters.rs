//! The counters, with labels. They have the names that the plugin's counters have once `stats_tags` have turned policy and
//! reason into labels, so one dashboard serves both.

use std::sync::atomic::{AtomicBool, Ordering};

use proxy_wasm_cors::policy::Policy;
use proxy_wasm_cors::policy::decision::{Kind, Reason, Verdict};
use proxy_wasm_cors::policy::set::PolicySet;

use crate::host::{Exchange, Metric, Setup};

/// The labels: the policy, the reason of a denial, and whether it was of a preflight or of a request.
const POLICY: &str = "cors_policy";
const REASON: &str = "cors_reason";
const KIND: &str = "cors_kind";

const KINDS: [Kind; 2] = [Kind::Preflight, Kind::Cors];

/// The counters of a filter. A counter that Envoy refused to make stays `None`, and nothing is counted there.
pub(crate) struct Counters {
    preflight_allowed: Option<Metric>,
    preflight_denied: Option<Metric>,
    request_allowed: Option<Metric>,
    request_denied: Option<Metric>,
    denied: Option<Metric>,
    /// Whether Envoy shows them, even while they are 0.
    is_shown: AtomicBool,
}

impl Counters {
    /// Defines them. Each policy's counters exist from the start, for two reasons. Prometheus sees the first count as an
    /// increase only after it has seen a zero. And Envoy keeps what the previous configuration has counted only if this
    /// one has the same counters before that one ends.
    pub(crate) fn defined(policies: &PolicySet, setup: &Setup<'_>) -> Self {
        let of_policy = |name| setup.define_counter(name, &[POLICY]);
        let counters = Self {
            preflight_allowed: of_policy("proxy_wasm_cors.preflight_allowed"),
            preflight_denied: of_policy("proxy_wasm_cors.preflight_denied"),
            request_allowed: of_policy("proxy_wasm_cors.request_allowed"),
            request_denied: of_policy("proxy_wasm_cors.request_denied"),
            denied: setup.define_counter("proxy_wasm_cors.denied", &[POLICY, REASON, KIND]),
            is_shown: AtomicBool::new(false),
        };
        let is_shown = counters.each(policies, |counter, labels| setup.show_counter(counter, labels));
        counters.is_shown.store(is_shown, Ordering::Relaxed);
        counters
    }

    /// Shows them with the help of a stream, if this release of Envoy could not do it without one.
    pub(crate) fn show(&self, policies: &PolicySet, exchange: &Exchange<'_>) {
        if self.is_shown.load(Ordering::Relaxed) {
            return;
        }
        self.is_shown.store(true, Ordering::Relaxed);
        self.each(policies, |counter, labels| {
            match labels {
                [policy] => exchange.count(counter, [*policy], 0),
                [policy, reason, kind] => exchange.count(counter, [*policy, *reason, *kind], 0),
                _ => {}
            }
            true
        });
    }

    /// Shows all counters of the policies, up to the first that cannot be shown. Returns whether all could.
    fn each(&self, policies: &PolicySet, show: impl Fn(Metric, &[&str]) -> bool) -> bool {
        let show = |counter: Option<Metric>, labels: &[&str]| counter.is_none_or(|it| show(it, labels));
        let outcomes =
            [self.preflight_allowed, self.preflight_denied, self.request_allowed, self.request_denied];
        policies.policies().map(Policy::name).all(|policy| {
            let reasons = || Reason::ALL.into_iter().flat_map(|reason| KINDS.map(|kind| (reason, kind)));
            outcomes.into_iter().all(|counter| show(counter, &[policy]))
                && reasons()
                    .all(|(reason, kind)| show(self.denied, &[policy, reason.as_str(), kind.as_str()]))
        })
    }

    /// Counts a policy's verdict.
    pub(crate) fn count(&self, policy: &str, verdict: &Verdict, exchange: &Exchange<'_>) {
        let outcome = match verdict {
            Verdict::NotCrossOrigin => None,
            Verdict::Allowed(Kind::Preflight) => self.preflight_allowed,
            Verdict::Allowed(Kind::Cors) => self.request_allowed,
            Verdict::Denied(denial) => {
                if let Some(denied) = self.denied {
                    exchange.count(denied, [policy, denial.reason.as_str(), denial.kind.as_str()], 1);
                }
                if denial.kind == Kind::Preflight { self.preflight_denied } else { self.request_denied }
            }
        };
        if let Some(outcome) = outcome {
            exchange.count(outcome, [policy], 1);
        }
    }
}
