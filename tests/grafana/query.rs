//! A PromQL query, held against the series that it is asked of.

use std::collections::BTreeSet;

use promql_parser::label::Matcher;
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

use crate::support::prometheus::Series;

/// Grafana's own variables for spans of time, which a query may use as well as the dashboard's.
const SPANS: [&str; 2] = ["$__rate_interval", "$__range"];

/// What Prometheus itself adds to each series, by where it scrapes.
pub(crate) const OF_TARGETS: [&str; 3] = ["instance", "job", "namespace"];

/// Gauges: they are as they are, and have no rate.
const GAUGES: [&str; 2] = ["proxy_wasm_cors_config", "proxy_wasm_cors_config_invalid"];

/// What queries may use.
pub(crate) struct Known<'a> {
    /// All series of a scrape.
    pub(crate) series: Vec<&'a Series>,
    /// The names of the dashboard's variables.
    pub(crate) variables: Vec<String>,
}

/// What is wrong with a query, and the metrics that it uses.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) wrong: Vec<String>,
    pub(crate) metrics: BTreeSet<String>,
    /// How many metrics of Envoy itself it uses.
    others: usize,
}

impl Known<'_> {
    /// Reads a query, in whose places for a span of time stands one.
    pub(crate) fn check(&self, query: &str) -> Findings {
        let text = SPANS.iter().fold(query.to_owned(), |text, span| text.replace(span, "5m"));
        let mut walk = Walk { known: self, findings: Findings::default() };
        match parser::parse(&text) {
            Ok(expr) => walk.all(&expr),
            Err(error) => walk.findings.wrong.push(error),
        }
        walk.findings
    }

    /// Reads a selector on its own, such as Grafana's `label_values` takes.
    pub(crate) fn check_selector(&self, text: &str) -> Findings {
        let mut walk = Walk { known: self, findings: Findings::default() };
        match parser::parse(text) {
            Ok(Expr::VectorSelector(selector)) => walk.look_at(&selector),
            Ok(_) => walk.wrong(format!("{text} is no selector")),
            Err(error) => walk.wrong(error),
        }
        walk.findings
    }

    /// The values of a label in the series that a selector finds, as Grafana would offer them.
    pub(crate) fn label_values(&self, selector: &str, label: &str) -> BTreeSet<&str> {
        let Ok(Expr::VectorSelector(selector)) = parser::parse(selector) else { return BTreeSet::new() };
        let is_found = |series: &&&Series| {
            let value = |label: &str| series.labels.get(label).map_or("", String::as_str);
            let matchers = &selector.matchers.matchers;
            selector.name.as_ref() == Some(&series.name)
                && matchers.iter().all(|it| it.is_match(value(&it.name)))
        };
        let found = self.series.iter().filter(is_found);
        found.filter_map(|series| series.labels.get(label)).map(String::as_str).collect()
    }

    /// The labels of the series with that name.
    pub(crate) fn labels(&self, metric: &str) -> BTreeSet<&str> {
        let series = self.series.iter().filter(|series| series.name == metric);
        series.flat_map(|series| series.labels.keys().map(String::as_str)).collect()
    }

    fn has_value(&self, label: &str, value: &str) -> bool {
        self.series.iter().any(|series| series.labels.get(label).is_some_and(|it| it == value))
    }

    fn is_meant(&self, matcher: &Matcher) -> bool {
        match matcher.value.strip_prefix('$') {
            Some(variable) => self.variables.iter().any(|known| known == variable),
            // A dot stands for the hyphen of a reason, which is an underscore where Prometheus makes the labels.
            None => {
                matcher.value.split('|').all(|value| self.has_value(&matcher.name, &value.replace('.', "-")))
            }
        }
    }
}

struct Walk<'a> {
    known: &'a Known<'a>,
    findings: Findings,
}

impl ExprVisitor for Walk<'_> {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        match expr {
            Expr::MatrixSelector(counter) => self.look_at(&counter.vs),
            Expr::VectorSelector(gauge) if is_gauge(gauge) => self.look_at(gauge),
            // What a counter has counted since Envoy's start says nothing.
            Expr::VectorSelector(counter) => self.wrong(format!("{counter} without `rate` or `increase`")),
            Expr::Aggregate(aggregate) => {
                let labels = aggregate.modifier.iter().flat_map(|modifier| &modifier.labels().labels);
                self.look_at_grouping(&aggregate.expr, labels);
            }
            _ => {}
        }
        Ok(true)
    }
}

fn is_gauge(selector: &VectorSelector) -> bool {
    selector.name.as_ref().is_some_and(|name| GAUGES.contains(&name.as_str()))
}

impl Walk<'_> {
    fn all(&mut self, expr: &Expr) {
        let Ok(_) = walk_expr(self, expr);
        if self.findings.metrics.is_empty() && self.findings.others == 0 {
            self.wrong("no metric".to_owned());
        }
    }

    fn wrong(&mut self, what: String) {
        self.findings.wrong.push(what);
    }

    fn look_at(&mut self, selector: &VectorSelector) {
        let Some(metric) = &selector.name else { return self.wrong(format!("{selector} names no metric")) };
        // Envoy's own, which it has by what is configured; and a gauge that is there only once it has something to say.
        if metric.starts_with("envoy_") || metric == "proxy_wasm_cors_config_invalid" {
            self.findings.others += 1;
            return;
        }
        if self.known.series.iter().all(|series| series.name != *metric) {
            self.wrong(format!("no metric {metric}"));
        }
        for matcher in &selector.matchers.matchers {
            if OF_TARGETS.contains(&matcher.name.as_str()) {
                let is_variable = self.known.variables.contains(&matcher.value.replace('$', ""));
                if !is_variable {
                    self.wrong(format!("{} is never {}", matcher.name, matcher.value));
                }
                continue;
            }
            if !self.known.labels(metric).contains(matcher.name.as_str()) {
                self.wrong(format!("{metric} has no label {}", matcher.name));
            }
            if !self.known.is_meant(matcher) {
                self.wrong(format!("{} is never {}", matcher.name, matcher.value));
            }
        }
        self.findings.metrics.insert(metric.clone());
    }

    fn look_at_grouping<'l>(&mut self, grouped: &Expr, labels: impl Iterator<Item = &'l String>) {
        let mut inner = Walk { known: self.known, findings: Findings::default() };
        inner.all(grouped);
        for label in labels {
            for metric in &inner.findings.metrics {
                if !OF_TARGETS.contains(&label.as_str())
                    && !self.known.labels(metric).contains(label.as_str())
                {
                    self.wrong(format!("{metric} has no label {label}"));
                }
            }
        }
    }
}
