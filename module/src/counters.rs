//! What metrics show, with labels: the names that the plugin's counters have once Envoy took the policy and the reason out
//! of them, so that one dashboard serves both.

use proxy_wasm_cors::policy::decision::{Kind, Verdict};

use crate::host::{Exchange, Metric, Setup};

/// The labels: the policy, the reason of a denial, and whether it was of a preflight or of a request.
const POLICY: &str = "cors_policy";
const REASON: &str = "cors_reason";
const KIND: &str = "cors_kind";

/// The counters of a filter; what Envoy did not make is not counted.
pub(crate) struct Counters {
    preflight_allowed: Option<Metric>,
    preflight_denied: Option<Metric>,
    request_allowed: Option<Metric>,
    request_denied: Option<Metric>,
    denied: Option<Metric>,
}

impl Counters {
    /// Defines them.
    pub(crate) fn defined(setup: &Setup<'_>) -> Self {
        let of_policy = |name| setup.define_counter(name, &[POLICY]);
        Self {
            preflight_allowed: of_policy("proxy_wasm_cors.preflight_allowed"),
            preflight_denied: of_policy("proxy_wasm_cors.preflight_denied"),
            request_allowed: of_policy("proxy_wasm_cors.request_allowed"),
            request_denied: of_policy("proxy_wasm_cors.request_denied"),
            denied: setup.define_counter("proxy_wasm_cors.denied", &[POLICY, REASON, KIND]),
        }
    }

    /// Counts a verdict of a policy.
    pub(crate) fn count(&self, policy: &str, verdict: &Verdict, exchange: &Exchange<'_>) {
        let outcome = match verdict {
            Verdict::NotCrossOrigin => None,
            Verdict::Allowed(Kind::Preflight) => self.preflight_allowed,
            Verdict::Allowed(Kind::Cors) => self.request_allowed,
            Verdict::Denied(denial) => {
                if let Some(denied) = self.denied {
                    exchange.count(denied, [policy, denial.reason.as_str(), denial.kind.as_str()]);
                }
                if denial.kind == Kind::Preflight { self.preflight_denied } else { self.request_denied }
            }
        };
        if let Some(outcome) = outcome {
            exchange.count(outcome, [policy]);
        }
    }
}
