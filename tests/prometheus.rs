//! A real Prometheus scrapes real Envoys: with the `stats_tags` of the examples, and without them by the rules of
//! `envoy/prometheus-relabel.yaml`, it has the same series, and the alerts are about what happened.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "prometheus/server.rs"]
mod server;
mod support;

use std::collections::BTreeMap;

use server::Prometheus;
use support::envoy::Envoy;
use support::example;
use support::http::{Request, send};
use support::upstream::{Answer, Upstream};
use support::wait::wait_until;

const PAGE: &str = "http://localhost:8080";
const STRANGER: &str = "https://new.example.com";

/// What is denied and allowed below, by name, policy and reason. Where a name is, hyphens have become underscores.
const EXPECTED: [(&str, &str, &str, f64); 6] = [
    ("proxy_wasm_cors_denied", "default", "header_not_allowed", 1.0),
    ("proxy_wasm_cors_denied", "default", "origin_not_allowed", 3.0),
    ("proxy_wasm_cors_preflight_allowed", "default", "", 2.0),
    ("proxy_wasm_cors_preflight_denied", "default", "", 3.0),
    ("proxy_wasm_cors_request_allowed", "default", "", 1.0),
    ("proxy_wasm_cors_request_denied", "default", "", 1.0),
];

const ONLY_COUNTED: &str =
    "{__name__=~\"proxy_wasm_cors_(denied|(preflight|request)_(allowed|denied))\"} > 0";
const IN_FORCE: &str = "proxy_wasm_cors_config == 1";

type Counted = BTreeMap<(String, String, String), f64>;

/// The example with the policy in a separate file, with its `stats_tags` or without.
fn start(upstream: &Upstream, has_labels: bool) -> Envoy {
    let directory = if has_labels {
        example::checkout(upstream.port())
    } else {
        example::checkout_with(upstream.port(), example::ECDS, |text| {
            text.split_once("stats_config:").expect("the example has labels").0.to_owned()
        })
    };
    Envoy::start_from(directory, example::ECDS, &[])
}

fn call(envoy: &Envoy) {
    let port = envoy.port(example::LISTENER);
    let ask = |origin: &str| Request::preflight("/jobs", origin, "DELETE");
    let get = |origin: &str| Request::new("GET", "/jobs").header("Origin", origin);
    let unlisted = ask(PAGE).header("Access-Control-Request-Headers", "x-debug");
    for request in [ask(PAGE), ask(PAGE), unlisted, ask(STRANGER), ask(STRANGER), get(PAGE), get(STRANGER)] {
        send(port, &request.case(0));
    }
}

fn expected() -> Counted {
    let row = |(name, policy, reason, count): (&str, &str, &str, f64)| {
        ((name.to_owned(), policy.to_owned(), reason.to_owned()), count)
    };
    EXPECTED.map(row).into_iter().collect()
}

fn counted(prometheus: &Prometheus, job: &str) -> Counted {
    let found = prometheus.query(ONLY_COUNTED).into_iter().filter(|(labels, _)| labels["job"] == job);
    let label = |labels: &BTreeMap<String, String>, name: &str| labels.get(name).cloned().unwrap_or_default();
    let row = |(labels, count): (BTreeMap<String, String>, f64)| {
        let reason = label(&labels, "cors_reason").replace('-', "_");
        ((label(&labels, "__name__"), label(&labels, "cors_policy"), reason), count)
    };
    found.map(row).collect()
}

/// The fingerprint that each job has in force.
fn fingerprints(prometheus: &Prometheus) -> Vec<(String, String)> {
    let found = prometheus.query(IN_FORCE).into_iter();
    let mut found: Vec<_> =
        found.map(|(labels, _)| (labels["job"].clone(), labels["cors_fingerprint"].clone())).collect();
    found.sort();
    found
}

#[test]
fn labels_by_either_way_and_alerts() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let envoys = [("labels", start(&upstream, true)), ("names", start(&upstream, false))];
    envoys.iter().for_each(|(_, envoy)| call(envoy));
    let prometheus = Prometheus::start(&envoys);
    for (job, _) in &envoys {
        wait_until("the counters are scraped", || counted(&prometheus, job) == expected());
    }
    let [labels, names] = <[_; 2]>::try_from(fingerprints(&prometheus)).expect("one for each job");
    assert_eq!((labels.0.as_str(), names.0.as_str(), &labels.1), ("labels", "names", &names.1));
    assert_eq!(prometheus.alerts(), Vec::<String>::new());

    let [(_, envoy), _] = &envoys;
    let good = example::read(example::ECDS_RESOURCE);
    envoy.replace(example::ECDS_RESOURCE, &good.replace("http://localhost:8080", "http://localhost:8080/"));
    wait_until("the alert fires", || prometheus.alerts() == ["CorsReloadRefused labels eu firing"]);
    assert_eq!(fingerprints(&prometheus), [labels, names], "the configuration before is in force");
}

/// The alert waits for a minute; here it is shown to be about to fire.
#[test]
fn a_refused_policy_at_the_start() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let directory = example::checkout(upstream.port());
    let good = example::read(example::ECDS_RESOURCE);
    directory
        .replace(example::ECDS_RESOURCE, &good.replace("http://localhost:8080", "http://localhost:8080/"));
    let envoys = [("new", Envoy::start_from(directory, example::ECDS, &[]))];
    let prometheus = Prometheus::start(&envoys);
    wait_until("the alert is pending", || prometheus.alerts() == ["CorsConfigNeverAccepted new eu pending"]);
}
