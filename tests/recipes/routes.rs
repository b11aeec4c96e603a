//! Recipes for routes: the filter off, or chosen, or `Origin` taken away behind it.

use std::path::Path;

use serde_json::{Value, json};

use super::recipe::{ALLOW_APP, APP, DENIED, EVIL, Recipe};
use super::{app, check_telling, of_upstream, page, readable, withheld};
use crate::support::bench::{Bench, Exchange};
use crate::support::config::{Bootstrap, Configuration, Listener, named_cors_filter, typed};
use crate::support::envoy::run_to_end;
use crate::support::expectation::Expectation;
use crate::support::filter::Filter;
use crate::support::http::Request;
use crate::support::upstream::Answer;

const ADMIN: &str = "https://admin.example.com";
const ALLOW_ADMIN: &[(&str, &str)] = &[("access-control-allow-origin", ADMIN)];

const OFF: &str = "No filter on a route";
const INSTANCES: &str = "One instance per route";
const JUDGES: &str = "Servers that judge `Origin` themselves";
const UPGRADES: &str = "WebSockets with filters of their own";
const HTTPS: &str = "From http to https";

pub(crate) fn listeners() -> Vec<Listener> {
    let off = Recipe::new(OFF, &app());
    let instances = [
        ("cors-public", &json!({ "name": "instance-public", "allow_origins": ["*"] })),
        ("cors-admin", &json!({ "name": "instance-admin", "allow_origins": [ADMIN] })),
    ];
    let blocking = json!({ "allow_origins": [APP], "block_denied_requests": true });
    let judges = Recipe::new(JUDGES, &blocking);
    let upgrades = Recipe::new(UPGRADES, &page::policy("websockets"));
    vec![
        off.clone().listener("off"),
        off.without("/routes/0/typed_per_filter_config").listener("on"),
        Recipe::of(INSTANCES, Path::new(""), &instances).listener("instances"),
        judges.clone().listener("judges"),
        judges.without("/routes/0/request_headers_to_remove").listener("judges by origin"),
        Recipe::new(JUDGES, &app()).listener("judges, not blocked"),
        upgrades.clone().listener("upgrades"),
        upgrades.with("/upgrade_configs/0/filters", json!([])).listener("upgrades without"),
        Recipe::new(HTTPS, &app()).listener("http"),
        two("two", json!({ "name": "second", "allow_origins": [ADMIN] })),
        two(
            "two, blocking",
            json!({ "name": "second-blocks", "allow_origins": [ADMIN], "block_denied_requests": true }),
        ),
    ]
}

/// Two instances, of which the second does not allow what the first one does.
fn two(name: &str, second: Value) -> Listener {
    let of = |name: &str, policy: &Value| named_cors_filter(name, &Configuration::Struct(policy));
    Listener::new(name, vec![of("first", &app()), of("second", &second)])
}

pub(crate) fn rows(bench: &mut Bench) {
    switched_off(bench);
    instances(bench);
    two_instances(bench);
    judges(bench);
    upgrades(bench);
    to_https(bench);
}

/// With what an upstream says of CORS.
fn answered(request: Request) -> Exchange {
    Exchange::new(request, Answer::new(200).header("Access-Control-Allow-Origin", "*"))
}

fn get(path: &str, origin: &str) -> Request {
    Request::new("GET", path).header("Origin", origin)
}

fn preflight(path: &str, origin: &str) -> Request {
    Request::preflight(path, origin, "GET")
}

fn switched_off(bench: &mut Bench) {
    for origin in [APP, EVIL] {
        bench.check("off", answered(preflight("/dav/1", origin)), &of_upstream(200), "-");
        bench.check("off", answered(get("/dav/1", origin)), &of_upstream(200), "-");
    }
    for (listener, path) in [("off", "/jobs"), ("on", "/dav/1")] {
        let allowed = Expectation::new(204, ALLOW_APP, &["origin"]);
        bench.check(listener, answered(preflight(path, APP)), &allowed, "allowed");
        bench.check(listener, answered(get(path, APP)), &readable(200), "-");
        let denied = Expectation::denial("origin-not-allowed", &["origin"]);
        bench.check(listener, answered(preflight(path, EVIL)), &denied, DENIED);
        bench.check(listener, answered(get(path, EVIL)), &withheld(200), DENIED);
    }
}

