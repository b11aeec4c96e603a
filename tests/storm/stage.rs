//! A real Envoy in the storm, and what came of it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};

use super::chaos::Chaos;
use super::jobs::{Job, Wire};
use super::judge::Exchange;
use super::subjects::{self, CONTROL, Subject};
use crate::support::envoy::{Directory, Envoy};
use crate::support::failures::Failures;
use crate::support::filter::Filter;
use crate::support::http::{CASE, Response, show};
use crate::support::upstream::{Answer, Seen, Upstream};
use crate::support::wasm_log;

const BATCHES: usize = 8;
const BATCH: usize = 420;

/// The batches after which Envoy's buffers and the modules' heaps have the size that such traffic needs.
const WARM_UP: usize = 4;

/// The same requests at [`CONTROL`] have their own cases, and so do the honest calls.
const CONTROL_CASES: usize = 1_000_000;
const HONEST_CASE: usize = 2_000_000;
const TWIN_CASES: usize = 3_000_000;

/// The outcome of a request that cannot be sent over this protocol.
const UNSENT: &str = "not sent";

/// So many connections in a row see both workers.
const PROBES: usize = 8;

/// The storm.
pub(crate) struct Stage {
    suite: &'static str,
    wire: Wire,
    seed: u64,
    envoy: Envoy,
    upstream: Upstream,
    subjects: Vec<Subject>,
    failures: Failures,
    /// How many requests met with each status, or with none.
    outcomes: BTreeMap<String, usize>,
}

impl Stage {
    pub(crate) fn start(suite: &'static str, wire: Wire, seed: u64) -> Self {
        println!("{suite}: STORM_SEED={seed}");
        let upstream = Upstream::start(move |case| answer(seed, case));
        let envoy = Envoy::start(Directory::new(), &subjects::bootstrap(upstream.port()));
        let (subjects, failures) = (subjects::all(), Failures::new(suite));
        Self { suite, wire, seed, envoy, upstream, subjects, failures, outcomes: BTreeMap::new() }
    }

    pub(crate) fn run(mut self) {
        let modules = self.modules();
        let (mut before, mut sent) = (0, 0);
        for batch in 0..BATCHES {
            let size = self.batch(batch * BATCH);
            self.honest_calls(batch);
            if batch < WARM_UP {
                before = self.envoy.resident_memory();
            } else {
                sent += size;
            }
        }
        println!("{}: responses by status {:?}", self.suite, self.outcomes);
        assert_eq!(self.modules(), modules, "modules failed or were loaded again");
        let log = self.envoy.log();
        assert_eq!(wasm_log::unescaped(&log), None, "an unescaped byte is in the log");
        assert_eq!(wasm_log::trap(&log), None, "the plugin trapped");
        self.check_memory(before, sent);
        self.check_rejected();
        self.failures.finish();
    }

    /// Most of what is sent are headers that the filter reads. A filter that kept each of them grew by a fifth of what
    /// was sent, this one by less than a thirtieth.
    fn check_memory(&self, before: u64, sent: u64) {
        let grown = self.envoy.resident_memory().saturating_sub(before);
        println!("{}: {grown} bytes more in memory after {sent} bytes of header values", self.suite);
        assert!(grown < sent / 12, "Envoy or the modules keep what is sent to them");
    }

    /// What Envoy does not take never comes to the filter, and so shows nothing of it; nor does what HTTP/2 has no form
    /// for.
    fn check_rejected(&self) {
        let count = |is_so: fn(&str) -> bool| -> usize {
            self.outcomes.iter().filter(|(outcome, _)| is_so(outcome)).map(|(_, count)| count).sum()
        };
        let (rejected, unsent) = (count(is_rejected), count(is_unsent));
        let answered = (0..BATCHES * BATCH).filter(|case| !self.upstream.seen(*case).is_empty()).count();
        println!(
            "{}: {} requests sent, {rejected} of them rejected by Envoy itself, {answered} answered by the upstream",
            self.suite,
            BATCHES * BATCH - unsent,
        );
        assert!(rejected + unsent < BATCHES * BATCH / 4, "so many of them test Envoy, not the filter");
        assert!(answered > BATCHES * BATCH / 3, "so few answers of the upstream test little");
    }

