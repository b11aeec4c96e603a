//! A headless Chromium, driven by its chromedriver: <https://www.w3.org/TR/webdriver2/>.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::{env, fmt};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

const HOW_TO_GET_IT: &str = "`make chromium` fetches Chromium and its driver as root (Debian: `apt-get install \
                             chromium chromium-driver`); CHROMIUM and CHROMEDRIVER name others";

/// A browser with a new profile. Dropped, also by a panic, it is ended.
pub(crate) struct Chromium {
    runtime: Runtime,
    client: Client,
    /// Dropped after the client, which ends the browser.
    _driver: Driver,
}

impl Chromium {
    /// Starts a browser that finds hosts by these rules.
    pub(crate) fn start(resolver_rules: &str) -> Self {
        let driver = Driver::start();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(resolver_rules));
        let client = runtime.block_on(builder.connect(&format!("http://127.0.0.1:{}", driver.port)));
        let client =
            client.unwrap_or_else(|error| panic!("Chromium does not start: {error}\n{HOW_TO_GET_IT}"));
        Self { runtime, client, _driver: driver }
    }

    /// Does something with the browser; panics if it cannot.
    #[track_caller]
    pub(crate) fn run<T, E: fmt::Display>(&self, what: impl AsyncFnOnce(&Client) -> Result<T, E>) -> T {
        self.runtime.block_on(what(&self.client)).unwrap_or_else(|error| panic!("the browser: {error}"))
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // This fails only if the browser has ended already.
        self.runtime.block_on(self.client.clone().close()).ok();
    }
}

fn capabilities(resolver_rules: &str) -> Map<String, Value> {
    let rules = format!("host-resolver-rules={resolver_rules}");
    let mut options = json!({ "args": [
        "headless",
        // Root has no sandbox; the pages are our own.
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        // The first frame of an animation may be transparent: the driver finds no text in it.
        "force-prefers-reduced-motion",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        // All pages here are `http`, and stay it.
        "disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable",
        rules,
    ] });
    if let Ok(chromium) = env::var("CHROMIUM") {
        options["binary"] = json!(chromium);
    }
    Map::from_iter([("goog:chromeOptions".to_owned(), options)])
}

/// A chromedriver on a port that it chose.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    fn start() -> Self {
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let process = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process =
            process.unwrap_or_else(|error| panic!("`{program}` does not start: {error}\n{HOW_TO_GET_IT}"));
        let said = BufReader::new(process.stdout.take().expect("it is piped"));
        let port = said.lines().map_while(Result::ok).find_map(|line| port_in(&line));
        Self { process, port: port.unwrap_or_else(|| panic!("`{program}` does not say its port")) }
    }
}

/// From `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.parse().ok()
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Either fails only if the process has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
