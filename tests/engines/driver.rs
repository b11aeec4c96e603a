//! A browser that is driven by its WebDriver: <https://www.w3.org/TR/webdriver2/>.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread;

use fantoccini::error::NewSessionError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use url::{ParseError, Url};

use super::Engine;
use super::socks::Socks;

/// A browser with a new profile. Dropped, also by a panic, it is ended.
pub(crate) struct Browser {
    runtime: Runtime,
    client: Client,
    /// Dropped after the client, which ends the browser.
    _driver: Driver,
}

impl Browser {
    /// Starts a browser with these capabilities, which accepts any certificate.
    pub(crate) fn start(
        engine: Engine,
        driver: Driver,
        mut capabilities: Map<String, Value>,
        proxy: Option<&Socks>,
    ) -> Self {
        capabilities.insert("acceptInsecureCerts".to_owned(), json!(true));
        capabilities.extend(proxy.map(|proxy| ("proxy".to_owned(), proxy.capability())));
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let client = runtime.block_on(connect(driver.port, capabilities));
        let client = client.unwrap_or_else(|error| {
            panic!("{} does not start: {error}\n{}", engine.name(), engine.how_to_get_it())
        });
        Self { runtime, client, _driver: driver }
    }

    /// Does something with the browser; panics if it cannot.
    #[track_caller]
    pub(crate) fn run<T, E: fmt::Display>(&self, what: impl AsyncFnOnce(&Client) -> Result<T, E>) -> T {
        self.runtime.block_on(what(&self.client)).unwrap_or_else(|error| panic!("the browser: {error}"))
    }
}

/// A command of one browser only, which the client does not know.
#[derive(Debug)]
pub(crate) struct Special {
    /// Below that of the session.
    pub(crate) path: &'static str,
    pub(crate) body: Value,
}

impl WebDriverCompatibleCommand for Special {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // This fails only if the browser has ended already.
        self.runtime.block_on(self.client.clone().close()).ok();
    }
}

async fn connect(port: u16, capabilities: Map<String, Value>) -> Result<Client, NewSessionError> {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    builder.connect(&format!("http://127.0.0.1:{port}")).await
}

/// chromedriver has the system choose a port for IPv6, and ends if that is taken for IPv4: about once in a hundred times.
const ATTEMPTS: usize = 5;

/// A driver that listens on a port that it chose.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts a driver, which says its port in a line.
    pub(crate) fn start(
        engine: Engine,
        command: &mut Command,
        port_in: impl Fn(&str) -> Option<u16>,
    ) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = (0..ATTEMPTS).find_map(|_| Self::start_once(engine, command, &port_in));
        started.unwrap_or_else(|| panic!("{:?} does not say its port", command.get_program()))
    }

    /// `None` if it ends before it says one.
    fn start_once(
        engine: Engine,
        command: &mut Command,
        port_in: impl Fn(&str) -> Option<u16>,
    ) -> Option<Self> {
        let mut process = command.spawn().unwrap_or_else(|error| {
            panic!("{:?} does not start: {error}\n{}", command.get_program(), engine.how_to_get_it())
        });
        let mut said = BufReader::new(process.stdout.take().expect("it is piped"));
        let port = said.by_ref().lines().map_while(Result::ok).find_map(|line| port_in(&line));
        let Some(port) = port else {
            process.wait().expect("a child can be waited for");
            return None;
        };
        // It keeps writing, and would block without a reader.
        thread::spawn(move || io::copy(&mut said, &mut io::sink()));
        Some(Self { process, port })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Either fails only if the process has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
