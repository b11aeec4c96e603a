//! `envoy/grafana-dashboard.json` and `envoy/prometheus-alerts.yaml` ask for what Envoy really has: each metric, label
//! and reason in a query is in a scrape of `envoy/policies.yaml`, and each of the filter's metrics is on the dashboard.
//! No Grafana can be fetched here, so the dashboard is checked against the schema that Grafana publishes instead.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "grafana/query.rs"]
mod query;
#[path = "grafana/schema.rs"]
mod schema;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use query::{Known, OF_TARGETS};
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;
use support::envoy::Envoy;
use support::example;
use support::failures::Failures;
use support::prometheus::{Series, counters, gauges, scrape};

/// Grafana's grid.
const COLUMNS: u64 = 24;

fn dashboard() -> Value {
    serde_json::from_str(&example::read("envoy/grafana-dashboard.json")).expect("the dashboard is JSON")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The panels that show something; a row is a heading.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(&dashboard["panels"]).filter(|panel| panel["type"] != "row")
}

fn targets(dashboard: &Value) -> impl Iterator<Item = &Value> {
    panels(dashboard).flat_map(|panel| list(&panel["targets"]))
}

fn variables(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(&dashboard["templating"]["list"])
}

fn known<'a>(series: impl Iterator<Item = &'a Series>) -> Known<'a> {
    let variables = variables(&dashboard()).map(|variable| text(&variable["name"])).collect();
    Known { series: series.collect(), variables }
}

#[test]
fn queries_find_what_envoy_has() {
    let envoy = Envoy::start_from(example::checkout(1), example::POLICIES, &[]);
    let scraped: BTreeMap<_, _> = scrape(&envoy).into_iter().chain(gauges(&envoy)).collect();
    let known = known(scraped.keys());
    let (dashboard, mut shown) = (dashboard(), BTreeSet::new());
    let mut failures = Failures::new("queries");
    for target in targets(&dashboard) {
        let mut findings = known.check(&text(&target["expr"]));
        findings.wrong.extend(unknown_labels(&text(&target["legendFormat"]), &known));
        failures.row(text(&target["expr"]), findings.wrong);
        shown.extend(findings.metrics);
    }
    for alert in alerts() {
        failures.row(alert.clone(), known.check(&alert).wrong);
    }
    for variable in variables(&dashboard).filter(|variable| variable["type"] == "query") {
        let query = text(&variable["query"]["query"]);
        failures.row(query.clone(), unknown_values(&query, &known));
    }
    failures.finish();
    let all = scraped.into_keys().map(|series| series.name).collect();
    assert_eq!(shown, all, "what the dashboard shows, and what there is");
}

/// The labels in a legend such as `{{cors_policy}} denied` that no series has.
fn unknown_labels(legend: &str, known: &Known) -> Vec<String> {
    let labels = legend.split("{{").skip(1).map(|rest| rest.split_once("}}").expect("braces close").0);
    let has = |label: &str| {
        OF_TARGETS.contains(&label) || known.series.iter().any(|series| series.labels.contains_key(label))
    };
    labels.filter(|label| !has(label)).map(|label| format!("no label {label}")).collect()
}

/// The selector and the label in Grafana's own `label_values(selector, label)`, which is not PromQL.
fn selector_and_label(query: &str) -> (&str, &str) {
    let arguments = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    arguments.and_then(|it| it.rsplit_once(", ")).expect("label_values(selector, label)")
}

fn unknown_values(query: &str, known: &Known) -> Vec<String> {
    let (selector, label) = selector_and_label(query);
    let mut findings = known.check_selector(selector);
    let is_of_target = OF_TARGETS.contains(&label);
    let lacking =
        findings.metrics.iter().filter(|metric| !is_of_target && !known.labels(metric).contains(label));
    findings.wrong.extend(lacking.map(|metric| format!("{metric} has no label {label}")));
    findings.wrong
}

