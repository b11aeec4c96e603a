//! Counts that Envoy does not have yet. To tell Envoy of a request takes it a lookup by labels, half as long as everything
//! else that the filter does, so a request only adds to a number here. The module's thread has Envoy collect them once a
//! second, on Envoy's main thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_wasm_cors::policy::Policy;
use proxy_wasm_cors::policy::set::PolicySet;

use crate::counters::SERIES;
use crate::host::{Scheduler, Setup};

/// Counts of configurations that have ended. The next collection of any configuration adds them to Envoy's counters, which
/// all configurations share.
static ORPHANS: Mutex<Vec<Tally>> = Mutex::new(Vec::new());

/// The counts of a configuration.
pub(crate) struct Pending {
    tallies: Vec<Tally>,
    scheduler: Scheduler,
}

/// The counts of one policy, in the order of its counters. They say nothing about other memory, so no order is asked for.
pub(crate) struct Tally {
    policy: String,
    counts: [AtomicU64; SERIES],
}

impl Pending {
    /// Nothing counted yet; `None` if this release of Envoy cannot collect it.
    pub(crate) fn of(policies: &PolicySet, setup: &Setup<'_>) -> Option<Self> {
        let scheduler = setup.scheduler()?;
        Some(Self { tallies: policies.policies().map(Policy::name).map(Tally::of).collect(), scheduler })
    }

    /// The counts of the policy at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&Tally> {
        self.tallies.get(place)
    }

    /// Those of all policies, in order.
    pub(crate) fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// Whether there is something to collect.
    pub(crate) fn has_some(&self) -> bool {
        self.tallies.iter().any(Tally::has_some)
    }

    /// Asks Envoy to collect it.
    pub(crate) fn schedule(&self) {
        self.scheduler.commit();
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        orphans().extend(self.tallies.drain(..).filter(Tally::has_some));
    }
}

impl Tally {
    fn of(policy: &str) -> Self {
        Self { policy: policy.to_owned(), counts: [const { AtomicU64::new(0) }; SERIES] }
    }

    /// The name of the policy.
    pub(crate) fn policy(&self) -> &str {
        &self.policy
    }

    /// Counts one more in a counter.
    pub(crate) fn count(&self, series: usize) {
        if let Some(count) = self.counts.get(series) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What was counted since the last time, with the places of the counters. Zeros are left out.
    pub(crate) fn take(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.counts.iter().map(|count| count.swap(0, Ordering::Relaxed));
        counts.enumerate().filter(|(_, count)| *count > 0)
    }

    fn has_some(&self) -> bool {
        self.counts.iter().any(|count| count.load(Ordering::Relaxed) > 0)
    }
}

/// Whether configurations that have ended left counts.
pub(crate) fn has_orphans() -> bool {
    !orphans().is_empty()
}

/// What they left. It is the caller's then.
pub(crate) fn take_orphans() -> Vec<Tally> {
    std::mem::take(&mut orphans())
}

fn orphans() -> MutexGuard<'static, Vec<Tally>> {
    ORPHANS.lock().unwrap_or_else(PoisonError::into_inner)
}
