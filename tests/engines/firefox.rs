//! A headless Firefox, driven by its geckodriver.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::Engine;
use super::driver::{Browser, Driver, Special};
use super::socks::Socks;

/// Where `make firefox` puts it if there is none.
const FETCHED: &str = "target/geckodriver/bin/geckodriver";

/// Starts it.
pub(crate) fn start(proxy: &Socks) -> Browser {
    let mut command = Command::new(geckodriver());
    // `--allow-system-access`: the console is the browser's, not the page's.
    command.args(["--port", "0", "--websocket-port", "0", "--allow-system-access"]);
    // Without it Firefox keeps to its own server of settings.
    command.env("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1");
    let driver = Driver::start(Engine::Firefox, &mut command, port_in);
    let mut options = json!({
        "args": ["-headless"],
        "prefs": {
            // The proxy finds hosts, and nobody else is asked.
            "network.proxy.socks5_remote_dns": true,
            "network.proxy.socks_remote_dns": true,
            // What the proxy refuses is not tried without it.
            "network.proxy.failover_direct": false,
            "network.trr.mode": 5,
            "network.dns.disablePrefetch": true,
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
            // What Mozilla's own tests say, for a server of settings that is not there.
            "services.settings.server": "data:,#remote-settings-dummy/v1",
            // Pages stay `http` where they are.
            "dom.security.https_first": false,
        },
    });
    if let Ok(firefox) = env::var("FIREFOX") {
        options["binary"] = json!(firefox);
    }
    let capabilities = Map::from_iter([("moz:firefoxOptions".to_owned(), options)]);
    Browser::start(Engine::Firefox, driver, capabilities, Some(proxy))
}

/// What the console says: <https://searchfox.org/mozilla-central/source/xpcom/base/nsIConsoleService.idl>.
pub(crate) fn console(browser: &Browser) -> Vec<String> {
    const MESSAGES: &str = "return Services.console.getMessageArray()
        .filter((it) => it instanceof Ci.nsIScriptError).map((it) => it.errorMessage)";
    let messages = browser.run(async |client| {
        client.issue_cmd(Special { path: "moz/context", body: json!({ "context": "chrome" }) }).await?;
        client.execute(MESSAGES, vec![]).await
    });
    let message = |message: &Value| message.as_str().expect("a text").to_owned();
    messages.as_array().into_iter().flatten().map(message).collect()
}

/// `GECKODRIVER`, the one that was fetched, or that of the system.
fn geckodriver() -> OsString {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join(FETCHED);
    let found = || if fetched.is_file() { fetched.into_os_string() } else { "geckodriver".into() };
    env::var_os("GECKODRIVER").unwrap_or_else(found)
}

/// From a line that ends in `Listening on 127.0.0.1:40123`.
fn port_in(line: &str) -> Option<u16> {
    line.rsplit_once("Listening on 127.0.0.1:")?.1.trim().parse().ok()
}
