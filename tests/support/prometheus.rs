//! What Prometheus would get of the filter's counters.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use prometheus_parse::{Scrape, Value};

use super::envoy::Envoy;

/// The longest that a scrape may lag behind the traffic.
const LAG: Duration = Duration::from_secs(5);

/// The counters of the contract, as they are named behind `proxy_wasm_cors.<policy>.`.
const COUNTERS: [&str; 13] = [
    "preflight_allowed",
    "preflight_denied",
    "request_allowed",
    "request_denied",
    "denied.config-invalid",
    "denied.path-not-normalized",
    "denied.origin-malformed",
    "denied.origin-null",
    "denied.origin-not-allowed",
    "denied.method-not-allowed",
    "denied.header-not-allowed",
    "denied.private-network-not-allowed",
    "denied.route-changed",
];

/// A name and its labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
}

impl Series {
    /// The series of a counter.
    fn new(counter: &str, policy: &str) -> Self {
        let (name, reason) =
            counter.split_once('.').map_or((counter, None), |(name, reason)| (name, Some(reason)));
        let labels = [("cors_policy", Some(policy)), ("cors_reason", reason)];
        let labels =
            labels.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?.to_owned())));
        Self { name: format!("proxy_wasm_cors_{name}"), labels: labels.collect() }
    }
}

/// The filter's counters: all that come from it. The module tells denials of preflights from those of requests, which add
/// up to the plugin's number.
pub(crate) fn scrape(envoy: &Envoy) -> BTreeMap<Series, f64> {
    let found = series(envoy, |value| if let Value::Counter(count) = value { Some(*count) } else { None });
    found.into_iter().fold(BTreeMap::new(), |mut scraped, (mut series, count)| {
        series.labels.remove("cors_kind");
        *scraped.entry(series).or_default() += count;
        scraped
    })
}

/// The filter's gauges.
pub(crate) fn gauges(envoy: &Envoy) -> BTreeMap<Series, f64> {
    series(envoy, |value| if let Value::Gauge(value) = value { Some(*value) } else { None })
}

fn series(envoy: &Envoy, number: fn(&Value) -> Option<f64>) -> BTreeMap<Series, f64> {
    let page = envoy.admin("/stats/prometheus");
    let scrape = Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).expect("Prometheus can read it");
    let own = scrape.samples.into_iter().filter(|sample| sample.metric.contains("proxy_wasm_cors"));
    let series = own.filter_map(|sample| {
        let labels = sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let name = sample.metric.trim_start_matches("envoy_dynamicmodulescustom_").to_owned();
        number(&sample.value).map(|value| (Series { name, labels }, value))
    });
    series.collect()
}

/// All series of a policy: the numbers of the counters that are not zero, and the others.
#[track_caller]
pub(crate) fn counters(policy: &str, counted: &[(&str, f64)]) -> BTreeMap<Series, f64> {
    let zeros = COUNTERS.map(|counter| (Series::new(counter, policy), 0.0));
    let mut counters = BTreeMap::from(zeros);
    for (counter, count) in counted {
        let known = counters.insert(Series::new(counter, policy), *count);
        assert!(known.is_some(), "there is no counter {counter}");
    }
    counters
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
