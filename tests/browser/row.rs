//! The rows of `tests/cases/browser.jsonl`, `browser-more.jsonl`, `browser-2.jsonl` and `messages.jsonl`: what a page
//! does, and what the result has to be.

use serde_json::Value;

use crate::engines::Engine;
use crate::support::cases;

/// Where pages find the API, unless a row says otherwise.
const API: &str = "http://api.example.com";

/// A row, with the port of its own listener.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) upstream: Value,
    pub(crate) expect: Value,
    /// Whether a cache is between the pages and the proxy.
    pub(crate) has_shared_cache: bool,
    page_origin: String,
    requests: Vec<Value>,
}

/// One request of a page.
pub(crate) struct Step<'a> {
    pub(crate) page_origin: &'a str,
    pub(crate) request: &'a Value,
}

impl Row {
    /// All rows of these files, as they are in that engine.
    pub(crate) fn all(files: &[&str], engine: Engine) -> Vec<Self> {
        let rows = files.iter().flat_map(|file| cases::rows(file));
        rows.map(|row| Self::of(row, engine)).collect()
    }

    fn of(row: Value, engine: Engine) -> Self {
        let text = |name: &str| row[name].as_str().expect("a text").to_owned();
        let prior = row["prior"].as_array().cloned().unwrap_or_default();
        let mut expect = row["expect"].clone();
        if let Some(difference) = row["in"].get(engine.name()) {
            assert!(difference["why"].is_string(), "{}: why is it otherwise in {engine:?}?", row["name"]);
            for (name, expected) in difference["expect"].as_object().expect("an object") {
                expect[name] = expected.clone();
            }
        }
        Self {
            name: text("name"),
            page_origin: text("page_origin"),
            config: row["config"].clone(),
            upstream: row["upstream"].clone(),
            expect,
            has_shared_cache: row["shared_cache"] == true,
            requests: prior.into_iter().chain([row["request"].clone()]).collect(),
        }
    }

    /// Whether its pages never come to call.
    pub(crate) fn opens_no_page(&self) -> bool {
        self.expect["outcome"] == "nothing"
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
        format!("{}:{port}", self.api())
    }

    /// Whether its pages call the API over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.api().starts_with("https:")
    }

    fn api(&self) -> &str {
        self.requests.iter().find_map(|request| request["api_base"].as_str()).unwrap_or(API)
    }

    /// What the upstream answers on that path, with the headers that every API would send.
    pub(crate) fn answer_at(&self, path: &str) -> &Value {
        match &self.upstream["by_path"][path] {
            Value::Null => &self.upstream,
            answer => answer,
        }
    }
}
