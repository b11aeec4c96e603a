//! A configuration in force, and what the host is told of the verdicts under it.

use std::cell::{Cell, RefCell};

use log::debug;

use super::host_calls;
use crate::policy::Policy;
use crate::policy::decision::{Kind, Verdict};
use crate::policy::set::PolicySet;
use crate::telling::counters::Counters;
use crate::telling::denial::{Texts, Told};

/// The filter state that the access log shows as `wasm.cors`.
const RECORD: &str = "cors";

/// How many judged requests may pass until counters go to a host that has no timers.
const UNTOLD: u32 = 256;

/// A configuration in force, shared by the requests that began under it.
pub(super) struct Running {
    policies: PolicySet,
    meters: RefCell<Vec<Meter>>,
    /// How many requests were judged since the host was told, where no tick tells it.
    untold: Option<Cell<u32>>,
    sees_replies: Cell<bool>,
}

/// The counters of one policy and their names with the host.
struct Meter {
    ids: Vec<Option<u32>>,
    counters: Counters,
    texts: Texts,
}

impl Running {
    /// Takes policies into service, on a host that has ticks or has none.
    pub(super) fn new(policies: PolicySet, has_ticks: bool) -> Self {
        let meters = policies.policies().map(Meter::of).collect();
        let untold = (!has_ticks).then(Cell::default);
        Self { policies, meters: RefCell::new(meters), untold, sees_replies: Cell::new(false) }
    }

    /// The policies in service.
    pub(super) fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// Whether the host has shown a reply of the plugin's own as a response.
    pub(super) fn sees_replies(&self) -> &Cell<bool> {
        &self.sees_replies
    }

    /// Counts a verdict, records it for the access log, and logs a denial.
    pub(super) fn tell(&self, place: usize, verdict: &Verdict) {
        if matches!(verdict, Verdict::NotCrossOrigin) {
            return;
        }
        if let Some(meter) = self.meters.borrow_mut().get_mut(place) {
            meter.tell(verdict);
        }
        if let Some(untold) = &self.untold {
            untold.set(untold.get().saturating_add(1));
            if untold.get() == UNTOLD {
                self.flush();
            }
        }
    }

    /// Hands the counters over.
    pub(super) fn flush(&self) {
        if let Some(untold) = &self.untold {
            untold.set(0);
        }
        for meter in self.meters.borrow_mut().iter_mut() {
            meter.flush();
        }
    }
}

/// The last request under a configuration may end long after the last tick. No callback tells of that: the host would
/// call it for every request.
impl Drop for Running {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Meter {
    fn of(policy: &Policy) -> Self {
        Self {
            ids: Counters::names(policy.name()).map(|name| host_calls::define_counter(&name)).collect(),
            counters: Counters::default(),
            texts: Texts::of(policy),
        }
    }

    fn tell(&mut self, verdict: &Verdict) {
        self.counters.count(verdict);
        match verdict {
            Verdict::NotCrossOrigin | Verdict::Allowed(Kind::Cors) => {}
            Verdict::Allowed(Kind::Preflight) => host_calls::set_filter_state(RECORD, "allowed"),
            Verdict::Denied(denial) => {
                if let Some(outcome) = self.texts.outcome(denial.reason) {
                    host_calls::set_filter_state(RECORD, outcome);
                }
                debug!("{}, {}", self.texts.introduction(), Told(denial));
            }
        }
    }

    fn flush(&mut self) {
        for (id, increment) in self.ids.iter().zip(self.counters.take()) {
            if let (Some(id), Ok(increment @ 1..)) = (id, i64::try_from(increment)) {
                host_calls::increment(*id, increment);
            }
        }
    }
}