    /// What Envoy counts of the modules: how many there are, how many there were, how many were loaded again.
    fn modules(&self) -> String {
        // Where the module is tested, the plugin is beside it.
        let stats = self.envoy.admin("/stats?filter=^wasm%5C.");
        assert!(stats.contains("wasm.envoy.wasm.runtime.v8.active"), "Envoy counts modules: {stats}");
        stats
    }

    /// Sends a batch and judges it; how many bytes were in its headers.
    fn batch(&mut self, first: usize) -> u64 {
        let cases = first..first + BATCH;
        let jobs: Vec<Job> = cases.clone().map(|case| self.job(case)).collect();
        let controls: Vec<Job> = cases.map(|case| self.control(case)).filter(Job::is_non_cors).collect();
        self.wire.send_all(&controls);
        let results = self.wire.send_all(&jobs);
        self.compare_with_twins(&jobs, &results);
        self.check_that_envoy_rejects(&jobs, &results);
        for (job, result) in jobs.iter().zip(results) {
            *self.outcomes.entry(outcome(&result)).or_default() += 1;
            let violations = match result {
                Ok(response) => self.violations(job, &response),
                // Envoy closes the connection of a request that it does not take.
                Err(error) if is_closed(error.kind()) => Vec::new(),
                Err(error) => vec![format!("no response: {error}")],
            };
            let listener = self.subject(job.case).listener;
            self.failures.row(format!("case {}, {listener}: {}", job.case, job.request), violations);
        }
        u64::try_from(jobs.iter().map(Job::size).sum::<usize>()).expect("some megabytes")
    }

    /// The module answers as the plugin does, and does the same to the answers of the upstream.
    fn compare_with_twins(&mut self, jobs: &[Job], results: &[io::Result<Response>]) {
        if Filter::under_test() == Filter::Plugin {
            return;
        }
        let twins: Vec<Job> = jobs.iter().map(|job| self.twin(job.case)).collect();
        for ((job, result), twin) in jobs.iter().zip(results).zip(self.wire.send_all(&twins)) {
            // What Envoy does not take it answers before any filter, and shows the answer to the module alone.
            let is_envoys_own = is_envoys_own(&twin);
            let (module, plugin) = (told(result, is_envoys_own), told(&twin, is_envoys_own));
            let difference = (module != plugin).then(|| format!("{module}\n, and the plugin {plugin}"));
            self.failures.row(format!("case {}, as the plugin", job.case), difference.into_iter().collect());
        }
    }

    /// The same request to the plugin.
    fn twin(&self, case: usize) -> Job {
        let port = self.envoy.port(&subjects::twin(self.subject(case).listener));
        Job { case, port, request: self.chaos(case).request(TWIN_CASES + case) }
    }

    /// What is rejected is so without the filter, too.
    fn check_that_envoy_rejects(&mut self, jobs: &[Job], results: &[io::Result<Response>]) {
        let rejected = jobs.iter().zip(results).filter(|(_, result)| is_rejected(&outcome(result)));
        let controls: Vec<Job> = rejected.map(|(job, _)| self.control(job.case)).collect();
        for (job, result) in controls.iter().zip(self.wire.send_all(&controls)) {
            let difference =
                (!is_rejected(&outcome(&result))).then(|| format!("Envoy says {}", outcome(&result)));
            self.failures.row(format!("case {}, rejected", job.case), difference.into_iter().collect());
        }
    }

    fn job(&self, case: usize) -> Job {
        let port = self.envoy.port(self.subject(case).listener);
        Job { case, port, request: self.chaos(case).request(case) }
    }

