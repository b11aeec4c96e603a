//! Envoy as a process: started, waited for, read, and always ended.

use std::fs::{self, File};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::access_log::PRINTED;
use super::config::Bootstrap;
pub(crate) use super::directory::Directory;
use super::directory::{BOOTSTRAP, LISTENERS};
use super::example::MODULES;
use super::http::{Client, Request, send};
use super::release;

/// Far more than any start takes: some 250 listeners on a busy machine need about 5 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// How tests run it: with two workers, and every line that the filter logs.
const AS_TESTED: [&str; 4] =
    ["--concurrency", "2", "--component-log-level", "wasm:debug,dynamic_modules:debug"];

/// How it is measured: nothing shares the work of the one worker, and a denial costs no line.
const AS_MEASURED: [&str; 2] = ["--concurrency", "1"];

/// A running Envoy. Dropped, also by a panic, it is killed.
pub(crate) struct Envoy {
    process: Process,
    admin_port: u16,
    listeners: Vec<(String, u16)>,
    directory: Directory,
}

impl Envoy {
    /// Starts Envoy in `directory` and waits until it serves.
    #[track_caller]
    pub(crate) fn start(directory: Directory, bootstrap: &Bootstrap) -> Self {
        Self::start_with(directory, bootstrap, &[])
    }

    /// Starts a bootstrap with more arguments.
    #[track_caller]
    pub(crate) fn start_with(directory: Directory, bootstrap: &Bootstrap, arguments: &[&str]) -> Self {
        directory.write(bootstrap);
        Self::start_from(directory, BOOTSTRAP, arguments)
    }

    /// Starts Envoy with a configuration that is in `directory` already.
    #[track_caller]
    pub(crate) fn start_from(directory: Directory, config: &str, arguments: &[&str]) -> Self {
        Self::start_as(&AS_TESTED, directory, config, arguments)
    }

    /// Starts Envoy to measure what it takes.
    #[track_caller]
    pub(crate) fn start_to_measure(directory: Directory, bootstrap: &Bootstrap) -> Self {
        directory.write(bootstrap);
        Self::start_as(&AS_MEASURED, directory, BOOTSTRAP, &[])
    }

    #[track_caller]
    fn start_as(how: &[&str], directory: Directory, config: &str, arguments: &[&str]) -> Self {
        let arguments = [how, &["--admin-address-path", "admin"], arguments].concat();
        let process = Process::start(&directory, config, &arguments);
        let mut envoy = Self { process, admin_port: 0, listeners: Vec::new(), directory };
        let end = Instant::now() + PATIENCE;
        while !envoy.is_ready() {
            assert!(!envoy.process.has_ended(), "Envoy ended at start:\n{}", envoy.log());
            assert!(Instant::now() < end, "Envoy is not ready:\n{}", envoy.log());
            thread::sleep(Duration::from_millis(20));
        }
        envoy.listeners = envoy.read_listeners();
        envoy
    }

    /// Gives a running Envoy with dynamic listeners other ones.
    pub(crate) fn update(&self, bootstrap: &Bootstrap) {
        self.replace(LISTENERS, &bootstrap.listeners_to_json().to_string());
    }

    /// Puts a file in the place of one that Envoy watches.
    pub(crate) fn replace(&self, file: &str, text: &str) {
        self.directory.replace(file, text);
    }

    /// Whether Envoy accepted a listener when it started.
    pub(crate) fn has_listener(&self, listener: &str) -> bool {
        self.listeners.iter().any(|(name, _)| name == listener)
    }

