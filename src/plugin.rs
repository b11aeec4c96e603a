//! The filter in a proxy-wasm host: bytes in, decisions out, edits applied. No other module knows the host.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use proxy_wasm_abi::host::{self, Level};
use proxy_wasm_abi::{Flow, Plugin};

use crate::config::{self, Severity};
use crate::counters::Counters;
use crate::decision::{Action, Decision, Denial, Kind, Verdict};
use crate::policy_set::PolicySet;
use crate::request::RequestHead;
use crate::response_edits::ResponseEdits;
use crate::vary;

/// How often counters go to the host and the log level is asked for.
const TICK: Duration = Duration::from_secs(2);

/// The longest origin that a log line shows, in bytes after escaping.
const MAX_LOGGED_BYTES: usize = 256;

proxy_wasm_abi::plugin!(|| Box::new(Filter::default()));

/// One configured filter in one worker.
#[derive(Default)]
struct Filter {
    running: Option<Rc<Running>>,
}

/// A configuration in force, shared by the requests that began under it.
struct Running {
    policies: PolicySet,
    meters: RefCell<Vec<Meter>>,
}

/// The counters of one policy and their names with the host.
struct Meter {
    /// `None` for a counter that the host would not define.
    ids: Vec<Option<u32>>,
    counters: Counters,
}

impl Plugin for Filter {
    fn on_configure(&mut self, configuration: Option<Vec<u8>>) -> bool {
        host::follow_log_level();
        let loaded = config::load(configuration.as_deref());
        for finding in &loaded.findings {
            let level = match finding.severity {
                Severity::Problem => Level::Error,
                Severity::Warning => Level::Warn,
            };
            host::log(level, format_args!("{finding}"));
        }
        let problems = loaded.problems();
        let Some(policies) = loaded.policies else {
            let plural = if problems == 1 { "" } else { "s" };
            host::log(Level::Error, format_args!("config: refused for {problems} problem{plural}"));
            return false;
        };
        let meters = policies.policies().map(|policy| Meter::of(policy.name())).collect();
        self.running = Some(Rc::new(Running { policies, meters: RefCell::new(meters) }));
        host::set_tick_period(TICK);
        host::log(Level::Info, format_args!("config: accepted"));
        true
    }

    fn on_tick(&mut self) {
        host::follow_log_level();
        if let Some(running) = &self.running {
            running.flush();
        }
    }

    fn stream(&self) -> Box<dyn proxy_wasm_abi::Stream> {
        Box::new(Stream { running: self.running.clone(), response: None })
    }
}

impl Running {
    fn flush(&self) {
        for meter in self.meters.borrow_mut().iter_mut() {
            for (id, increment) in meter.ids.iter().zip(meter.counters.take()) {
                if let (Some(id), Ok(increment @ 1..)) = (id, i64::try_from(increment)) {
                    host::increment(*id, increment);
                }
            }
        }
    }
}

/// The last request under a configuration may end long after the last tick.
impl Drop for Running {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Meter {
    fn of(policy: &str) -> Self {
        let ids = Counters::names(policy).map(|name| host::define_counter(&name)).collect();
        Self { ids, counters: Counters::default() }
    }
}

/// One request and its response.
struct Stream {
    running: Option<Rc<Running>>,
    response: Option<ResponseEdits>,
}

impl proxy_wasm_abi::Stream for Stream {
    fn on_request_headers(&mut self) -> Flow {
        let Some(running) = &self.running else { return Flow::Continue };
        let Some((place, decision)) = running.policies.decide(&Head) else { return Flow::Continue };
        running.tell(place, &decision.verdict);
        self.act(decision)
    }

    fn on_response_headers(&mut self) {
        if let Some(edits) = self.response.take() {
            apply(&edits);
        }
    }
}

impl Stream {
    fn act(&mut self, decision: Decision) -> Flow {
        self.response = decision.response;
        let Action::Reply { status, body } = decision.action else { return Flow::Continue };
        // The host runs the reply through `on_response_headers`, where a route's additions are overruled and `Vary` is
        // merged. The headers go along all the same, for hosts that do not.
        let headers = self.response.iter().flat_map(ResponseEdits::headers);
        let headers: Vec<_> = headers.filter_map(|(name, value)| Some((name, value?))).collect();
        host::reply(status, &headers, body.unwrap_or_default().as_bytes());
        Flow::Stop
    }
}

/// The head of the request that the host is calling for.
struct Head;

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        host::request_header(name)
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        host::property("xds\0route_name")
    }
}

fn apply(edits: &ResponseEdits) {
    for (name, value) in edits.headers() {
        match value {
            Some(value) => host::set_response_header(name, value.as_bytes()),
            None => host::remove_response_header(name),
        }
    }
    if edits.vary.is_empty() {
        return;
    }
    let current = host::response_header("vary");
    if let Some(merged) = vary::merge(current.as_deref(), edits.vary.names()) {
        host::set_response_header("vary", &merged);
    }
}

impl Running {
    /// Counts a verdict, records it for the access log, and logs a denial.
    fn tell(&self, place: usize, verdict: &Verdict) {
        if let Some(meter) = self.meters.borrow_mut().get_mut(place) {
            meter.counters.count(verdict);
        }
        let Some(policy) = self.policies.policies().nth(place) else { return };
        match verdict {
            Verdict::NotCrossOrigin | Verdict::Allowed(Kind::Cors) => {}
            Verdict::Allowed(Kind::Preflight) => record("allowed"),
            Verdict::Denied(denial) => {
                let shadow = if policy.is_shadow() { "shadow-" } else { "" };
                record(&[shadow, "denied:", denial.reason.as_str()].concat());
                host::log(
                    Level::Debug,
                    format_args!("{shadow}denied: policy `{}`, {}", policy.name(), Told(denial)),
                );
            }
        }
    }
}

/// Sets the filter state `wasm.cors`.
fn record(outcome: &str) {
    host::set_property("cors", outcome.as_bytes());
}

/// A denial in a log line: nothing of the request stands there unescaped.
struct Told<'a>(&'a Denial);

impl std::fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}, origin `", self.0.kind.as_str(), self.0.reason)?;
        for byte in self.0.origin.escape_ascii().take(MAX_LOGGED_BYTES) {
            f.write_char(char::from(byte))?;
        }
        f.write_str("`")
    }
}
