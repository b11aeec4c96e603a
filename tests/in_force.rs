//! Which configuration is in force, and whom it denies: the fingerprint in log, gauge and `check`, a configuration with
//! problems that is in service all the same, and what the log says of denials once a minute.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use proxy_wasm_cors::config;
use serde_json::{Value, json};
use support::config::{Bootstrap, Configuration, Listener, cors_filter};
use support::envoy::{Directory, Envoy};
use support::expectation::Expectation;
use support::filter::Filter;
use support::http::{Request, send};
use support::upstream::{Answer, Upstream};
use support::wasm_log;

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

/// A minute, and what a busy machine adds to it.
const MINUTE: Duration = Duration::from_secs(75);
/// The longest that a gauge may lag behind.
const LAG: Duration = Duration::from_secs(5);

fn bootstrap(upstream_port: u16, configuration: &Configuration) -> Bootstrap {
    Bootstrap::new(upstream_port).dynamic().listener(&Listener::new("cors", vec![cors_filter(configuration)]))
}

/// The gauges of the filter, by their names behind `proxy_wasm_cors.`, the label of the module taken for a part of it.
fn gauges(envoy: &Envoy) -> BTreeMap<String, u64> {
    let stats: Value = serde_json::from_str(&envoy.admin("/stats?format=json")).expect("the page is JSON");
    let all = stats["stats"].as_array().into_iter().flatten();
    let own = all.filter_map(|stat| {
        let (_, name) = stat["name"].as_str()?.split_once("custom.proxy_wasm_cors.")?;
        Some((name.replace(".cors_fingerprint.", "."), stat["value"].as_u64()?))
    });
    own.filter(|(name, _)| name.starts_with("config")).collect()
}

#[track_caller]
fn wait_for(patience: Duration, what: &str, is_there: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !is_there() {
        assert!(Instant::now() < end, "{what} does not come");
        thread::sleep(Duration::from_millis(100));
    }
}

fn fingerprint(config: &Value) -> String {
    let loaded = config::load(Some(config.to_string().as_bytes()));
    loaded.fingerprint.expect("it is a configuration").to_string()
}

/// The same in every form of delivery; the gauge of one that was replaced is 0.
#[test]
fn the_fingerprint() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let first = json!({ "allow_origins": [APP, { "exact": EVIL }], "max_age": 600 });
    let same = r#"{"maxAge":600.0,"allowOrigins":["https://app.example.com","https://evil.example"]}"#;
    let second = json!({ "policies": [
        { "name": "a", "match": { "paths": ["/a"] }, "mode": "passthrough" },
        { "name": "b", "allow_origins": [APP] },
    ] });
    let (one, two) = (fingerprint(&first), fingerprint(&second));
    let first = bootstrap(upstream.port(), &Configuration::Struct(&first));
    // What is replaced ends when its connections do, at the latest after so many seconds.
    let envoy = Envoy::start_with(Directory::new(), &first, &["--drain-time-s", "1"]);
    let expected = |of_one: u64, of_two: Option<u64>| {
        let mut gauges =
            BTreeMap::from([("config_invalid".to_owned(), 0), (format!("config.{one}"), of_one)]);
        gauges.extend(of_two.map(|value| (format!("config.{two}"), value)));
        if of_one == 0 && Filter::under_test() == Filter::Module {
            // Gone with its configuration.
            gauges.remove(&format!("config.{one}"));
        }
        gauges
    };
    wait_for(LAG, "the first gauge", || gauges(&envoy) == expected(1, None));
    envoy.update(&bootstrap(upstream.port(), &Configuration::Text(same.to_owned())));
    envoy.update(&bootstrap(upstream.port(), &Configuration::Struct(&second)));
    wait_for(Duration::from_secs(20), "the second gauge", || gauges(&envoy) == expected(0, Some(1)));
    let (word, version) = (Filter::under_test().word(), env!("CARGO_PKG_VERSION"));
    let accepted = |policies, origins, fingerprint| {
        format!(
            "config: accepted: {policies} policies, {origins} origins, fingerprint {fingerprint}, {word} {version}"
        )
    };
    let texts: Vec<String> = wasm_log::lines(&envoy.log()).map(|line| line.text).collect();
    for line in [accepted(1, 2, &one), accepted(2, 1, &two)] {
        assert!(texts.contains(&line), "{line} is not among {texts:#?}");
    }
}

/// It serves, allows no one, and says so again and again; once it is fixed, everything is as usual. And each minute
/// reports what was denied in it.
#[test]
fn a_configuration_with_problems_in_service() {
    let upstream = Upstream::start(|_| Answer::new(200).header("Access-Control-Allow-Origin", EVIL));
    let broken = json!({ "on_invalid": "deny", "allow_origins": [APP, "https://b.example/"], "max_age": -1 });
    let start = bootstrap(upstream.port(), &Configuration::Struct(&broken));
    let envoy = Envoy::start(Directory::new(), &start);
    let port = envoy.port("cors");
    let get = |origin: &str| Request::new("GET", "/").header("Origin", origin).case(0);
    let denied = Expectation::denial("config-invalid", &["origin"]);
    let differences = denied.differences(&send(port, &Request::preflight("/", APP, "GET").case(0)));
    assert!(differences.is_empty(), "{differences:?}");
    let withheld = Expectation::new(200, &[], &["origin"]);
    for request in [get(APP), get(EVIL), Request::new("GET", "/").case(0)] {
        let differences = withheld.differences(&send(port, &request));
        assert!(differences.is_empty(), "{request}: {differences:?}");
    }
    assert_eq!(gauges(&envoy), BTreeMap::from([("config_invalid".to_owned(), 1)]));
    let lines = |text: &str| wasm_log::lines(&envoy.log()).filter(|line| line.text.contains(text)).count();
    assert!(lines("config: allow_origins[1]: `https://b.example/`") > 0, "{}", envoy.log());
    let number = "config: 2 problems, so no origin is allowed until";
    let before = lines(number);
    assert!(before > 0, "{}", envoy.log());
    wait_for(MINUTE, "the number again", || lines(number) > before);
    wait_for(LAG, "the digest", || lines(" in the last minute; most often `https://") > 0);
    let log = envoy.log();
    let digests: Vec<_> = wasm_log::lines(&log).filter(|line| line.level == "warning").collect();
    let told: String = digests.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    assert!(told.contains(" in the last minute; most often `https://"), "{told}");
    assert!(told.contains("config-invalid"), "{told}");

    let fixed = json!({ "on_invalid": "deny", "allow_origins": [APP] });
    envoy.update(&bootstrap(upstream.port(), &Configuration::Struct(&fixed)));
    wait_for(Duration::from_secs(20), "the gauge", || gauges(&envoy).get("config_invalid") == Some(&0));
    let allowed = Expectation::new(200, &[("access-control-allow-origin", APP)], &["origin"]);
    let differences = allowed.differences(&send(envoy.port("cors"), &get(APP)));
    assert!(differences.is_empty(), "{differences:?}");
}
