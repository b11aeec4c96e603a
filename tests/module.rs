//! What the dynamic module can do but the plugin cannot: separate policies for routes, in `envoy/dynamic-module.yaml`,
//! and CORS headers on the answers of earlier filters. And a panic in it, which costs one request.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use support::access_log::AccessLog;
use support::cargo;
use support::config::{Bootstrap, Configuration, Listener, UPSTREAM, filter};
use support::envoy::{Directory, Envoy, run_to_end_from};
use support::example;
use support::expectation::Expectation;
use support::failures::Failures;
use support::filter::{Filter, module_filter};
use support::http::{Request, send};
use support::http2;
use support::upstream::{Answer, Upstream};
use support::wait::wait_until;

type Headers = &'static [(&'static str, &'static str)];

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://crm.partner.example";
const EVIL: &str = "https://evil.example";

const API: &str = "api.example.com";
const PARTNERS: &str = "partners.example.com";

const REST: Headers = &[
    ("access-control-allow-origin", APP),
    ("access-control-allow-methods", "PUT,DELETE"),
    ("access-control-allow-headers", "content-type"),
    ("access-control-max-age", "600"),
];
const OF_HOST: Headers = &[("access-control-allow-origin", PARTNER)];
const ANYONE: Headers = &[("access-control-allow-origin", "*")];

/// Preflights for GET: host, path, origin, and the headers of the answer if it is allowed. Nothing of a less specific policy
/// is left in a more specific one.
const PREFLIGHTS: [(&str, &str, &str, Option<Headers>); 9] = [
    (API, "/", APP, Some(REST)),
    (API, "/", PARTNER, None),
    (API, "/prices", EVIL, None),
    (PARTNERS, "/orders", PARTNER, Some(OF_HOST)),
    (PARTNERS, "/orders", APP, None),
    ("partners.example.com:10000", "/orders", PARTNER, Some(OF_HOST)),
    (PARTNERS, "/prices", EVIL, Some(ANYONE)),
    (PARTNERS, "/prices/1", APP, Some(ANYONE)),
    (PARTNERS, "/prices", PARTNER, Some(ANYONE)),
];

#[test]
fn policies_of_routes() {
    let upstream = Upstream::start(|_| Answer::new(200).header("Access-Control-Allow-Origin", EVIL));
    let envoy = Envoy::start_from(example::checkout(upstream.port()), example::DYNAMIC_MODULE, &[]);
    let port = envoy.port(example::LISTENER);
    let mut failures = Failures::new("envoy/dynamic-module.yaml");
    for (host, path, origin, allowed) in PREFLIGHTS {
        let vary: &[&str] = if allowed == Some(ANYONE) { &[] } else { &["origin"] };
        let (of_preflight, of_request) = match allowed {
            Some(headers) => {
                (Expectation::new(204, headers, vary), Expectation::new(200, &headers[..1], vary))
            }
            None => (Expectation::denial("origin-not-allowed", vary), Expectation::new(200, &[], vary)),
        };
        let preflight = Request::preflight(path, origin, "GET").authority(host).case(0);
        failures.row(preflight.to_string(), of_preflight.differences(&send(port, &preflight)));
        let request = Request::new("GET", path).header("Origin", origin).authority(host).case(0);
        failures.row(request.to_string(), of_request.differences(&send(port, &request)));
    }
    let disabled = Request::new("GET", "/legacy").header("Origin", APP).case(0);
    let untouched = Expectation::new(200, &[("access-control-allow-origin", EVIL)], &[]);
    failures.row(disabled.to_string(), untouched.differences(&send(port, &disabled)));
    failures.finish();
    let count = |policy: &str, outcome: &str| envoy.stat(&Filter::Module.stat(policy, outcome));
    // Those of routes count at once.
    let of_routes = [("partners", "preflight_allowed"), ("prices", "request_allowed")];
    assert_eq!(of_routes.map(|(policy, outcome)| count(policy, outcome)), [2, 3]);
    wait_until("the filter's own policy has counted", || count("rest", "preflight_allowed") > 0);
    assert_eq!(count("rest", "preflight_allowed"), 1);
}

