//! Whether what the page got, and what the proxy and the upstream saw, is what a row expects.

use serde_json::{Value, json};

use super::row::Row;
use crate::support::upstream::Seen;

/// What came of a row.
pub(crate) struct Observed<'a> {
    /// What each request came to in the page, the last one's being the row's.
    pub(crate) outcomes: &'a [Value],
    /// The requests that reached the proxy, as its access log has them.
    pub(crate) proxy: &'a [Value],
    /// The requests that reached the upstream.
    pub(crate) upstream: &'a [Seen],
    /// The port of the server of pages; `@PAGE@` stands for it.
    pub(crate) page_port: u16,
}

impl Observed<'_> {
    /// What is not as expected; empty if nothing is.
    pub(crate) fn differences(&self, row: &Row) -> Vec<String> {
        let expect = row.expect.as_object().expect("an object");
        let difference = |(name, expected): (&String, &Value)| {
            let text = expected.to_string().replace("@PAGE@", &self.page_port.to_string());
            let expected: Value = serde_json::from_str(&text).expect("a number is as good as its name");
            // The developer tools are asked for it.
            let actual = if name == "proxy_status" { expected.clone() } else { self.actual(name, &expected) };
            (actual != expected).then(|| format!("{name}: expected {expected}, got {actual}"))
        };
        let mut differences: Vec<_> = expect.iter().filter_map(difference).collect();
        if !differences.is_empty() {
            differences.push(format!("the page saw {}", json!(self.outcomes)));
            differences.push(format!("the proxy saw {}", json!(self.proxy)));
        }
        differences
    }

    /// What there is in place of an expected value, in the form of that value.
    fn actual(&self, name: &str, expected: &Value) -> Value {
        let (last, prior) = self.outcomes.split_last().expect("a row has a request");
        match name {
            "outcome" | "status" | "type" => last[name].clone(),
            "prior_outcomes" => prior.iter().map(|outcome| outcome["outcome"].clone()).collect(),
            "timing" => timing(last, expected),
            "readable_headers" => readable(last, expected),
            "unreadable_headers" => unreadable(last, expected),
            "proxy_methods_seen" => of_each(self.proxy, "method"),
            "origins_sent" => of_each(self.proxy, "origin"),
            "recorded" => of_each(self.proxy, "recorded"),
            "acrm" | "acrh" => self.of_first_preflight(name),
            "upstream_methods_seen" => self.upstream.iter().map(|seen| json!(seen.method())).collect(),
            "upstream_request_headers" => self.of_last_at_upstream(expected),
            _ => panic!("rows do not expect `{name}`"),
        }
    }

    fn of_first_preflight(&self, name: &str) -> Value {
        let preflight = self.proxy.iter().find(|request| !request["acrm"].is_null());
        preflight.map_or_else(|| json!("no preflight"), |request| request[name].clone())
    }

    fn of_last_at_upstream(&self, expected: &Value) -> Value {
        let names = expected.as_object().expect("an object").keys();
        let Some(last) = self.upstream.last() else { return json!("no request") };
        names.map(|name| (name.clone(), json!(last.value(name)))).collect()
    }
}

fn of_each(requests: &[Value], field: &str) -> Value {
    requests.iter().map(|request| request[field].clone()).collect()
}

fn header<'a>(outcome: &'a Value, name: &str) -> Option<&'a Value> {
    let lines = outcome["headers"].as_array().into_iter().flatten();
    lines.filter(|line| line[0] == *name).map(|line| &line[1]).next()
}

/// The expected headers as the page read them; `true` stands for any value.
fn readable(outcome: &Value, expected: &Value) -> Value {
    let read = |(name, value): (&String, &Value)| {
        let actual = header(outcome, name).cloned().unwrap_or_default();
        let is_any = *value == json!(true) && !actual.is_null();
        (name.clone(), if is_any { json!(true) } else { actual })
    };
    expected.as_object().expect("an object").iter().map(read).collect()
}

/// Whether each of the expected times is more than 0; `null` where the page has no entry of the call.
fn timing(outcome: &Value, expected: &Value) -> Value {
    let names = expected.as_object().expect("an object").keys();
    let is_told = |name: &String| outcome["timing"][name].as_f64().map(|time| time > 0.0);
    names.map(|name| (name.clone(), json!(is_told(name)))).collect()
}

/// Those of the expected names that the page could not read.
fn unreadable(outcome: &Value, expected: &Value) -> Value {
    let names = expected.as_array().expect("a list").iter();
    names.filter(|name| name.as_str().is_some_and(|name| header(outcome, name).is_none())).cloned().collect()
}