    /// The same request at [`CONTROL`].
    fn control(&self, case: usize) -> Job {
        let request = self.chaos(case).request(CONTROL_CASES + case);
        Job { case, port: self.envoy.port(CONTROL), request }
    }

    fn chaos(&self, case: usize) -> Chaos {
        Chaos::new(self.seed, case, self.wire == Wire::Http1)
    }

    /// The policy that a case meets with: each in turn, for a part of the batch.
    fn subject(&self, case: usize) -> &Subject {
        &self.subjects[case % BATCH * self.subjects.len() / BATCH]
    }

    fn violations(&self, job: &Job, response: &Response) -> Vec<String> {
        let seen = self.upstream.seen(job.case);
        let exchange = Exchange {
            subject: self.subject(job.case),
            request: &job.request,
            answer: &answer(self.seed, job.case),
            response,
            seen: &seen,
        };
        let mut violations = exchange.violations();
        let control = self.upstream.seen(CONTROL_CASES + job.case);
        if job.is_non_cors() && without_case(seen) != without_case(control) {
            violations.push("a request without `Origin` is not what came in".to_owned());
        }
        violations
    }

    /// Every policy answers an honest preflight, in whichever worker.
    fn honest_calls(&mut self, batch: usize) {
        for subject in &self.subjects {
            let job = Job {
                case: HONEST_CASE,
                port: self.envoy.port(subject.listener),
                request: Subject::honest_request().case(HONEST_CASE),
            };
            for result in (0..PROBES).flat_map(|_| self.wire.send(std::slice::from_ref(&job))) {
                let differences = match result {
                    Ok(response) => subject.honest_answer().differences(&response),
                    Err(error) => vec![format!("no response: {error}")],
                };
                self.failures.row(format!("after batch {batch}, {}", subject.listener), differences);
            }
        }
    }
}

/// The upstream's answer to a case, the same for the one at [`CONTROL`].
fn answer(seed: u64, case: usize) -> Answer {
    match case {
        HONEST_CASE => Answer::new(200),
        _ => Chaos::new(!seed, case % CONTROL_CASES, false).answer(),
    }
}

/// The status of a response, or what came instead of one.
fn outcome(result: &io::Result<Response>) -> String {
    match result {
        Ok(response) => response.status.to_string(),
        Err(error) if error.kind() == ErrorKind::InvalidInput => UNSENT.to_owned(),
        Err(error) => error.kind().to_string(),
    }
}

/// Whether Envoy has answered, and neither the upstream nor the filter.
fn is_envoys_own(result: &io::Result<Response>) -> bool {
    let is_so = |response: &Response| {
        let is_there = |name| response.head.value(name).is_some();
        !is_there("x-envoy-upstream-service-time") && !is_there("proxy-status") && response.status >= 400
    };
    result.as_ref().is_ok_and(is_so)
}

/// All that the filter has a say in.
fn told(result: &io::Result<Response>, is_envoys_own: bool) -> String {
    let Ok(response) = result else { return outcome(result) };
    let is_told = |name: &str| {
        name.starts_with("access-control-")
            || ["vary", "timing-allow-origin", "proxy-status", "content-type"].contains(&name)
    };
    let mut headers = response.head.headers.clone();
    headers.retain(|(name, _)| !is_envoys_own && is_told(name));
    headers.sort();
    format!("{}{} {}", response.status, show(&headers), response.body.escape_ascii())
}

fn is_unsent(outcome: &str) -> bool {
    outcome == UNSENT
}

fn is_rejected(outcome: &str) -> bool {
    !is_unsent(outcome) && (["400", "431"].contains(&outcome) || outcome.parse::<u16>().is_err())
}

fn is_closed(kind: ErrorKind) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, InvalidInput};
    [BrokenPipe, ConnectionAborted, ConnectionReset, InvalidInput].contains(&kind)
}

fn without_case(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.iter_mut().for_each(|seen| seen.headers.retain(|(name, _)| name != CASE));
    seen
}