    /// The id of the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    /// The memory that the process holds, in bytes: Envoy's and its modules', as `VmRSS` in
    /// <https://docs.kernel.org/filesystems/proc.html>.
    pub(crate) fn resident_memory(&self) -> u64 {
        let file = format!("/proc/{}/status", self.process_id());
        let status = fs::read_to_string(file).expect("the process runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB"));
        line.and_then(|kibibytes| kibibytes.trim().parse::<u64>().ok()).expect("the line is there") * 1024
    }

    /// The port of a listener.
    #[track_caller]
    pub(crate) fn port(&self, listener: &str) -> u16 {
        let found = self.listeners.iter().find(|(name, _)| name == listener);
        found.unwrap_or_else(|| panic!("there is no listener {listener}")).1
    }

    /// Has Envoy close its listeners, after it has asked their connections to end.
    pub(crate) fn drain(&self) {
        let response = send(self.admin_port, &Request::new("POST", "/drain_listeners?graceful"));
        assert_eq!(response.status, 200, "Envoy drains");
    }

    /// What Envoy has logged up to now.
    pub(crate) fn log(&self) -> String {
        self.directory.log()
    }

    /// Where the admin interface listens.
    pub(crate) fn admin_port(&self) -> u16 {
        self.admin_port
    }

    /// The body of a page of the admin interface.
    pub(crate) fn admin(&self, path: &str) -> String {
        let response = send(self.admin_port, &Request::new("GET", path));
        String::from_utf8_lossy(&response.body).into_owned()
    }

    /// The value of a counter or gauge.
    #[track_caller]
    pub(crate) fn stat(&self, name: &str) -> u64 {
        let page = self.admin(&format!("/stats?filter=^{name}$"));
        let value = page.trim_end().strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")?.parse().ok());
        value.unwrap_or_else(|| panic!("no stat {name}: {page}"))
    }

    fn is_ready(&mut self) -> bool {
        // Envoy writes the address when its admin interface listens, in one go but not atomically.
        let address = fs::read_to_string(self.directory.file("admin")).unwrap_or_default();
        let Some(port) = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()) else {
            return false;
        };
        self.admin_port = port;
        let response = Client::new(port).send(&Request::new("GET", "/ready"));
        response.is_ok_and(|response| response.status == 200)
    }

    /// The listeners that there are now, and their ports.
    pub(crate) fn read_listeners(&self) -> Vec<(String, u16)> {
        let page: Value =
            serde_json::from_str(&self.admin("/listeners?format=json")).expect("the page is JSON");
        let listener = |status: &Value| {
            let port = status["local_address"]["socket_address"]["port_value"].as_u64()?;
            Some((status["name"].as_str()?.to_owned(), u16::try_from(port).ok()?))
        };
        page["listener_statuses"].as_array().into_iter().flatten().filter_map(listener).collect()
    }
}

/// What is left of an Envoy that ended by itself.
pub(crate) struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it logged.
    pub(crate) log: String,
}

/// Starts Envoy with an invalid configuration, or with `--mode validate`, and waits for its end.
#[track_caller]
pub(crate) fn run_to_end(bootstrap: &Bootstrap, arguments: &[&str]) -> Ended {
    let directory = Directory::new();
    directory.write(bootstrap);
    run_to_end_from(&directory, BOOTSTRAP, arguments)
}

/// The same with a configuration that is in `directory` already.
#[track_caller]
pub(crate) fn run_to_end_from(directory: &Directory, config: &str, arguments: &[&str]) -> Ended {
    let mut process = Process::start(directory, config, &[&AS_TESTED, arguments].concat());
    Ended { code: process.wait().code(), log: directory.log() }
}

struct Process(Child);

impl Process {
    fn start(directory: &Directory, config: &str, arguments: &[&str]) -> Self {
        let [log, printed] = ["log", PRINTED]
            .map(|name| File::create(directory.file(name)).expect("the target directory can be written"));
        let child = Command::new(release::binary())
            .arg("-c")
            .arg(config)
            .args(["--disable-hot-restart", "--file-flush-interval-msec", "50"])
            .args(["--log-level", "warn", "--log-format", "%l|%n|%v"])
            .args(arguments)
            .current_dir(directory.path())
            .env("ENVOY_DYNAMIC_MODULES_SEARCH_PATH", MODULES)
            .stdin(Stdio::null())
            .stdout(printed)
            .stderr(log)
            .spawn()
            .expect("Envoy starts");
        Self(child)
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child can be waited for").is_some()
    }

    #[track_caller]
    fn wait(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        while !self.has_ended() {
            assert!(Instant::now() < end, "Envoy has not ended");
            thread::sleep(Duration::from_millis(5));
        }
        self.0.wait().expect("a child can be waited for")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails only if the process has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