/// What the documentation shows of a route's policy is in the example, line by line but for its anchor.
#[test]
fn the_documentation_shows_the_example() {
    let example = example::read(example::DYNAMIC_MODULE);
    let module = format!("{{ name: proxy_wasm_cors_{} }}", env!("CARGO_PKG_VERSION"));
    assert!(example.contains(&format!("dynamic_module_config: &module {module}")), "another version");
    let document = example::read("docs/dynamic-module.md");
    let shown = document.split_once("## Policies for routes").expect("the document has this part").1;
    let shown = shown.split("```").nth(1).expect("with a block").trim_start_matches("yaml\n");
    let mut rest = example.lines().map(str::trim);
    for line in shown.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()) {
        let line = line.replace(&module, "*module");
        assert!(rest.any(|other| other == line), "not in the example, or not in this order: {line}");
    }
}

/// A bad policy of a route refuses the configuration, and every problem is named.
#[test]
fn a_bad_policy_of_a_route() {
    let directory = example::checkout(1);
    let text = fs::read_to_string(directory.path().join(example::DYNAMIC_MODULE)).expect("it is there");
    let bad = text.replace(
        r#"allow_origins: ["https://*.partner.example"]"#,
        r#"{ allow_origins: ["a", "b/"], max_age: -1 }"#,
    );
    let bad = bad.replace("name: partners\n                      {", "{ name: partners,");
    assert_ne!(bad, text);
    fs::write(directory.path().join(example::DYNAMIC_MODULE), bad).expect("it can be written");
    let ended = run_to_end_from(&directory, example::DYNAMIC_MODULE, &["--mode", "validate"]);
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    for problem in [
        "config: allow_origins[0]: `a`",
        "config: allow_origins[1]: `b/`",
        "config: max_age: ",
        "config: refused for 3 problems",
    ] {
        assert!(ended.log.contains(problem), "no {problem} in\n{}", ended.log);
    }
}

/// Filters before it answer, and it has its say: but what it did not do it does not record.
#[test]
fn answers_of_earlier_filters() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let rules = json!({ "rules": { "action": "ALLOW" } });
    let deny_all = filter("rbac", "rbac.v3.RBAC", &rules);
    let config = json!({ "allow_origins": [APP], "block_denied_requests": true });
    let directory = Directory::new();
    let log = AccessLog::new(directory.path());
    let filters = vec![deny_all, Filter::Module.named("cors", &Configuration::Struct(&config))];
    let listener = Listener::new("late", filters).access_log(log.path());
    let envoy = Envoy::start(directory, &Bootstrap::new(upstream.port()).listener(&listener));
    let allowed = Expectation::new(403, &[("access-control-allow-origin", APP)], &["origin"]);
    let withheld = Expectation::new(403, &[], &["origin"]);
    let get = || Request::new("GET", "/");
    let preflight = |origin| Request::preflight("/", origin, "GET");
    let rows = [
        (get().header("Origin", APP), &allowed, "-"),
        (get().header("Origin", EVIL), &withheld, "denied:origin-not-allowed"),
        (get(), &withheld, "-"),
        (preflight(APP), &allowed, "-"),
        (preflight(EVIL), &withheld, "-"),
    ];
    let mut failures = Failures::new("answers of earlier filters");
    for (case, (request, expected, _)) in rows.iter().enumerate() {
        let request = request.clone().case(case);
        let response = send(envoy.port("late"), &request);
        failures.row(request.to_string(), expected.differences(&response));
    }
    failures.finish();
    let recorded = log.wait_for(rows.len());
    for (case, (request, _, expected)) in rows.iter().enumerate() {
        assert_eq!(recorded[&case], *expected, "{request}");
    }
    let counted = ["preflight_allowed", "preflight_denied", "request_allowed", "request_denied"];
    let count = |outcome: &str| envoy.stat(&Filter::Module.stat("default", outcome));
    wait_until("both are counted", || count("request_allowed") + count("request_denied") >= 2);
    assert_eq!(counted.map(count), [0, 0, 1, 1]);
}

/// Content after the headers of an answer to HEAD would break the stream.
#[test]
fn head_over_http2() {
    let config = json!({ "allow_origins": [APP], "block_denied_requests": true });
    let listener = Listener::new("head", vec![Filter::Module.named("cors", &Configuration::Struct(&config))]);
    let envoy = Envoy::start(Directory::new(), &Bootstrap::new(1).listener(&listener));
    let blocked = |method| Request::new(method, "/").header("Origin", EVIL).case(0);
    let responses = http2::send_all(envoy.port("head"), &[blocked("HEAD"), blocked("GET")]);
    let bodies = responses.into_iter().map(|response| {
        let response = response.expect("a whole answer");
        let denial = Expectation::new(403, &[], &["origin"]);
        assert_eq!(denial.differences(&response), Vec::<String>::new());
        (response.head.value("content-length"), String::from_utf8_lossy(&response.body).into_owned())
    });
    let reason = "origin-not-allowed";
    let length = Some(reason.len().to_string());
    assert_eq!(bodies.collect::<Vec<_>>(), [(length.clone(), String::new()), (length, reason.to_owned())]);
}

