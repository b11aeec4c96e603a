//! What the filter counts. It adds up here and goes to the host from time to time, because telling the host about each
//! request at once would cost every request a call.

use crate::policy::decision::{Kind, Reason, Verdict};

/// The names of a policy's counters behind `proxy_wasm_cors.<policy>.`, except those for reasons.
const BY_OUTCOME: [&str; 4] = ["preflight_allowed", "preflight_denied", "request_allowed", "request_denied"];

/// How many counters a policy has.
pub const COUNT: usize = BY_OUTCOME.len() + Reason::ALL.len();

/// The counters of one policy.
#[derive(Debug, Default)]
pub struct Counters([u64; COUNT]);

impl Counters {
    /// The full names of the counters, in the order in which [`Counters::take`] gives their increments.
    pub fn names(policy: &str) -> impl Iterator<Item = String> {
        let by_outcome = BY_OUTCOME.into_iter().map(move |name| format!("proxy_wasm_cors.{policy}.{name}"));
        let by_reason =
            Reason::ALL.into_iter().map(move |reason| format!("proxy_wasm_cors.{policy}.denied.{reason}"));
        by_outcome.chain(by_reason)
    }

    /// Counts a verdict.
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::NotCrossOrigin => {}
            Verdict::Allowed(Kind::Preflight) => self.add(0),
            Verdict::Allowed(Kind::Cors) => self.add(2),
            Verdict::Denied(denial) => {
                self.add(if denial.kind == Kind::Preflight { 1 } else { 3 });
                self.add(BY_OUTCOME.len().saturating_add(denial.reason as usize));
            }
        }
    }

    fn add(&mut self, place: usize) {
        if let Some(count) = self.0.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    /// The increments since the last time.
    pub fn take(&mut self) -> [u64; COUNT] {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decision::Denial;

    #[test]
    fn each_verdict_counts_where_its_name_says() {
        let denied = |kind, reason| {
            let (origin, refused) = (Vec::new(), Vec::new());
            Verdict::Denied(Denial { kind, reason, origin, refused, is_open_websocket: false })
        };
        let mut counters = Counters::default();
        counters.count(&Verdict::NotCrossOrigin);
        counters.count(&Verdict::Allowed(Kind::Preflight));
        counters.count(&Verdict::Allowed(Kind::Cors));
        counters.count(&denied(Kind::Preflight, Reason::PathNotNormalized));
        counters.count(&denied(Kind::Cors, Reason::PrivateNetworkNotAllowed));
        counters.count(&denied(Kind::Cors, Reason::PrivateNetworkNotAllowed));
        let counted: Vec<_> =
            Counters::names("api").zip(counters.take()).filter(|(_, count)| *count > 0).collect();
        let expected = [
            ("proxy_wasm_cors.api.preflight_allowed", 1),
            ("proxy_wasm_cors.api.preflight_denied", 1),
            ("proxy_wasm_cors.api.request_allowed", 1),
            ("proxy_wasm_cors.api.request_denied", 2),
            ("proxy_wasm_cors.api.denied.path-not-normalized", 1),
            ("proxy_wasm_cors.api.denied.private-network-not-allowed", 2),
        ];
        assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)));
        assert_eq!(counters.take(), [0; COUNT]);
    }
}
