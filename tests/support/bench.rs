//! An Envoy with an upstream behind it, and a row for each request to it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::access_log::AccessLog;
use super::config::Bootstrap;
use super::envoy::{Directory, Envoy};
use super::expectation::Expectation;
use super::failures::Failures;
use super::http::{Client, Request, Response};
use super::upstream::{Answer, Seen, Upstream};

/// A request, and what the upstream answers if it comes that far.
pub(crate) struct Exchange {
    request: Request,
    answer: Answer,
}

impl Exchange {
    /// A request that the upstream answers in its own way.
    pub(crate) fn new(request: Request, answer: Answer) -> Self {
        Self { request, answer }
    }
}

impl From<Request> for Exchange {
    fn from(request: Request) -> Self {
        Self::new(request, Answer::new(200))
    }
}

/// The bench.
pub(crate) struct Bench {
    suite: &'static str,
    envoy: Envoy,
    upstream: Upstream,
    access_log: AccessLog,
    answers: Arc<Mutex<Vec<Answer>>>,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    recorded: String,
    differences: Vec<String>,
}

impl Bench {
    /// Starts the Envoy that `bootstrap` makes from the port of the upstream and the path of the access log.
    pub(crate) fn start(suite: &'static str, bootstrap: impl FnOnce(u16, &Path) -> Bootstrap) -> Self {
        let answers: Arc<Mutex<Vec<Answer>>> = Arc::default();
        let shared = Arc::clone(&answers);
        let upstream = Upstream::start(move |case| shared.lock().expect("no holder panics")[case].clone());
        let directory = Directory::new();
        let access_log = AccessLog::new(directory.path());
        let bootstrap = bootstrap(upstream.port(), access_log.path());
        let envoy = Envoy::start(directory, &bootstrap);
        Self { suite, envoy, upstream, access_log, answers, rows: Vec::new() }
    }

    /// Sends a request on its own connection; notes whether the response is the expected one, and what the access log
    /// must say in the end.
    pub(crate) fn check(
        &mut self,
        listener: &str,
        exchange: impl Into<Exchange>,
        expected: &Expectation,
        recorded: &str,
    ) {
        let send = |port, request: &Request| Client::new(port).send(request);
        self.check_by(send, listener, exchange, expected, recorded);
    }

    /// The same with its own client, which gets the port.
    pub(crate) fn check_by(
        &mut self,
        send: impl FnOnce(u16, &Request) -> io::Result<Response>,
        listener: &str,
        exchange: impl Into<Exchange>,
        expected: &Expectation,
        recorded: &str,
    ) {
        let Exchange { request, answer } = exchange.into();
        let name = format!("{listener}: {request}");
        self.answers.lock().expect("no holder panics").push(answer);
        let request = request.case(self.rows.len());
        let differences = match send(self.envoy.port(listener), &request) {
            Err(error) => vec![format!("no response: {error}")],
            Ok(response) => expected.differences(&response),
        };
        self.rows.push(Row { name, recorded: recorded.to_owned(), differences });
    }

    /// What the upstream has seen of the last row.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.rows.len().checked_sub(1).map(|case| self.upstream.seen(case)).unwrap_or_default()
    }

    /// The port of a listener.
    #[track_caller]
    pub(crate) fn port(&self, listener: &str) -> u16 {
        self.envoy.port(listener)
    }

    /// Envoy's log once all requests are done, and how many of them the filter recorded as denied.
    #[track_caller]
    pub(crate) fn log_and_denials(&self) -> (String, usize) {
        let recorded = self.access_log.wait_for(self.rows.len());
        let denials = recorded.values().filter(|recorded| recorded.starts_with("denied:")).count();
        (self.envoy.log(), denials)
    }

    /// Compares the access log and panics if a row did not hold.
    #[track_caller]
    pub(crate) fn finish(self) {
        let recorded = self.access_log.wait_for(self.rows.len());
        let mut failures = Failures::new(self.suite);
        for (case, mut row) in self.rows.into_iter().enumerate() {
            let actual = recorded.get(&case).map_or("no entry", String::as_str);
            if actual != row.recorded {
                row.differences.push(format!("access log: expected {}, got {actual}", row.recorded));
            }
            failures.row(row.name, row.differences);
        }
        failures.finish();
    }
}
