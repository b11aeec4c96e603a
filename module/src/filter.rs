//! A configuration in service, of a listener's filter or of a route.

use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use proxy_wasm_cors::config::{self, Fingerprint, Severity};
use proxy_wasm_cors::policy::Policy;
use proxy_wasm_cors::policy::decision::{Denial, Kind, Verdict};
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::request::path::path_of;
use proxy_wasm_cors::telling::denial::{Texts, Told};
use proxy_wasm_cors::telling::digest::Digest;

use crate::counters::Counters;
use crate::gauges::Gauges;
use crate::host::{Exchange, Level, Lines, Setup, is_logged, log};
use crate::minute::Registration;
use crate::pending::Pending;

/// The filter state that the access log shows.
const RECORD: &str = "wasm.cors";

/// How many configurations of routes there are. While there are none, no stream needs to ask for the one of its route.
static ROUTES: AtomicUsize = AtomicUsize::new(0);

/// Policies in service, and what is logged about their denials. All workers share them.
pub(crate) struct Running {
    /// The name of the filter in Envoy's configuration. Its lines in the log begin with it.
    name: String,
    policies: PolicySet,
    meters: Vec<Meter>,
    /// How many problems the configuration has, although it is in service (`on_invalid: deny`).
    problems: usize,
}

/// What the log says about one policy.
struct Meter {
    texts: Texts,
    digest: Mutex<Digest>,
}

/// The configured filter of a listener.
pub(crate) struct Filter {
    running: Arc<Running>,
    counters: Counters,
    gauges: Gauges,
    /// As long as it exists, the log hears about this configuration once a minute.
    _registration: Registration,
}

/// The policies of a route, a virtual host or a route table.
pub(crate) struct RoutePolicies {
    running: Arc<Running>,
    _registration: Registration,
}

impl Running {
    /// Reads a configuration, and logs everything that is wrong with it, or that it is accepted.
    fn of(name: &[u8], bytes: &[u8]) -> Option<(Arc<Self>, Fingerprint)> {
        let name = String::from_utf8_lossy(name).into_owned();
        let loaded = config::load(Some(bytes));
        for finding in &loaded.findings {
            let level = match finding.severity {
                Severity::Problem => Level::Error,
                Severity::Warning => Level::Warn,
            };
            log(level, format_args!("{name}: {finding}"));
        }
        let problems = loaded.problems();
        let (Some(policies), Some(fingerprint)) = (loaded.policies, loaded.fingerprint) else {
            log(Level::Error, format_args!("{name}: config: refused for {}", Problems(problems)));
            return None;
        };
        let meters = policies.policies().map(Meter::of).collect();
        let running = Self { name, policies, meters, problems };
        running.tell_of_problems();
        if problems == 0 {
            running.tell_acceptance(&fingerprint);
        }
        Some((Arc::new(running), fingerprint))
    }

    fn tell_acceptance(&self, fingerprint: &Fingerprint) {
        let (policies, origins) = (fingerprint.policies(), fingerprint.origins());
        let version = env!("CARGO_PKG_VERSION");
        let said = format_args!(
            "{}: config: accepted: {policies} policies, {origins} origins, fingerprint {fingerprint}, module {version}",
            self.name
        );
        log(Level::Info, said);
    }

    fn tell_of_problems(&self) {
        if self.problems > 0 {
            let (name, problems) = (&self.name, Problems(self.problems));
            let said = format_args!("{name}: config: {problems}, so no origin is allowed until it is fixed");
            log(Level::Error, said);
        }
    }

    /// Logs what is due once a minute.
    pub(crate) fn tell_the_minute(&self) {
        for meter in &self.meters {
            if let Some(digest) = meter.digest.lock().unwrap_or_else(PoisonError::into_inner).take() {
                let introduction = meter.texts.introduction();
                log(Level::Warn, format_args!("{}: {introduction}, {digest}", self.name));
            }
        }
        self.tell_of_problems();
    }

    /// The policies.
    pub(crate) fn policies(&self) -> &PolicySet {
        &self.policies
    }

