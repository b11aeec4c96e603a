//! A headless Chromium, driven by its chromedriver.

use std::env;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::Engine;
use super::driver::{Browser, Driver, Special};
use super::socks::Socks;

/// How the frames of a page run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frames {
    /// Those of other sites in processes of their own, as it comes.
    Isolated,
    /// All in one process: chromedriver reads the console and the network panel of no other.
    Together,
}

/// Starts it; without a proxy it finds no host but `localhost`.
pub(crate) fn start(proxy: Option<&Socks>, frames: Frames) -> Browser {
    start_with(proxy, frames, &json!({}))
}

/// The same with these preferences: <https://chromium.googlesource.com/chromium/src/+/HEAD/chrome/common/pref_names.h>.
pub(crate) fn start_with(proxy: Option<&Socks>, frames: Frames, preferences: &Value) -> Browser {
    let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
    let driver = Driver::start(Engine::Chromium, Command::new(program).arg("--port=0"), port_in);
    // Pages stay `http` where they are.
    let mut without = "HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable".to_owned();
    let mut isolation = "site-per-process";
    let mut logs = json!({ "browser": "ALL" });
    if frames == Frames::Together {
        without.push_str(",IsolateOrigins,site-per-process,IsolateSandboxedIframes");
        isolation = "disable-site-isolation-trials";
        logs["performance"] = json!("ALL");
    }
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
        // Not a minute after what they are about.
        "short-reporting-delay",
        format!("disable-features={without}"),
        isolation,
        // What does not go through the proxy stays on this machine.
        "host-resolver-rules=EXCLUDE localhost, EXCLUDE 127.0.0.1, MAP * ~NOTFOUND",
    ], "prefs": preferences });
    if let Ok(chromium) = env::var("CHROMIUM") {
        options["binary"] = json!(chromium);
    }
    let capabilities =
        Map::from_iter([("goog:chromeOptions".to_owned(), options), ("goog:loggingPrefs".to_owned(), logs)]);
    Browser::start(Engine::Chromium, driver, capabilities, proxy)
}

/// What the console says, since it was last asked: <https://chromium.googlesource.com/chromium/src/+/HEAD/docs/chromedriver_status.md>.
pub(crate) fn new_in_console(browser: &Browser) -> Vec<String> {
    new_in_log(browser, "browser")
}

/// The events of the network, since it was last asked: <https://chromedevtools.github.io/devtools-protocol/tot/Network/>.
pub(crate) fn new_network_events(browser: &Browser) -> Vec<Value> {
    let event = |message: &String| {
        serde_json::from_str::<Value>(message).expect("an event is JSON")["message"].clone()
    };
    new_in_log(browser, "performance").iter().map(event).collect()
}

fn new_in_log(browser: &Browser, kind: &str) -> Vec<String> {
    let log = Special { path: "se/log", body: json!({ "type": kind }) };
    let entries = browser.run(async |client| client.issue_cmd(log).await);
    let message = |entry: &Value| entry["message"].as_str().expect("a text").to_owned();
    entries.as_array().into_iter().flatten().map(message).collect()
}

/// From `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.parse().ok()
}
