//! A real Envoy of which a policy is replaced.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::policies::{Case, bad_policy, policy};
use super::traffic::{Over, Tally, Traffic};
use crate::support::config::{Bootstrap, Configuration, Listener, cors_filter};
use crate::support::envoy::{Directory, Envoy};
use crate::support::example;
use crate::support::filter::Filter;
use crate::support::http::send;
use crate::support::release;
use crate::support::upstream::{Answer, Upstream};
use crate::support::wait::wait_until;
use crate::support::wasm_log;

/// Keep-alive connections.
pub(crate) const CLIENTS: usize = 4;

/// So many new connections in a row, answered by one policy, show that both workers have it.
pub(crate) const PROBES: usize = 16;

/// An Envoy of which a policy can be replaced.
pub(crate) struct Stage {
    envoy: Envoy,
    upstream: Upstream,
    way: Way,
    /// Requests sent to see which policy is in force.
    probes: AtomicUsize,
}

/// How a policy comes to Envoy.
#[derive(Clone, Copy)]
enum Way {
    /// <https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension>
    Ecds,
    /// <https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/lds>
    Lds,
}

impl Stage {
    /// The example, its own policy replaced.
    pub(crate) fn by_ecds() -> Self {
        let upstream = Upstream::start(|_| Answer::new(200));
        let envoy = Envoy::start_from(example::checkout(upstream.port()), example::ECDS, &[]);
        let stage = Self { envoy, upstream, way: Way::Ecds, probes: AtomicUsize::default() };
        stage.replace(&policy(0));
        stage
    }

    pub(crate) fn by_lds() -> Self {
        let upstream = Upstream::start(|_| Answer::new(200));
        let bootstrap = bootstrap(upstream.port(), &policy(0));
        // Connections stay with the policy that they began under until Envoy drains them, by default for 10 minutes. It
        // counts whole seconds: in one it would close all at once in the end.
        let envoy = Envoy::start_with(Directory::new(), &bootstrap, &["--drain-time-s", "2"]);
        Self { envoy, upstream, way: Way::Lds, probes: AtomicUsize::default() }
    }

    pub(crate) fn port(&self) -> u16 {
        self.envoy.port(example::LISTENER)
    }

    pub(crate) fn replace(&self, policy: &Value) {
        match self.way {
            Way::Ecds => self.envoy.replace(example::ECDS_RESOURCE, &resource(policy)),
            Way::Lds => self.envoy.update(&bootstrap(self.upstream.port(), policy)),
        }
    }

    /// How many updates Envoy has accepted and rejected.
    fn updates(&self) -> (u64, u64) {
        let prefix = match self.way {
            Way::Ecds => "extension_config_discovery.http_filter.cors",
            Way::Lds => "listener_manager.lds",
        };
        let stat = |name| self.envoy.stat(&format!("{prefix}.{name}"));
        (stat("update_success"), stat("update_rejected"))
    }

    /// Listeners that were replaced and still have connections, whole ones and parts.
    fn draining(&self) -> u64 {
        let stat = |name| self.envoy.stat(&format!("listener_manager.total_{name}_draining"));
        stat("listeners") + stat("filter_chains")
    }

    /// Replaces policy 0 so many times by a bad one and then a good one, and says what the traffic met with.
    pub(crate) fn run(&self, rounds: usize) -> Tally {
        self.wait_for(0);
        let (accepted, rejected) = self.updates();
        let traffic = Traffic::default();
        let (tally, slowest) = thread::scope(|scope| {
            let over = Over(&traffic.is_over);
            let clients: Vec<_> =
                (0..CLIENTS).map(|_| scope.spawn(|| traffic.of_one_client(|| self.port()))).collect();
            let slowest = (1..=rounds).map(|round| self.round(&traffic, round)).max();
            drop(over);
            let tallies = clients.into_iter().map(|client| client.join().expect("no client panics"));
            (tallies.reduce(Tally::plus).expect("there are clients"), slowest.unwrap_or_default())
        });
        tally.check();
        let rounds = u64::try_from(rounds).expect("a few");
        assert_eq!(self.updates(), (accepted + rounds, rejected + rounds), "updates accepted and rejected");
        assert_eq!(wasm_log::trap(&self.envoy.log()), None);
        println!(
            "{rounds} policies and {rounds} bad ones, a policy in force after {slowest:?} at most; {tally}"
        );
        tally
    }

    /// A bad policy changes nothing; the good one after it is in force in the time returned.
    fn round(&self, traffic: &Traffic, number: usize) -> Duration {
        let (_, rejected) = self.updates();
        let (bad, reasons) = bad_policy(number);
        self.replace(&bad);
        wait_until("a bad policy is rejected", || self.updates().1 > rejected);
        let log = self.envoy.log();
        for reason in reasons {
            assert!(log.contains(&format!(": config: {reason}")), "no {reason} in the log:\n{log}");
        }
        self.wait_for(number - 1);
        traffic.go_on();
        let begin = Instant::now();
        traffic.newest.store(number, SeqCst);
        self.replace(&policy(number));
        self.wait_for(number);
        let taken = begin.elapsed();
        wait_until("old connections are closed", || self.draining() == 0);
        traffic.oldest.store(number, SeqCst);
        traffic.go_on();
        taken
    }

    /// Waits until a policy answers, whichever worker is asked.
    #[track_caller]
    fn wait_for(&self, number: usize) {
        let case = Case::probe();
        let is_in_force = || {
            self.probes.fetch_add(1, SeqCst);
            case.expectation(number).differences(&send(self.port(), &case.request)).is_empty()
        };
        wait_until("a policy is in force", || (0..PROBES).all(|_| is_in_force()));
    }

    /// Replaces policy 0 a few times, each time right after requests.
    pub(crate) fn run_in_a_hurry(&self) {
        for number in 1..=5 {
            self.wait_for(number - 1);
            self.replace(&policy(number));
        }
        self.wait_for(5);
    }

    /// No change of the policy loses what was counted before it.
    #[track_caller]
    pub(crate) fn check_counters(&self, tally: &Tally) {
        let verdicts = ["preflight_allowed", "preflight_denied", "request_allowed", "request_denied"];
        let count = |verdict: &str| self.envoy.stat(&Filter::under_test().stat("default", verdict));
        let counted = || usize::try_from(verdicts.map(count).iter().sum::<u64>()).expect("some thousands");
        let judged = tally.judged + self.probes.load(SeqCst);
        if Filter::under_test() == Filter::Module && release::is_one_of(&["1.38"]) {
            // There the counters of a configuration are gone with it, unless the next has had a request.
            assert!(counted() <= judged, "{} of {judged} requests are counted", counted());
            return;
        }
        wait_until("all requests are counted", || counted() >= judged);
        assert_eq!(counted(), judged, "requests counted");
    }
}

/// The example's file, but for its policy.
fn resource(policy: &Value) -> String {
    let text = example::under_test(&example::read(example::ECDS_RESOURCE));
    let (filter, _) = text.split_once("        value:\n").expect("the example has a policy");
    // JSON is YAML too.
    format!("{filter}        value: {policy}\n")
}

fn bootstrap(upstream_port: u16, policy: &Value) -> Bootstrap {
    let filters = vec![cors_filter(&Configuration::Struct(policy))];
    Bootstrap::new(upstream_port).dynamic().listener(&Listener::new(example::LISTENER, filters))
}