fn instances(bench: &mut Bench) {
    let anyone: &[(&str, &str)] = &[("access-control-allow-origin", "*")];
    let any = |status| Expectation::new(status, anyone, &[]);
    let admin = |status| Expectation::new(status, ALLOW_ADMIN, &["origin"]);
    let denied = Expectation::denial("origin-not-allowed", &["origin"]);
    let mut check = |request, expected: &Expectation, recorded: &str| {
        bench.check("instances", answered(request), expected, recorded);
    };
    check(preflight("/admin/users", ADMIN), &admin(204), "allowed");
    check(get("/admin/users", ADMIN), &admin(200), "-");
    check(preflight("/admin/users", EVIL), &denied, DENIED);
    check(get("/admin/users", EVIL), &withheld(200), DENIED);
    check(preflight("/public/prices", EVIL), &any(204), "allowed");
    check(get("/public/prices", EVIL), &any(200), "-");
    check(preflight("/jobs", EVIL), &of_upstream(200), "-");
    check(get("/jobs", EVIL), &of_upstream(200), "-");
}

/// Neither policy holds: the first one answers preflights and has the last word on responses, but either may block. To a
/// module an answer of the first one is one of an earlier filter, from which it takes the headers.
fn two_instances(bench: &mut Bench) {
    let allowed = match Filter::under_test() {
        Filter::Plugin => Expectation::new(204, ALLOW_APP, &["origin"]),
        Filter::Module => withheld(204),
    };
    for listener in ["two", "two, blocking"] {
        bench.check(listener, preflight("/", APP), &allowed, "allowed");
    }
    bench.check("two", answered(get("/", APP)), &readable(200), DENIED);
    bench.check("two, blocking", get("/", APP), &readable(403), DENIED);
}

/// The filter judges `Origin`, and the upstream does not see it.
fn judges(bench: &mut Bench) {
    let denied = Expectation::denial("origin-not-allowed", &["origin"]);
    for (listener, origin, expected, recorded, seen) in [
        ("judges", APP, &readable(200), "-", Some(None)),
        ("judges", EVIL, &denied, DENIED, None),
        ("judges by origin", APP, &readable(200), "-", Some(Some(APP))),
        ("judges by origin", EVIL, &denied, DENIED, None),
        ("judges, not blocked", EVIL, &withheld(200), DENIED, Some(None)),
    ] {
        bench.check(listener, get("/socket.io/", origin), expected, recorded);
        let origins: Vec<_> = bench.seen().iter().map(|seen| seen.value("origin")).collect();
        let expected: Vec<_> = seen.iter().map(|origin| origin.map(str::to_owned)).collect();
        assert_eq!(origins, expected, "{listener}, {origin}: what the upstream sees");
    }
}

/// The list of an upgrade's own filters replaces the chain.
fn upgrades(bench: &mut Bench) {
    let handshake = |origin| {
        let request = get("/socket", origin)
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        Exchange::new(request, Answer::new(101))
    };
    let denied = Expectation::denial("origin-not-allowed", &["origin"]);
    bench.check("upgrades", handshake(APP), &readable(101), "-");
    bench.check("upgrades", handshake(EVIL), &denied, DENIED);
    bench.check("upgrades", get("/", EVIL), &withheld(200), DENIED);
    bench.check("upgrades without", handshake(EVIL), &super::untouched(101), "-");
    bench.check("upgrades without", get("/", EVIL), &withheld(200), DENIED);
}

/// The page may read the redirect, and browsers follow it as nobody.
fn to_https(bench: &mut Bench) {
    let allowed = Expectation::new(204, ALLOW_APP, &["origin"]);
    bench.check("http", preflight("/jobs", APP), &allowed, "allowed");
    let there = "https://api.example.com/jobs";
    check_telling(bench, "http", get("/jobs", APP), (&readable(301), "-"), there);
    bench.check("http", get("/jobs", EVIL), &withheld(301), DENIED);
    // Where it leads to, under the same policy.
    let null = Expectation::denial("origin-null", &["origin"]);
    bench.check("on", preflight("/jobs", "null"), &null, "denied:origin-null");
    bench.check("on", get("/jobs", "null"), &withheld(200), "denied:origin-null");
}

/// Which is why the recipe has another.
#[test]
fn the_type_of_the_plugin_is_refused_on_a_route() {
    let plugin = typed("filters.http.wasm.v3.Wasm", &json!({}));
    let recipe = Recipe::new(OFF, &app()).with("/routes/0/typed_per_filter_config/cors", plugin);
    let bootstrap = Bootstrap::new(1).cluster("api", 1).listener(&recipe.listener("off"));
    let ended = run_to_end(&bootstrap, &["--mode", "validate"]);
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    let refused = "doesn't support virtual host or route specific configurations";
    assert!(ended.log.contains(refused), "{}", ended.log);
}
