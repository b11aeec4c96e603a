//! The rows of `tests/cases/browser.jsonl`: what a page does, and what must come of it.

use serde_json::Value;

use crate::support::cases;

/// Where pages find the API, unless a row says otherwise.
const API: &str = "http://api.example.com";

/// A row, with the port of its own listener.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) upstream: Value,
    pub(crate) expect: Value,
    page_origin: String,
    requests: Vec<Value>,
}

/// One request of a page.
pub(crate) struct Step<'a> {
    pub(crate) page_origin: &'a str,
    pub(crate) request: &'a Value,
}

impl Row {
    /// All rows.
    pub(crate) fn all() -> Vec<Self> {
        ["browser.jsonl", "browser-more.jsonl"].into_iter().flat_map(cases::rows).map(Self::of).collect()
    }

    fn of(row: Value) -> Self {
        let text = |name: &str| row[name].as_str().expect("a text").to_owned();
        let prior = row["prior"].as_array().cloned().unwrap_or_default();
        Self {
            name: text("name"),
            page_origin: text("page_origin"),
            config: row["config"].clone(),
            upstream: row["upstream"].clone(),
            expect: row["expect"].clone(),
            requests: prior.into_iter().chain([row["request"].clone()]).collect(),
        }
    }

    /// The requests in order, each with the origin of the page that makes it.
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.requests.iter().map(|request| Step {
            page_origin: request["page_origin"].as_str().unwrap_or(&self.page_origin),
            request,
        })
    }

    /// The API's origin, as the pages of this row call it.
    pub(crate) fn base(&self, port: u16) -> String {
        let base = self.requests.iter().find_map(|request| request["api_base"].as_str());
        format!("{}:{port}", base.unwrap_or(API))
    }

    /// What the upstream answers on that path, with the headers that every API would send.
    pub(crate) fn answer_at(&self, path: &str) -> &Value {
        match &self.upstream["by_path"][path] {
            Value::Null => &self.upstream,
            answer => answer,
        }
    }
}
