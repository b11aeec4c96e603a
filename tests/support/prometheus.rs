//! What Prometheus would get of the filter's counters.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use prometheus_parse::{Scrape, Value};

use super::envoy::Envoy;

/// The longest that a scrape may lag behind the traffic.
const LAG: Duration = Duration::from_secs(5);

/// The names behind `proxy_wasm_cors_` of the counters that have a policy for a label, and those that have a reason too.
pub(crate) const BY_POLICY: [&str; 4] =
    ["preflight_allowed", "preflight_denied", "request_allowed", "request_denied"];
pub(crate) const BY_REASON: &str = "denied";

/// The reasons of the contract.
pub(crate) const REASONS: [&str; 7] = [
    "path-not-normalized",
    "origin-malformed",
    "origin-null",
    "origin-not-allowed",
    "method-not-allowed",
    "header-not-allowed",
    "private-network-not-allowed",
];

/// A name and its labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
}

impl Series {
    /// `preflight_allowed` and its like of a policy.
    pub(crate) fn of_policy(name: &str, policy: &str) -> Self {
        let labels = BTreeMap::from([("cors_policy".to_owned(), policy.to_owned())]);
        Self { name: format!("proxy_wasm_cors_{name}"), labels }
    }

    /// The denials of a policy for a reason.
    pub(crate) fn of_reason(reason: &str, policy: &str) -> Self {
        let mut series = Self::of_policy(BY_REASON, policy);
        series.labels.insert("cors_reason".to_owned(), reason.to_owned());
        series
    }
}

/// The filter's series: all that come from a module.
pub(crate) fn scrape(envoy: &Envoy) -> BTreeMap<Series, f64> {
    let page = envoy.admin("/stats/prometheus");
    let scrape = Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).expect("Prometheus can read it");
    let own = scrape.samples.into_iter().filter(|sample| sample.metric.contains("proxy_wasm_cors"));
    let series = own.map(|sample| {
        let labels = sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let Value::Counter(count) = sample.value else { panic!("{} is no counter", sample.metric) };
        (Series { name: sample.metric, labels }, count)
    });
    series.collect()
}

/// Each counter that a policy has, at zero.
pub(crate) fn zeros(policy: &str) -> impl Iterator<Item = (Series, f64)> {
    let by_policy = BY_POLICY.map(|name| Series::of_policy(name, policy));
    let by_reason = REASONS.map(|reason| Series::of_reason(reason, policy));
    by_policy.into_iter().chain(by_reason).map(|series| (series, 0.0))
}

/// The scrape is exactly that, at the latest after [`LAG`].
#[track_caller]
pub(crate) fn check_scrape(envoy: &Envoy, expected: &BTreeMap<Series, f64>) {
    let end = Instant::now() + LAG;
    while scrape(envoy) != *expected && Instant::now() < end {
        thread::sleep(Duration::from_millis(100));
    }
    let scraped = scrape(envoy);
    let surplus: Vec<_> = scraped.iter().filter(|(series, _)| !expected.contains_key(series)).collect();
    assert!(surplus.is_empty(), "nobody expects {surplus:#?}");
    for (series, count) in expected {
        assert_eq!(scraped.get(series), Some(count), "{series:?}");
    }
}
