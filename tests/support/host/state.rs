//! What the host knows and keeps.

use std::collections::BTreeMap;

use crate::support::cases::Headers;

const ERROR: u32 = 4;

/// One call of the host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// What was read or written, as in `read origin`.
    pub(crate) what: String,
    /// Whether the host had to call back into the module for memory to answer: what costs most.
    pub(crate) returns_data: bool,
}

/// A reply of the plugin's own: its status, headers and body.
pub(crate) type Reply = (u16, Headers, Vec<u8>);

/// What the host knows and keeps.
#[derive(Default)]
pub(crate) struct State {
    pub(super) configuration: Vec<u8>,
    pub(super) request: Headers,
    /// `None` until there is a response.
    pub(super) response: Option<Headers>,
    pub(super) reply: Option<Reply>,
    pub(super) recorded: Option<Vec<u8>>,
    pub(super) calls: Vec<Call>,
    pub(super) has_ticks: bool,
    /// Counters and gauges, by number.
    pub(super) metrics: Vec<Metric>,
    /// Each line with its level.
    pub(super) log: Vec<(u32, String)>,
    /// The level below which the host logs nothing.
    pub(crate) log_level: u32,
    /// What `xds.route_name` is.
    pub(crate) route: Option<Vec<u8>>,
    /// How often the module called WASI.
    pub(crate) wasi_calls: usize,
}

impl State {
    pub(super) fn new() -> Self {
        // As Envoy has it by default: `info`.
        Self { log_level: 2, ..Self::default() }
    }

    pub(super) fn begin(&mut self, headers: &Headers) {
        self.request = lower_case(headers);
        self.response = None;
        self.recorded = None;
        self.calls.clear();
    }

    pub(super) fn take_reply(&mut self) -> Option<Reply> {
        self.reply.take()
    }

    pub(super) fn respond(&mut self, headers: &Headers) {
        self.response = Some(lower_case(headers));
    }

    pub(super) fn end(&mut self) -> (Headers, Option<Vec<u8>>, Vec<Call>) {
        (self.response.take().unwrap_or_default(), self.recorded.take(), std::mem::take(&mut self.calls))
    }

    /// The counters that are not zero.
    pub(crate) fn counters(&self) -> BTreeMap<&str, u64> {
        let metrics = self.metrics.iter().filter(|metric| !metric.is_gauge && metric.value > 0);
        metrics.map(|metric| (metric.name.as_str(), metric.value)).collect()
    }

    /// The gauges.
    pub(crate) fn gauges(&self) -> BTreeMap<&str, u64> {
        let metrics = self.metrics.iter().filter(|metric| metric.is_gauge);
        metrics.map(|metric| (metric.name.as_str(), metric.value)).collect()
    }

    /// The lines of a level.
    pub(crate) fn lines(&self, level: u32) -> Vec<String> {
        self.log.iter().filter(|(of, _)| *of == level).map(|(_, line)| line.clone()).collect()
    }

    /// The lines at level `error`.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.lines(ERROR)
    }

    pub(super) fn called(&mut self, what: String, returns_data: bool) {
        self.calls.push(Call { what, returns_data });
    }
}

/// A counter or a gauge.
#[derive(Default)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) is_gauge: bool,
    pub(super) value: u64,
}

fn lower_case(headers: &Headers) -> Headers {
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}
