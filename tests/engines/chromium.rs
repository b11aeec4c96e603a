//! A headless Chromium, driven by its chromedriver.

use std::env;
use std::process::Command;

use serde_json::json;

use super::Engine;
use super::driver::{Browser, Driver};
use super::socks::Socks;

/// Starts it; without a proxy it finds no host but `localhost`.
pub(crate) fn start(proxy: Option<&Socks>) -> Browser {
    let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
    let driver = Driver::start(Engine::Chromium, Command::new(program).arg("--port=0"), port_in);
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
        // Pages stay `http` where they are.
        "disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable",
        // What does not go through the proxy stays on this machine.
        "host-resolver-rules=EXCLUDE localhost, EXCLUDE 127.0.0.1, MAP * ~NOTFOUND",
    ] });
    if let Ok(chromium) = env::var("CHROMIUM") {
        options["binary"] = json!(chromium);
    }
    Browser::start(Engine::Chromium, driver, ("goog:chromeOptions", options), proxy)
}

/// From `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.parse().ok()
}
