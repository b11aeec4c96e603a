//! Which configuration is in force: a gauge for its fingerprint, which disappears with it, and one that is 1 while a
//! configuration with problems is in service.

use std::sync::atomic::{AtomicBool, Ordering};

use proxy_wasm_cors::config::Fingerprint;

use crate::host::{Exchange, Metric, Setup};

const IN_FORCE: &str = "proxy_wasm_cors.config";
const FINGERPRINT: &str = "cors_fingerprint";
const INVALID: &str = "proxy_wasm_cors.config_invalid";

/// The gauges of a configuration. A gauge that Envoy refused to make stays `None`, and is not set.
pub(crate) struct Gauges {
    in_force: Option<(Metric, String)>,
    invalid: Option<Metric>,
    /// Whether the configuration has problems. Then each request sets the gauge, because a valid configuration of another
    /// filter sets it back to 0.
    is_invalid: bool,
    is_set: AtomicBool,
}

impl Gauges {
    /// Defines them, and sets them if this release of Envoy can do that without a stream.
    pub(crate) fn set(fingerprint: &Fingerprint, is_invalid: bool, setup: &Setup<'_>) -> Self {
        let invalid = setup.define_gauge(INVALID, &[]);
        let in_force = if is_invalid { None } else { setup.define_gauge(IN_FORCE, &[FINGERPRINT]) };
        let in_force = in_force.map(|gauge| (gauge, fingerprint.to_string()));
        let gauges = Self { in_force, invalid, is_invalid, is_set: AtomicBool::new(false) };
        let is_set = gauges.each(|gauge, labels, value| setup.set_gauge(gauge, labels, value));
        gauges.is_set.store(is_set, Ordering::Relaxed);
        gauges
    }

    /// Sets them with the help of a stream, unless they are set.
    pub(crate) fn assert(&self, exchange: &Exchange<'_>) {
        if self.is_invalid || !self.is_set.load(Ordering::Relaxed) {
            self.each(|gauge, labels, value| {
                exchange.set_gauge(gauge, labels, value);
                true
            });
            self.is_set.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether all could be set.
    fn each(&self, set: impl Fn(Metric, &[&str], u64) -> bool) -> bool {
        let in_force = self.in_force.as_ref().is_none_or(|(gauge, name)| set(*gauge, &[name.as_str()], 1));
        self.invalid.is_none_or(|gauge| set(gauge, &[], u64::from(self.is_invalid))) && in_force
    }
}
