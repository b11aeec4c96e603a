//! The room of the plugin, the one that knows a proxy-wasm host: bytes in, decisions out, edits applied.
//!
//! Here are the callbacks of a root, which is one configured filter in one worker; `stream` has those of one request and
//! its response. `running` is a configuration in force and what the host is told under it, `host_calls` all that is asked
//! of the host, and `logger` the way to its log. `memory` hands out the memory of all this.
//!
//! Whatever a host hands over comes in. The rooms of requests, policies, configurations and telling are known here; no
//! other room knows this one. It is built for Wasm only.
//!
//! A host has to have headers and replies. Metrics, timers, properties, filter state and a log level it may lack, or
//! refuse by any status: then these are missing, and nothing else.

mod host_calls;
mod logger;
mod memory;
mod running;
mod stream;
mod unused;

use std::rc::Rc;
use std::time::Duration;

use log::{error, info, warn};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Bytes, ContextType, Status};

use crate::config::{self, Severity};
use running::Running;
use stream::Stream;

/// How often counters go to the host and the log level is asked for, in milliseconds.
const TICK: u32 = 2_000;

proxy_wasm::main! {{
    logger::install();
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

/// One configured filter in one worker.
#[derive(Default)]
struct Root {
    running: Option<Rc<Running>>,
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
        let Some(policies) = loaded.policies else {
            error!("config: refused for {problems} problem{}", if problems == 1 { "" } else { "s" });
            return false;
        };
        if let Some(replaced) = self.running.take() {
            // Its last request may end much later.
            replaced.flush();
        }
        let has_ticks = host_calls::set_tick_period(TICK);
        self.running = Some(Rc::new(Running::new(policies, has_ticks)));
        info!("config: accepted");
        true
    }

    fn on_tick(&mut self) {
        logger::follow_level();
        if let Some(running) = &self.running {
            running.flush();
        }
    }

    fn create_http_context(&self, _context_id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::under(self.running.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