/// Compared with itself, a policy in shadow mode would seem to change nothing.
#[test]
fn policy_is_not_compared_with_itself() {
    let dashboard = dashboard();
    let query_of = |name: &str| {
        let variable = variables(&dashboard).find(|variable| variable["name"] == name);
        text(&variable.expect("the dashboard has this variable")["query"]["query"])
    };
    let [enforced, shadow] = ["enforced", "shadow"].map(query_of);
    let policies = ["api", "next"];
    let series = policies.map(|policy| counters(policy, &[]));
    let known = known(series.iter().flat_map(|series| series.keys()));
    let offered = |query: &str| -> Vec<String> {
        // What Prometheus adds is not in these series.
        let query = query.replace("job=~\"$job\",namespace=~\"$namespace\"", "").replace("{,", "{");
        let (selector, label) = selector_and_label(&query);
        known.label_values(selector, label).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(offered(&enforced), policies);
    assert_eq!(offered(&shadow.replace("$enforced", "api")), ["next"]);
    assert_eq!(offered(&shadow.replace("$enforced", "next")), ["api"]);
}

fn alerts() -> Vec<String> {
    let rules = example::read("envoy/prometheus-alerts.yaml");
    let rules = Yaml::load_from_str(&rules).expect("the rules are YAML");
    let groups = rules[0]["groups"].as_sequence().expect("a list");
    let rules = groups.iter().flat_map(|group| group["rules"].as_sequence().expect("a list"));
    rules.map(|rule| rule["expr"].as_str().expect("a text").to_owned()).collect()
}

/// A check that finds nothing in these would find nothing in the dashboard either.
#[test]
fn mistakes_are_found() {
    let series = counters("api", &[]);
    let known = known(series.keys());
    for (query, wrong) in [
        ("rate(proxy_wasm_cors_denied[$__rate_interval])", None),
        ("rate(proxy_wasm_cors_denied[$__rate_interval]", Some("unclosed left parenthesis")),
        ("rate(proxy_wasm_cors_refused[5m])", Some("no metric proxy_wasm_cors_refused")),
        ("proxy_wasm_cors_denied > 1", Some("proxy_wasm_cors_denied without `rate` or `increase`")),
        ("rate({cors_policy=\"api\"}[5m])", Some("{cors_policy=\"api\"} names no metric")),
        (
            "rate(proxy_wasm_cors_denied{policy=\"api\"}[5m])",
            Some("proxy_wasm_cors_denied has no label policy"),
        ),
        ("rate(proxy_wasm_cors_denied{cors_policy=~\"$other\"}[5m])", Some("cors_policy is never $other")),
        (
            "rate(proxy_wasm_cors_denied{cors_reason=~\"origin-null|no\"}[5m])",
            Some("cors_reason is never origin-null|no"),
        ),
        (
            "sum by (cors_reason) (rate(proxy_wasm_cors_request_denied[5m]))",
            Some("proxy_wasm_cors_request_denied has no label cors_reason"),
        ),
        ("vector(1)", Some("no metric")),
    ] {
        let found = known.check(query).wrong;
        match wrong {
            None => assert_eq!(found, Vec::<String>::new(), "{query}"),
            Some(wrong) => assert!(found.iter().any(|found| found.starts_with(wrong)), "{query}: {found:?}"),
        }
    }
    assert_eq!(unknown_labels("{{cors_policy}} {{policy}}", &known), ["no label policy"]);
}

#[test]
fn mistakes_in_variables_are_found() {
    let series = counters("api", &[]);
    let known = known(series.keys());
    for (query, wrong) in [
        ("label_values(proxy_wasm_cors_denied, policy)", "proxy_wasm_cors_denied has no label policy"),
        (
            "label_values(proxy_wasm_cors_denied{cors_policy!=\"$other\"}, cors_policy)",
            "cors_policy is never $other",
        ),
        (
            "label_values(rate(proxy_wasm_cors_denied[5m]), cors_policy)",
            "rate(proxy_wasm_cors_denied[5m]) is no selector",
        ),
    ] {
        assert_eq!(unknown_values(query, &known), [wrong], "{query}");
    }
}

#[test]
fn panels_are_complete() {
    let dashboard = dashboard();
    let ids: Vec<_> =
        list(&dashboard["panels"]).map(|panel| panel["id"].as_u64().expect("a number")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for panel in panels(&dashboard) {
        let title = text(&panel["title"]);
        for value in [&panel["description"], &panel["fieldConfig"]["defaults"]["unit"]] {
            assert!(!value.as_str().unwrap_or_default().is_empty(), "{title}");
        }
        let references: Vec<_> = list(&panel["targets"]).map(|target| text(&target["refId"])).collect();
        assert_eq!(references.iter().collect::<BTreeSet<_>>().len(), references.len(), "{title}");
        for source in list(&panel["targets"]).chain([panel]).map(|it| &it["datasource"]) {
            assert_eq!(
                (text(&source["type"]), text(&source["uid"])),
                ("prometheus".into(), "${datasource}".into())
            );
        }
    }
}

/// Each cell of the grid belongs to one panel.
#[test]
fn panels_do_not_overlap() {
    let mut taken = BTreeSet::new();
    for panel in list(&dashboard()["panels"]) {
        let [x, y, width, height] =
            ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().expect("a number"));
        assert!(width > 0 && height > 0 && x + width <= COLUMNS, "{}", panel["title"]);
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{} covers another panel at {cell:?}", panel["title"]);
        }
    }
}
