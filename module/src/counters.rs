//! What metrics show, with labels: the names that the plugin's counters have once Envoy took the policy and the reason out
//! of them, so that one dashboard serves both.

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

/// The counters of a filter; what Envoy did not make is not counted.
pub(crate) struct Counters {
    preflight_allowed: Option<Metric>,
    preflight_denied: Option<Metric>,
    request_allowed: Option<Metric>,
    request_denied: Option<Metric>,
    denied: Option<Metric>,
    /// Whether Envoy shows them, counted or not.
    is_shown: AtomicBool,
}

impl Counters {
    /// Defines them. Those of the policies are there from the start, for two reasons: the first count of a counter is an
    /// increase only where there was a zero before it; and what a configuration before this one has counted is kept only by
    /// what counts on before that one ends.
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

    /// Shows them by a stream, if this release of Envoy did not without one.
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

    /// All counters of the policies, until one cannot be shown. Whether all could.
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

    /// Counts a verdict of a policy.
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
