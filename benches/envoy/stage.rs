//! One Envoy with a listener for each cell, and the CPU time that it takes.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::class::Class;
use crate::support::config::{Bootstrap, Listener, UPSTREAM};
use crate::support::envoy::{Directory, Envoy};
use crate::support::http::{Client, Request};
use crate::traffic::{self, CONNECTIONS, Load};
use crate::variant::Variant;

/// What is measured: requests of a class, to a listener of this variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cell {
    pub(crate) place: Place,
    pub(crate) class: Class,
    pub(crate) variant: Variant,
}

/// Where responses come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Upstream,
    Direct,
}

impl Cell {
    /// All there are, in groups that are compared: the same requests, through each variant.
    pub(crate) fn groups() -> Vec<[Self; Variant::ALL.len()]> {
        let of_place = |place| {
            let of_class = move |class| Variant::ALL.map(|variant| Self { place, class, variant });
            Class::ALL.into_iter().map(of_class)
        };
        Place::ALL.into_iter().flat_map(of_place).collect()
    }

    fn listener(self) -> String {
        format!("{:?}-{:?}-{:?}", self.place, self.class, self.variant)
    }

    fn request(self) -> Request {
        let request = Request::new(self.class.method(), "/jobs");
        self.class.headers().into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }
}

impl Place {
    pub(crate) const ALL: [Self; 2] = [Self::Upstream, Self::Direct];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Upstream => "through an upstream",
            Self::Direct => "direct responses",
        }
    }

    fn route(self, settings: &Value) -> Value {
        let mut route = json!({ "match": { "prefix": "/" }, "typed_per_filter_config": settings });
        match self {
            Self::Upstream => route["route"] = json!({ "cluster": UPSTREAM }),
            Self::Direct => {
                route["direct_response"] = json!({ "status": 200, "body": { "inline_string": "ok" } });
            }
        }
        route
    }
}

/// The running Envoy.
pub(crate) struct Stage {
    envoy: Envoy,
}

impl Stage {
    /// Starts it, and checks that each cell answers as it should: a broken cell can be fast.
    pub(crate) fn start() -> Self {
        let directory = Directory::new();
        let mut bootstrap = Bootstrap::new(traffic::upstream());
        for cell in Cell::groups().into_iter().flatten() {
            let route = cell.place.route(&cell.variant.settings(cell.class));
            let filters = cell.variant.filters(cell.class, directory.path());
            bootstrap = bootstrap.listener(&Listener::new(cell.listener(), filters).routes(vec![route]));
        }
        let stage = Self { envoy: Envoy::start_to_measure(directory, &bootstrap) };
        for cell in Cell::groups().into_iter().flatten() {
            stage.check(cell);
        }
        keep_apart(stage.envoy.process_id());
        stage
    }

    fn check(&self, cell: Cell) {
        let response = self.answer(cell);
        let is_cors = |name: &str| name.starts_with("access-control-") || name == "vary";
        let headers = response.head.headers.iter().filter(|(name, _)| is_cors(name));
        let headers: BTreeMap<&str, String> = headers
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value).into_owned()))
            .collect();
        assert!(matches!(response.status, 200 | 204), "{cell:?} answers {}", response.status);
        cell.variant.check(cell.class, cell.place, &headers);
    }

    fn answer(&self, cell: Cell) -> crate::support::http::Response {
        let answer = Client::new(self.envoy.port(&cell.listener())).send(&cell.request());
        answer.unwrap_or_else(|error| panic!("{cell:?} does not answer: {error}"))
    }

    /// The CPU time of one request in microseconds, the mean of about so many.
    pub(crate) fn measure(&self, cell: Cell, requests: usize) -> f64 {
        let body = self.answer(cell).body;
        let mut load = Load::connect(self.envoy.port(&cell.listener()), cell.request().to_bytes(), &body);
        let each = requests.div_ceil(CONNECTIONS);
        // Envoy accepts these connections meanwhile, and closes those of the cell before.
        load.run(each.div_ceil(10));
        let before = self.cpu_time();
        load.run(each);
        let taken = self.cpu_time() - before;
        taken.as_secs_f64() * 1e6 / (each * CONNECTIONS) as f64
    }

    /// What all threads have taken: <https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat>.
    fn cpu_time(&self) -> Duration {
        // A thread's time is added up when it leaves the processor, which it does after the last response.
        thread::sleep(Duration::from_millis(5));
        let threads = format!("/proc/{}/task", self.envoy.process_id());
        let threads =
            fs::read_dir(&threads).unwrap_or_else(|error| panic!("{threads}: {error}: is this Linux?"));
        let of_thread = |thread: fs::DirEntry| {
            // A thread may have ended since it was listed.
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(threads.flatten().filter_map(of_thread).sum())
    }
}

/// Gives Envoy its own processor, if there are two. Otherwise the scheduler moves it about, and starting over with
/// empty caches costs more than a filter does.
fn keep_apart(envoy: u32) {
    let is_bound = |process: u32, processor: &str| {
        let output =
            Command::new("taskset").args(["-a", "-p", "-c", processor, &process.to_string()]).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !(is_bound(envoy, "1") && is_bound(std::process::id(), "0")) {
        eprintln!(
            "Envoy has no processor of its own, and the results will scatter: run this where processors 0 and 1 may be \
             used, with taskset (Debian: apt-get install util-linux)"
        );
    }
}
