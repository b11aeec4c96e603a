//! Every row of `cases/requests.jsonl` holds in a real Envoy with the built plugin, its configuration given as text
//! and as a `Struct`: whether the upstream sees the request, and sees it unchanged; the status, the exact
//! `Access-Control-*` headers and `Vary` that the client sees; and the verdict in the access log.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;
use support::access_log::AccessLog;
use support::cases::{RequestRow, requests};
use support::config::{Bootstrap, Configuration, Listener, cors_filter};
use support::envoy::{Directory, Envoy};
use support::failures::Failures;
use support::http::{Client, Request, Response};
use support::upstream::{Seen, Upstream};

/// How a configuration is given. The control is a listener without the filter.
const FORMS: [&str; 2] = ["text", "struct"];
const CONTROL: &str = "control";

#[test]
fn one_policy() {
    judge_all("requests", requests().into_iter().filter(|row| !row.has_policies()).collect());
}

#[test]
fn several_policies() {
    judge_all("requests under `policies`", requests().into_iter().filter(RequestRow::has_policies).collect());
}

fn judge_all(suite: &'static str, rows: Vec<RequestRow>) {
    let run = Run::new(rows);
    let mut failures = Failures::new(suite);
    for (index, row) in run.rows.iter().enumerate() {
        let differences: Vec<String> = (0..FORMS.len())
            .flat_map(|form| {
                run.differences(index, form).into_iter().map(move |it| format!("{}: {it}", FORMS[form]))
            })
            .collect();
        failures.row(format!("{} under {}", row.name, row.config), differences);
    }
    failures.finish();
}

/// All rows, sent in each form and to the control, and what came of it.
struct Run {
    rows: Arc<Vec<RequestRow>>,
    upstream: Upstream,
    /// Kept so that its log can be read if the test fails.
    _envoy: Envoy,
    responses: HashMap<usize, Result<Response, String>>,
    recorded: HashMap<usize, String>,
}

impl Run {
    fn new(rows: Vec<RequestRow>) -> Self {
        let rows = Arc::new(rows);
        let answers = Arc::clone(&rows);
        let upstream = Upstream::start(move |case| answers[case % answers.len()].to_answer());
        let configs = distinct_configs(&rows);
        let directory = Directory::new();
        let access_log = AccessLog::new(directory.path());
        let envoy = Envoy::start(directory, &bootstrap(&configs, &access_log, upstream.port()));
        let responses = send_all(&envoy, jobs(&rows, &configs), &rows);
        let recorded = access_log.wait_for(FORMS.len() * rows.len());
        Self { rows, upstream, _envoy: envoy, responses, recorded }
    }

    fn differences(&self, index: usize, form: usize) -> Vec<String> {
        let row = &self.rows[index];
        let case = form * self.rows.len() + index;
        let response = match &self.responses[&case] {
            Ok(response) => response,
            Err(error) => return vec![format!("no response: {error}")],
        };
        let mut differences = row.expectation().differences(response);
        let recorded = self.recorded.get(&case).map_or("no entry", String::as_str);
        if recorded != row.recorded() {
            differences.push(format!("access log: expected {}, got {recorded}", row.recorded()));
        }
        differences.extend(self.upstream_difference(index, case));
        differences
    }

    fn upstream_difference(&self, index: usize, case: usize) -> Option<String> {
        let seen = self.upstream.seen(case);
        let expected = usize::from(self.rows[index].expect.is_forwarded);
        if seen.len() != expected {
            return Some(format!("upstream: expected {expected} requests, saw {}", seen.len()));
        }
        let control = self.upstream.seen(FORMS.len() * self.rows.len() + index);
        let is_changed = expected == 1 && without_case(&seen[0]) != without_case(&control[0]);
        is_changed.then(|| "upstream: the request is not what came in".to_owned())
    }
}

fn distinct_configs(rows: &[RequestRow]) -> Vec<Value> {
    let mut configs: Vec<Value> = Vec::new();
    for row in rows {
        if !configs.contains(&row.config) {
            configs.push(row.config.clone());
        }
    }
    configs
}

fn bootstrap(configs: &[Value], access_log: &AccessLog, upstream_port: u16) -> Bootstrap {
    let mut bootstrap = Bootstrap::new(upstream_port).listener(&Listener::new(CONTROL, Vec::new()));
    for (index, config) in configs.iter().enumerate() {
        let forms = [Configuration::Text(config.to_string()), Configuration::Struct(config)];
        for (form, configuration) in FORMS.iter().zip(&forms) {
            let filters = vec![cors_filter(configuration)];
            let listener = Listener::new(format!("{form} {index}"), filters).access_log(access_log.path());
            bootstrap = bootstrap.listener(&listener);
        }
    }
    bootstrap
}

/// Which cases go to which listener.
fn jobs(rows: &[RequestRow], configs: &[Value]) -> Vec<(String, Vec<usize>)> {
    let mut jobs =
        vec![(CONTROL.to_owned(), (0..rows.len()).map(|row| FORMS.len() * rows.len() + row).collect())];
    for (index, config) in configs.iter().enumerate() {
        for (number, form) in FORMS.iter().enumerate() {
            let cases = (0..rows.len()).filter(|row| rows[*row].config == *config);
            jobs.push((format!("{form} {index}"), cases.map(|row| number * rows.len() + row).collect()));
        }
    }
    jobs
}

fn send_all(
    envoy: &Envoy,
    jobs: Vec<(String, Vec<usize>)>,
    rows: &[RequestRow],
) -> HashMap<usize, Result<Response, String>> {
    let responses = Mutex::new(HashMap::new());
    let jobs = Mutex::new(jobs.into_iter());
    let work = || {
        while let Some((listener, cases)) = next(&jobs) {
            let mut client = Client::new(envoy.port(&listener));
            for case in cases {
                let result = client.send(&request(&rows[case % rows.len()], case));
                responses
                    .lock()
                    .expect("no sender panics")
                    .insert(case, result.map_err(|error| error.to_string()));
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    responses.into_inner().expect("no sender panics")
}

fn next<T>(jobs: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    jobs.lock().expect("no sender panics").next()
}

fn request(row: &RequestRow, case: usize) -> Request {
    row.to_request().case(case)
}

fn without_case(seen: &Seen) -> Seen {
    let mut seen = seen.clone();
    seen.headers.retain(|(name, _)| name != support::http::CASE);
    seen
}
