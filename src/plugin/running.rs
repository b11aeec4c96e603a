//! A configuration in force, and what the host learns about the verdicts under it.

use std::cell::{Cell, RefCell};

use log::{Level, debug, log_enabled, warn};

use super::host_calls;
use crate::policy::Policy;
use crate::policy::decision::{Denial, Kind, Verdict};
use crate::policy::set::PolicySet;
use crate::request::RequestHead;
use crate::request::path::path_of;
use crate::telling::counters::Counters;
use crate::telling::denial::{Texts, Told};
use crate::telling::digest::Digest;

/// The filter state that the access log shows as `wasm.cors`.
const RECORD: &str = "cors";

/// How many judged requests may pass until counters go to a host that has no timers.
const UNTOLD: u32 = 256;

/// A configuration in force, shared by the requests that began under it.
pub(super) struct Running {
    policies: PolicySet,
    meters: RefCell<Vec<Meter>>,
    /// How many requests were judged since the last report to the host, if there are no ticks.
    untold: Option<Cell<u32>>,
    sees_replies: Cell<bool>,
    /// The gauge that is 1 while the configuration is in force.
    gauge: Option<u32>,
    /// Whether its gauge is for a configuration with problems. Then it may be set again only after a request: a
    /// configuration that was fixed may end much later than its successor began.
    is_invalid: bool,
    is_used: Cell<bool>,
}

/// The counters of one policy and their names with the host.
struct Meter {
    ids: Vec<Option<u32>>,
    counters: Counters,
    digest: Digest,
    texts: Texts,
}

impl Running {
    /// Takes policies into service, on a host that has ticks or has none; the gauge of this name is 1 from now on.
    pub(super) fn new(policies: PolicySet, has_ticks: bool, gauge: &str, is_invalid: bool) -> Self {
        let meters = policies.policies().map(Meter::of).collect();
        let untold = (!has_ticks).then(Cell::default);
        let gauge = host_calls::define_gauge(gauge);
        let (meters, sees_replies) = (RefCell::new(meters), Cell::new(false));
        let running =
            Self { policies, meters, untold, sees_replies, gauge, is_invalid, is_used: Cell::new(true) };
        running.assert_gauge();
        running
    }

    /// Sets the gauge again, because another thread that ended with the same configuration has set it to 0.
    pub(super) fn assert_gauge(&self) {
        if let Some(gauge) = self.gauge.filter(|_| self.is_used.take() || !self.is_invalid) {
            host_calls::set_gauge(gauge, 1);
        }
    }

    /// A line for each policy that denied requests since the last time.
    pub(super) fn tell_digests(&self) {
        for meter in self.meters.borrow_mut().iter_mut() {
            if let Some(digest) = meter.digest.take() {
                warn!("{}, {digest}", meter.texts.introduction());
            }
        }
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
    pub(super) fn tell(&self, place: usize, verdict: &Verdict, head: &dyn RequestHead) {
        if matches!(verdict, Verdict::NotCrossOrigin) {
            return;
        }
        self.is_used.set(true);
        if let Some(meter) = self.meters.borrow_mut().get_mut(place) {
            meter.tell(verdict, head);
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

fn told<'a>(denial: &'a Denial, head: &dyn RequestHead) -> Told<'a> {
    let read = |name| head.header(name).unwrap_or_default();
    let method = match denial.kind {
        Kind::Preflight => "access-control-request-method",
        Kind::Cors => ":method",
    };
    Told { denial, host: read(":authority"), path: path_of(read(":path")), method: read(method) }
}

/// The last request under a configuration may end long after the last tick. The plugin does not use a callback for
/// that, because the host would call it for every request.
impl Drop for Running {
    fn drop(&mut self) {
        self.flush();
        if let Some(gauge) = self.gauge {
            host_calls::set_gauge(gauge, 0);
        }
    }
}

impl Meter {
    fn of(policy: &Policy) -> Self {
        Self {
            ids: Counters::names(policy.name()).map(|name| host_calls::define_counter(&name)).collect(),
            counters: Counters::default(),
            digest: Digest::default(),
            texts: Texts::of(policy),
        }
    }

    fn tell(&mut self, verdict: &Verdict, head: &dyn RequestHead) {
        self.counters.count(verdict);
        match verdict {
            Verdict::NotCrossOrigin | Verdict::Allowed(Kind::Cors) => {}
            Verdict::Allowed(Kind::Preflight) => host_calls::set_filter_state(RECORD, "allowed"),
            Verdict::Denied(denial) => {
                self.digest.count(denial);
                if let Some(outcome) = self.texts.outcome(denial) {
                    host_calls::set_filter_state(RECORD, outcome);
                }
                // Asks for the rest of what the line shows only here.
                if log_enabled!(Level::Debug) {
                    debug!("{}, {}", self.texts.introduction(), told(denial, head));
                }
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