/// The module, in which a test can ask for a panic.
fn with_panics() -> PathBuf {
    // Not where the others have theirs.
    let directory = format!("{}/with-panics", env!("CARGO_TARGET_TMPDIR"));
    cargo::module(&["--features", "injected-panic", "--target-dir", &directory])
}

/// One request gets a 500, and all others what they would have got.
#[test]
fn a_panic() {
    let panics = Answer::new(200).header("X-Panic", "1").header("Access-Control-Allow-Origin", "*");
    let upstream = Upstream::start(move |case| if case == 1 { panics.clone() } else { Answer::new(200) });
    let config = json!({ "allow_origins": [APP] });
    let filters = vec![module_filter("cors", &with_panics(), &Configuration::Struct(&config))];
    let envoy = Envoy::start(
        Directory::new(),
        &Bootstrap::new(upstream.port()).listener(&Listener::new("cors", filters)),
    );
    let get = |case: usize| Request::new("GET", "/").header("Origin", APP).case(case);
    let check = |request: Request, status: u16, headers: Headers, vary: &[&str]| {
        let differences =
            Expectation::new(status, headers, vary).differences(&send(envoy.port("cors"), &request));
        assert_eq!(differences, Vec::<String>::new(), "{request}");
    };
    let allowed: Headers = &[("access-control-allow-origin", APP)];
    for _ in 0..3 {
        check(get(0), 200, allowed, &["origin"]);
        check(get(0).header("X-Panic", "1"), 500, &[], &[]);
        check(get(1), 500, &[], &[]);
        check(get(0), 200, allowed, &["origin"]);
    }
    assert_eq!(upstream.seen(0).len(), 6, "a request that fails goes no further");
    assert_eq!(envoy.log().matches("critical|dynamic_modules|").count(), 6, "{}", envoy.log());
}

/// A policy as the configuration of a route.
fn per_route(policy: &Value) -> Value {
    let mut route = Filter::Module.named("x", &Configuration::Struct(policy))["typed_config"].clone();
    // Not every release takes a file here.
    route["dynamic_module_config"] =
        json!({ "name": concat!("proxy_wasm_cors_", env!("CARGO_PKG_VERSION")) });
    route["@type"] = json!(
        "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilterPerRoute"
    );
    route.as_object_mut().expect("an object").remove("filter_name");
    route
}

/// A later filter that changes the route takes the policy's word back.
#[test]
fn another_route() {
    let script = "function envoy_on_request(handle) \
                  local path = handle:headers():get('x-path') \
                  if path then handle:headers():replace(':path', path) handle:clearRouteCache() end end";
    let lua = filter("lua", "lua.v3.Lua", &json!({ "default_source_code": { "inline_string": script } }));
    let config = json!({ "allow_origins": [APP] });
    let upstream = Upstream::start(|_| Answer::new(200));
    let other = json!({ "name": "other", "allow_origins": [APP, PARTNER] });
    let routes = vec![
        json!({ "match": { "prefix": "/other" }, "route": { "cluster": UPSTREAM }, "typed_per_filter_config": { "envoy.filters.http.dynamic_modules": per_route(&other) } }),
        json!({ "match": { "prefix": "/" }, "route": { "cluster": UPSTREAM } }),
    ];
    let filters = vec![Filter::Module.named("cors", &Configuration::Struct(&config)), lua];
    let listener = Listener::new("routed", filters).routes(routes);
    let envoy = Envoy::start(
        example::checkout(upstream.port()),
        &Bootstrap::new(upstream.port()).listener(&listener),
    );
    for (path, to, is_allowed) in [
        ("/", None, true),
        ("/other", None, true),
        ("/", Some("/x"), true),
        ("/other", Some("/other/x"), true),
        ("/", Some("/other"), false),
        ("/other", Some("/"), false),
    ] {
        let request = Request::new("GET", path).header("Origin", APP).case(0);
        let request = to.iter().fold(request, |request, to| request.header("x-path", to));
        let headers: Headers = if is_allowed { &[("access-control-allow-origin", APP)] } else { &[] };
        let differences =
            Expectation::new(200, headers, &["origin"]).differences(&send(envoy.port("routed"), &request));
        assert_eq!(differences, Vec::<String>::new(), "{request}");
    }
}