    fn tell_denial(&self, meter: &Meter, denial: &Denial, exchange: &Exchange<'_>) {
        meter.digest.lock().unwrap_or_else(PoisonError::into_inner).count(denial);
        if let Some(outcome) = meter.texts.outcome(denial) {
            exchange.set_filter_state(RECORD, outcome);
        }
        // Reads what the line shows beside the denial, which would be wasted otherwise.
        if is_logged(Level::Debug) {
            let (introduction, told) =
                (meter.texts.introduction(), exchange.with_request(|lines| told(denial, lines)));
            log(Level::Debug, format_args!("{}: {introduction}, {told}", self.name));
        }
    }
}

impl Meter {
    fn of(policy: &Policy) -> Self {
        Self { texts: Texts::of(policy), digest: Mutex::default() }
    }
}

fn told<'a>(denial: &'a Denial, head: Lines<'_>) -> Told<'a> {
    let read = |name| head.value(name).unwrap_or_default();
    let method = match denial.kind {
        Kind::Preflight => "access-control-request-method",
        Kind::Cors => ":method",
    };
    Told { denial, host: read(":authority"), path: path_of(read(":path")), method: read(method) }
}

impl Filter {
    /// Puts a configuration into service, unless it is refused.
    pub(crate) fn made(name: &[u8], bytes: &[u8], setup: &Setup<'_>) -> Option<Self> {
        let (running, fingerprint) = Running::of(name, bytes)?;
        let gauges = Gauges::set(&fingerprint, running.problems > 0, setup);
        let pending = Pending::of(&running.policies, setup).map(Arc::new);
        let registration = Registration::of(&running, pending.clone());
        let pending = pending.filter(|_| registration.has_thread());
        let counters = Counters::defined(&running.policies, pending, setup);
        Some(Self { running, counters, gauges, _registration: registration })
    }

    /// Gives Envoy what was counted since the last time.
    pub(crate) fn collect_counts(&self, setup: &Setup<'_>) {
        self.counters.collect(setup);
    }

    /// The policies of the listener.
    pub(crate) fn running(&self) -> &Arc<Running> {
        &self.running
    }

    /// Shows the metrics, in releases of Envoy that need a stream for it.
    pub(crate) fn show_metrics(&self, exchange: &Exchange<'_>) {
        self.gauges.assert(exchange);
        self.counters.show(&self.running.policies, exchange);
    }

    /// Counts a verdict of one of the policies, the listener's or a route's, records it for the access log, and logs it if
    /// it is a denial.
    pub(crate) fn tell(&self, running: &Running, place: usize, verdict: &Verdict, exchange: &Exchange<'_>) {
        let Some((policy, meter)) = running.policies.policy(place).zip(running.meters.get(place)) else {
            return;
        };
        if ptr::eq(running, Arc::as_ptr(&self.running)) {
            self.counters.count_own(place, policy.name(), verdict, exchange);
        } else {
            self.counters.count(policy.name(), verdict, exchange);
        }
        match verdict {
            Verdict::NotCrossOrigin | Verdict::Allowed(Kind::Cors) => {}
            Verdict::Allowed(Kind::Preflight) => exchange.set_filter_state(RECORD, "allowed"),
            Verdict::Denied(denial) => running.tell_denial(meter, denial, exchange),
        }
    }
}

impl RoutePolicies {
    /// Puts the policies of a route into service, unless they are refused.
    pub(crate) fn made(name: &[u8], bytes: &[u8]) -> Option<Self> {
        // Envoy has two fields for the name, and which one is in use depends on its release.
        let name = if name.is_empty() { b"route" } else { name };
        let (running, _) = Running::of(name, bytes)?;
        ROUTES.fetch_add(1, Ordering::Relaxed);
        Some(Self { _registration: Registration::of(&running, None), running })
    }

    /// Those of a stream's route, if that route has any.
    pub(crate) fn of(exchange: &Exchange<'_>) -> Option<Arc<Self>> {
        if ROUTES.load(Ordering::Relaxed) == 0 { None } else { exchange.route_policies() }
    }

    /// The policies.
    pub(crate) fn running(&self) -> &Arc<Running> {
        &self.running
    }
}

impl Drop for RoutePolicies {
    fn drop(&mut self) {
        ROUTES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A number of problems in words.
struct Problems(usize);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}
