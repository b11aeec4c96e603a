//! A probe, read as a machine reads it.

use serde_json::Value;

use crate::binary::{repository, run};

/// The page that calls.
pub(crate) const PAGE: &str = "https://app.example.com";

/// What a probe said.
pub(crate) struct Probed {
    pub(crate) code: i32,
    pub(crate) told: Value,
}

impl Probed {
    /// Probes a loopback port as [`PAGE`].
    pub(crate) fn at(port: u16, args: &[&str]) -> Self {
        Self::of(&format!("http://127.0.0.1:{port}/jobs"), args)
    }

    /// Probes a URL as [`PAGE`].
    #[track_caller]
    pub(crate) fn of(url: &str, args: &[&str]) -> Self {
        let args = [&["probe", url, "--origin", PAGE, "--format", "json"], args].concat();
        let ended = run(repository(), &args);
        let told = serde_json::from_str(&ended.stdout);
        let told = told.unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr));
        Self { code: ended.code, told }
    }

    /// What was found: `severity id`, sorted, each once.
    pub(crate) fn findings(&self) -> Vec<String> {
        let findings = self.told["findings"].as_array().expect("a list").iter();
        let mut all: Vec<String> =
            findings.map(|it| format!("{} {}", text(&it["severity"]), text(&it["id"]))).collect();
        all.sort();
        all.dedup();
        all
    }

    /// `reads` or `blocked`, and the step that fails.
    pub(crate) fn page(&self) -> String {
        let step = self.told["refusal"]["step"].as_str().map(|step| format!(": {step}"));
        format!("{}{}", text(&self.told["page"]), step.unwrap_or_default())
    }

    /// What was sent: `purpose method version`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.told["requests"].as_array().expect("a list").iter();
        requests
            .map(|it| format!("{} {} {}", text(&it["purpose"]), text(&it["method"]), text(&it["version"])))
            .collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
