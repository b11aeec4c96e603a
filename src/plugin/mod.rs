//! The room of the plugin, the one that knows a proxy-wasm host: bytes in, decisions out, edits applied.
//!
//! Here are the callbacks of a root, which is one configured filter in one worker; `stream` has those of one request and
//! its response. `running` is a configuration in force and what the host is told under it, `host_calls` all that is asked
//! of the host, and `logger` the way to its log. `memory` hands out the memory of all this.
//!
//! Whatever a host hands over comes in. This room knows those of requests, policies, configurations and telling; no
//! other room knows this one. It is built only for Wasm.
//!
//! A host has to have headers and local replies. It may lack metrics, timers, properties, filter state and a log level,
//! or refuse them with any status: then these are missing, and nothing else.

mod host_calls;
mod logger;
mod memory;
mod running;
mod stream;
mod unused;

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use log::{error, info, warn};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Bytes, ContextType, Status};

use crate::config::{self, Severity};
use running::Running;
use stream::Stream;

/// How often the plugin hands over counters and asks for the log level, in milliseconds.
const TICK: u32 = 2_000;

/// From time to time the plugin logs what operators should know, if there is anything.
const TICKS_PER_MINUTE: u32 = 60_000 / TICK;

/// The gauge of a configuration with problems that is in service.
const INVALID: &str = "proxy_wasm_cors.config_invalid";

proxy_wasm::main! {{
    logger::install();
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

/// One configured filter in one worker.
#[derive(Default)]
struct Root {
    running: Option<Rc<Running>>,
    /// How many problems the configuration has, if it is in service nevertheless.
    problems: usize,
    /// How many ticks there were since the last minute that was reported.
    ticks: u32,
}

impl Context for Root {
    unused::unused_context!();
}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        logger::follow_level();
        let loaded = config::load(host_calls::configuration(size).as_deref());
        for finding in &loaded.findings {
            match finding.severity {
                Severity::Problem => error!("{finding}"),
                Severity::Warning => warn!("{finding}"),
            }
        }
        let problems = loaded.problems();
        let (Some(policies), Some(fingerprint)) = (loaded.policies, loaded.fingerprint) else {
            error!("config: refused for {}", Problems(problems));
            return false;
        };
        if let Some(replaced) = self.running.take() {
            // Its last request may end much later.
            replaced.flush();
        }
        let has_ticks = host_calls::set_tick_period(TICK);
        let of_this = format!("proxy_wasm_cors.config.{fingerprint}");
        let gauge = if problems == 0 { of_this.as_str() } else { INVALID };
        if let (0, Some(invalid)) = (problems, host_calls::define_gauge(INVALID)) {
            host_calls::set_gauge(invalid, 0);
        }
        self.running = Some(Rc::new(Running::new(policies, has_ticks, gauge, problems > 0)));
        (self.problems, self.ticks) = (problems, 0);
        match problems {
            0 => info!(
                "config: accepted: {} policies, {} origins, fingerprint {fingerprint}, plugin {}",
                fingerprint.policies(),
                fingerprint.origins(),
                env!("CARGO_PKG_VERSION")
            ),
            _ => self.tell_of_problems(),
        }
        true
    }

    fn on_tick(&mut self) {
        logger::follow_level();
        self.ticks = self.ticks.saturating_add(1);
        let is_minute = self.ticks >= TICKS_PER_MINUTE;
        if let Some(running) = &self.running {
            running.flush();
            running.assert_gauge();
            if is_minute {
                running.tell_digests();
            }
        }
        if is_minute {
            self.ticks = 0;
            self.tell_of_problems();
        }
    }

    fn create_http_context(&self, _context_id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::under(self.running.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Root {
    fn tell_of_problems(&self) {
        if self.problems > 0 {
            error!("config: {}, so no origin is allowed until it is fixed", Problems(self.problems));
        }
    }
}

/// A number of problems in words.
struct Problems(usize);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}
