//! The room of the plugin, the one that knows a proxy-wasm host: bytes in, decisions out, edits applied.
//!
//! Here are the callbacks: of a root, which is one configured filter in one worker, and of a stream, which is one request
//! and its response. `host_calls` reads the head of a request and edits the headers of a response.
//!
//! Whatever a host hands over comes in. The rooms of requests, policies, configurations and telling are known here; no
//! other room knows this one. It is built for Wasm only.
//!
//! A host has to have the calls that are made here: the SDK ends the module at a status that the ABI does not foresee for
//! one. None of them fails for what a client or an upstream sends.

mod host_calls;
mod unused;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use log::{debug, error, info, warn};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{
    Action as Flow, BufferType, Bytes, ContextType, GrpcStatusCode, LogLevel, MetricType, Status,
};

use crate::config::{self, Severity};
use crate::policy::Policy;
use crate::policy::decision::{Action, Decision, Kind, Verdict};
use crate::policy::response_edits::ResponseEdits;
use crate::policy::set::PolicySet;
use crate::telling::counters::Counters;
use crate::telling::denial::{Texts, Told};
use host_calls::{Head, apply, follow_log_level, record};

/// How often counters go to the host and the log level is asked for.
const TICK: Duration = Duration::from_secs(2);

proxy_wasm::main! {{
    // Until the host has said which level it logs at; also installs the SDK's hook that logs a panic.
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

/// One configured filter in one worker.
#[derive(Default)]
struct Root {
    running: Option<Rc<Running>>,
}

/// A configuration in force, shared by the requests that began under it.
struct Running {
    policies: PolicySet,
    meters: RefCell<Vec<Meter>>,
}

/// The counters of one policy and their names with the host.
struct Meter {
    ids: Vec<Option<u32>>,
    counters: Counters,
    texts: Texts,
}

impl Context for Root {
    unused::unused_context!();
}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        follow_log_level();
        let bytes = hostcalls::get_buffer(BufferType::PluginConfiguration, 0, size).ok().flatten();
        let loaded = config::load(bytes.as_deref());
        for finding in &loaded.findings {
            match finding.severity {
                Severity::Problem => error!("{finding}"),
                Severity::Warning => warn!("{finding}"),
            }
        }
        let problems = loaded.problems();
        let Some(policies) = loaded.policies else {
            error!("config: refused for {problems} problem{}", if problems == 1 { "" } else { "s" });
            return false;
        };
        if let Some(replaced) = self.running.take() {
            // Its last request may end much later.
            replaced.flush();
        }
        let meters = policies.policies().map(Meter::of).collect();
        self.running = Some(Rc::new(Running { policies, meters: RefCell::new(meters) }));
        let _ = hostcalls::set_tick_period(TICK);
        info!("config: accepted");
        true
    }

    fn on_tick(&mut self) {
        follow_log_level();
        if let Some(running) = &self.running {
            running.flush();
        }
    }

    fn create_http_context(&self, _context_id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream { running: self.running.clone(), response: None }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Running {
    fn flush(&self) {
        for meter in self.meters.borrow_mut().iter_mut() {
            for (id, increment) in meter.ids.iter().zip(meter.counters.take()) {
                if let (Some(id), Ok(increment @ 1..)) = (id, i64::try_from(increment)) {
                    // What is not counted is not worth a request.
                    let _ = hostcalls::increment_metric(*id, increment);
                }
            }
        }
    }
}

/// The last request under a configuration may end long after the last tick. No callback tells of that: the host would
/// call it for every request.
impl Drop for Running {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Meter {
    fn of(policy: &Policy) -> Self {
        let define = |name: String| hostcalls::define_metric(MetricType::Counter, &name).ok();
        Self {
            ids: Counters::names(policy.name()).map(define).collect(),
            counters: Counters::default(),
            texts: Texts::of(policy),
        }
    }
}

/// One request and its response.
struct Stream {
    running: Option<Rc<Running>>,
    response: Option<ResponseEdits>,
}

impl Context for Stream {
    unused::unused_context!();
}

impl HttpContext for Stream {
    unused::unused_http_context!();

    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Flow {
        let Some(running) = &self.running else { return Flow::Continue };
        let Some((place, decision)) = running.policies.decide(&Head) else { return Flow::Continue };
        running.tell(place, &decision.verdict);
        self.act(decision)
    }

    fn on_http_response_headers(&mut self, _count: usize, _end_of_stream: bool) -> Flow {
        if let Some(edits) = &self.response {
            apply(edits);
        }
        Flow::Continue
    }
}

impl Stream {
    fn act(&mut self, decision: Decision) -> Flow {
        self.response = decision.response;
        let Action::Reply { status, body } = decision.action else { return Flow::Continue };
        // The host runs the reply through `on_http_response_headers`, where a route's additions are overruled and
        // `Vary` is merged. The headers go along all the same, for hosts that do not.
        let mut headers = Vec::new();
        if let Some(edits) = &self.response {
            edits.each(|name, value| headers.extend(value.map(|value| (name, value))));
        }
        let _ = hostcalls::send_http_response(u32::from(status), headers, body.map(str::as_bytes));
        Flow::Pause
    }
}

impl Running {
    /// Counts a verdict, records it for the access log, and logs a denial.
    fn tell(&self, place: usize, verdict: &Verdict) {
        if matches!(verdict, Verdict::NotCrossOrigin) {
            return;
        }
        let mut meters = self.meters.borrow_mut();
        let Some(meter) = meters.get_mut(place) else { return };
        meter.counters.count(verdict);
        match verdict {
            Verdict::NotCrossOrigin | Verdict::Allowed(Kind::Cors) => {}
            Verdict::Allowed(Kind::Preflight) => record("allowed"),
            Verdict::Denied(denial) => {
                if let Some(outcome) = meter.texts.outcome(denial.reason) {
                    record(outcome);
                }
                debug!("{}, {}", meter.texts.introduction(), Told(denial));
            }
        }
    }
}
