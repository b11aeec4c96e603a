//! The filter is the authority over CORS on every response that it sees, wherever the response comes from: without a
//! route, by a redirect, by a direct response, for a dead upstream, by a later filter, with headers that the route
//! adds, and on a 304. A blocking policy stops WebSocket handshakes too, but never a request from its own origin.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::bench::{Bench, Exchange};
use support::config::{Bootstrap, Configuration, Listener, UPSTREAM, cors_filter, filter};
use support::envoy::{Directory, Envoy};
use support::expectation::Expectation;
use support::failures::Failures;
use support::filter::Filter;
use support::http::{Request, send};
use support::http2::send_all;
use support::upstream::{Answer, Upstream};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";
const DENIED: &str = "denied:origin-not-allowed";
const NOT_BLOCKED: &str = "not-blocked:origin-not-allowed";

type Headers = &'static [(&'static str, &'static str)];

const NOTHING: Headers = &[];
const ALLOW_ORIGIN_APP: (&str, &str) = ("access-control-allow-origin", APP);
const CREDENTIALS: (&str, &str) = ("access-control-allow-credentials", "true");
const EXPOSE: (&str, &str) = ("access-control-expose-headers", "X-Job-Id");
const LISTED: Headers = &[ALLOW_ORIGIN_APP, CREDENTIALS, EXPOSE];
const ANYONE: Headers = &[("access-control-allow-origin", "*"), EXPOSE];
const MADE_BY_ROUTE: Headers = &[("access-control-allow-origin", "https://route.example")];

/// Where a response is made: path, status, and the names it has in `Vary` before the filter sees it.
const PLACES: [(&str, u16, &[&str]); 8] = [
    ("/upstream", 200, &[]),
    ("/no-route", 404, &[]),
    ("/redirect", 301, &[]),
    ("/direct", 418, &[]),
    ("/dead", 503, &[]),
    ("/forbidden", 403, &[]),
    ("/added", 200, &["accept"]),
    ("/not-modified", 304, &["accept-encoding"]),
];

/// What a policy makes of any of these responses: policy, origin, headers, whether `Vary` names `Origin`, and what the
/// access log says.
const REQUESTS: [(&str, Option<&str>, Headers, bool, &str); 13] = [
    ("listed", Some(APP), LISTED, true, "-"),
    ("listed", Some(EVIL), NOTHING, true, DENIED),
    ("listed", None, NOTHING, true, "-"),
    ("blocking", Some(APP), LISTED, true, "-"),
    ("blocking", None, NOTHING, true, "-"),
    ("star", Some(APP), ANYONE, false, "-"),
    ("star", Some(EVIL), ANYONE, false, "-"),
    ("star", None, ANYONE, false, "-"),
    ("echo", Some(APP), LISTED, true, "-"),
    ("echo", None, NOTHING, true, "-"),
    ("shadow", Some(APP), NOTHING, false, "-"),
    ("shadow", Some(EVIL), NOTHING, false, "shadow-denied:origin-not-allowed"),
    ("shadow", None, NOTHING, false, "-"),
];

#[test]
fn responses_made_anywhere() {
    let mut bench = bench("local replies");
    for (policy, origin, headers, varies, recorded) in REQUESTS {
        for (path, status, vary) in PLACES {
            let request = Request::new("GET", path);
            let request = origin.iter().fold(request, |request, origin| request.header("Origin", origin));
            let is_untouched = policy == "shadow" && path == "/added";
            let headers = if is_untouched { MADE_BY_ROUTE } else { headers };
            let vary = if varies { [vary, &["origin"]].concat() } else { vary.to_vec() };
            let expected = Expectation::new(status, headers, &vary);
            bench.check(policy, Exchange::new(request, answer(path)), &expected, recorded);
        }
    }
    bench.finish();
}

#[test]
fn preflights_anywhere() {
    let mut bench = bench("preflights before local replies");
    for (path, _, vary) in PLACES {
        // Only what the route adds is in the reply of the filter: no upstream has answered.
        let vary = if path == "/added" { of_route(vary) } else { &[] };
        let with_origin = [vary, &["origin"]].concat();
        let preflight = |origin| Request::preflight(path, origin, "GET");
        bench.check("listed", preflight(APP), &Expectation::new(204, LISTED, &with_origin), "allowed");
        bench.check(
            "listed",
            preflight(EVIL),
            &Expectation::denial("origin-not-allowed", &with_origin),
            DENIED,
        );
        bench.check("star", preflight(EVIL), &Expectation::new(204, ANYONE, vary), "allowed");
        bench.check("echo", preflight(APP), &Expectation::new(204, LISTED, &with_origin), "allowed");
    }
    bench.finish();
}

/// What the route adds to an answer of the filter. To that of the module, as to that of Envoy's own CORS filter, nothing: it
/// is not a local reply.
fn of_route(names: &'static [&'static str]) -> &'static [&'static str] {
    match Filter::under_test() {
        Filter::Plugin => names,
        Filter::Module => &[],
    }
}

#[test]
fn blocked_anywhere() {
    let mut bench = bench("blocked before local replies");
    for (path, _, vary) in PLACES {
        let vary = if path == "/added" { [of_route(vary), &["origin"]].concat() } else { vec!["origin"] };
        let blocked = Expectation::denial("origin-not-allowed", &vary);
        bench.check("blocking", Request::new("GET", path).header("Origin", EVIL), &blocked, DENIED);
        bench.check("blocking", web_socket(path, EVIL), &blocked, DENIED);
    }
    let switched = |headers| Expectation::new(101, headers, &["origin"]);
    let handshake = |origin| Exchange::new(web_socket("/upstream", origin), Answer::new(101));
    bench.check("blocking", handshake(APP), &switched(LISTED), "-");
    bench.check("listed", handshake(APP), &switched(LISTED), "-");
    bench.check("listed", handshake(EVIL), &switched(NOTHING), NOT_BLOCKED);
    bench.finish();
}

/// The policy of a route is for that route alone: if a later filter chooses another one, the page learns nothing.
#[test]
fn another_route() {
    let script = "function envoy_on_request(handle) \
                  local path = handle:headers():get('x-path') \
                  if path then handle:headers():replace(':path', path) handle:clearRouteCache() end end";
    let lua = filter("lua", "lua.v3.Lua", &json!({ "default_source_code": { "inline_string": script } }));
    let config = json!({ "policies": [
        { "name": "jobs", "match": { "routes": ["jobs*"] }, "allow_origins": [APP] },
        { "name": "rest", "allow_origins": ["*"] },
    ] });
    let to = |name: &str| json!({ "name": name, "match": { "prefix": format!("/{name}") }, "route": { "cluster": UPSTREAM } });
    let mut bench = Bench::start("another route", |upstream_port, access_log| {
        let filters = vec![cors_filter(&Configuration::Struct(&config)), lua];
        let listener =
            Listener::new("routed", filters).routes(vec![to("jobs"), to("jobs-archive"), to("other")]);
        Bootstrap::new(upstream_port).listener(&listener.access_log(access_log))
    });
    let get = |path: &str| Request::new("GET", path).header("Origin", APP);
    let allowed = Expectation::new(200, &[ALLOW_ORIGIN_APP], &["origin"]);
    let withheld = Expectation::new(200, NOTHING, &["origin"]);
    bench.check("routed", get("/jobs/1"), &allowed, "-");
    bench.check("routed", get("/jobs/1").header("x-path", "/jobs/2"), &allowed, "-");
    bench.check("routed", get("/jobs/1").header("x-path", "/other"), &withheld, "denied:route-changed");
    // Already withheld, for another reason.
    let evil = Request::new("GET", "/jobs/1").header("Origin", EVIL).header("x-path", "/other");
    bench.check("routed", evil, &withheld, DENIED);
    // Not chosen by a route.
    let any = Expectation::new(200, &[("access-control-allow-origin", "*")], &[]);
    bench.check("routed", get("/other").header("x-path", "/jobs/1"), &any, "-");
    bench.finish();
}

/// Where Envoy gives each of its replies a body, that to a preflight has a status that may have one: over HTTP/2, and
/// behind another Envoy, an answer with content and 204 is a broken one. An answer of the module is none of these replies.
#[test]
fn a_body_for_every_reply() {
    let is_local_reply = Filter::under_test() == Filter::Plugin;
    let formats = json!({ "body_format": { "json_format": { "message": "%LOCAL_REPLY_BODY%", "code": "%RESPONSE_CODE%" } } });
    let upstream = Upstream::start(|_| Answer::new(200));
    let listener = |name: &str, status: u16| {
        let config = json!({ "allow_origins": [APP], "preflight_status": status });
        Listener::new(name, vec![cors_filter(&Configuration::Struct(&config))])
    };
    let with_bodies = |listener: Listener| listener.manager(json!({ "local_reply_config": formats }));
    let bootstrap = [204, 205, 299].into_iter().fold(Bootstrap::new(upstream.port()), |bootstrap, status| {
        bootstrap.listener(&with_bodies(listener(&status.to_string(), status)))
    });
    let envoy = Envoy::start(Directory::new(), &bootstrap.listener(&listener("plain", 204)));
    let front = Bootstrap::new(envoy.port("204")).listener(&Listener::new("front", Vec::new()));
    let front = Envoy::start(Directory::new(), &front);
    let preflight = |origin| Request::preflight("/", origin, "GET").case(0);
    let status = |port, origin| send(port, &preflight(origin)).status;
    let mut failures = Failures::new("replies with bodies");
    let mut check = |name: &str, expected: u16, got: u16| {
        failures.row(
            name.to_owned(),
            (expected != got).then(|| format!("{got}, not {expected}")).into_iter().collect(),
        );
    };
    let of_204 = if is_local_reply { 200 } else { 204 };
    check("without a body", 204, status(envoy.port("plain"), APP));
    check("204", of_204, status(envoy.port("204"), APP));
    check("205", if is_local_reply { 200 } else { 205 }, status(envoy.port("205"), APP));
    check("another that may have one", 299, status(envoy.port("299"), APP));
    check("a denied one", 403, status(envoy.port("204"), EVIL));
    check("behind another Envoy", of_204, status(front.port("front"), APP));
    let over_http2 = send_all(envoy.port("204"), &[preflight(APP)]).remove(0).expect("a whole answer");
    check("over HTTP/2", of_204, over_http2.status);
    assert_eq!(over_http2.body.starts_with(b"{"), is_local_reply, "{}", over_http2.body.escape_ascii());
    failures.finish();
}

/// `Host`, `X-Forwarded-Proto`, `Origin`, and whether the origin is the request's own.
const OWN_ORIGINS: [(&str, Option<&str>, &str, bool); 16] = [
    ("api.example.com", None, "http://api.example.com", true),
    ("api.example.com", Some("http"), "http://api.example.com", true),
    ("api.example.com", Some("https"), "https://api.example.com", true),
    ("API.Example.com", None, "http://api.example.com", true),
    ("api.example.com:80", None, "http://api.example.com", true),
    ("api.example.com:443", Some("https"), "https://api.example.com", true),
    ("api.example.com:8080", None, "http://api.example.com:8080", true),
    ("127.0.0.1:8080", None, "http://127.0.0.1:8080", true),
    ("[::1]:8080", None, "http://[::1]:8080", true),
    ("api.example.com", Some("https"), "http://api.example.com", false),
    ("api.example.com", None, "https://api.example.com", false),
    ("api.example.com:80", Some("https"), "https://api.example.com", false),
    ("api.example.com:443", None, "http://api.example.com", false),
    ("api.example.com:8080", None, "http://api.example.com", false),
    ("api.example.com", None, "http://api.example.com:8080", false),
    ("xapi.example.com", None, "http://api.example.com", false),
];

#[test]
fn own_origin() {
    let mut bench = bench("own origin");
    for (host, proto, origin, is_own) in OWN_ORIGINS {
        let post = Request::new("POST", "/upstream").header("Origin", origin);
        for (request, status) in [(post, 200), (web_socket("/upstream", origin), 101)] {
            let request =
                proto.iter().fold(request, |request, proto| request.header("X-Forwarded-Proto", proto));
            let exchange = || Exchange::new(request.clone().authority(host), Answer::new(status));
            let forwarded = Expectation::new(status, NOTHING, &["origin"]);
            let blocked = Expectation::denial("origin-not-allowed", &["origin"]);
            let (expected, recorded) = if is_own { (&forwarded, "-") } else { (&blocked, DENIED) };
            bench.check("blocking", exchange(), expected, recorded);
            // Nothing keeps a page from a WebSocket that is not blocked.
            let is_open = !is_own && status == 101;
            bench.check("listed", exchange(), &forwarded, if is_open { NOT_BLOCKED } else { recorded });
        }
    }
    bench.finish();
}

fn web_socket(path: &str, origin: &str) -> Request {
    Request::new("GET", path)
        .header("Origin", origin)
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
}

/// An Envoy with one listener for each policy.
fn bench(suite: &'static str) -> Bench {
    Bench::start(suite, |upstream_port, access_log| {
        // Nothing listens on port 1.
        let bootstrap = Bootstrap::new(upstream_port).cluster("dead", 1);
        policies().into_iter().fold(bootstrap, |bootstrap, (name, config)| {
            let filters = vec![cors_filter(&Configuration::Struct(&config)), rbac()];
            bootstrap.listener(&Listener::new(name, filters).routes(routes()).access_log(access_log))
        })
    })
}

fn answer(path: &str) -> Answer {
    match path {
        "/not-modified" => Answer::new(304).header("Vary", "Accept-Encoding"),
        _ => Answer::new(200),
    }
}

fn policies() -> [(&'static str, Value); 5] {
    let listed = json!({ "allow_origins": [APP], "allow_credentials": true, "expose_headers": ["X-Job-Id"] });
    let with = |name: &str, value: Value| {
        let mut config = listed.clone();
        config[name] = value;
        config
    };
    let mut echo = with("dangerously_allow", json!(["any-origin-with-credentials"]));
    echo["allow_origins"] = json!(["*"]);
    [
        ("star", json!({ "allow_origins": ["*"], "expose_headers": ["X-Job-Id"] })),
        ("blocking", with("block_denied_requests", json!(true))),
        ("shadow", with("mode", json!("shadow"))),
        ("echo", echo),
        ("listed", listed),
    ]
}

/// A filter after the plugin that answers by itself.
fn rbac() -> Value {
    let permission = json!({ "url_path": { "path": { "exact": "/forbidden" } } });
    let policy = json!({ "permissions": [permission], "principals": [{ "any": true }] });
    filter("rbac", "rbac.v3.RBAC", &json!({ "rules": { "action": "DENY", "policies": { "all": policy } } }))
}

fn routes() -> Vec<Value> {
    let to = |cluster: &str| json!({ "cluster": cluster });
    let at = |path: &str| json!({ "path": path });
    let added = |name: &str, value: &str| {
        let header = json!({ "key": name, "value": value });
        json!({ "header": header, "append_action": "APPEND_IF_EXISTS_OR_ADD" })
    };
    vec![
        json!({ "match": at("/upstream"), "route": to(UPSTREAM) }),
        json!({ "match": at("/not-modified"), "route": to(UPSTREAM) }),
        json!({ "match": at("/forbidden"), "route": to(UPSTREAM) }),
        json!({ "match": at("/dead"), "route": to("dead") }),
        json!({ "match": at("/redirect"), "redirect": { "host_redirect": "other.example" } }),
        json!({ "match": at("/direct"), "direct_response": { "status": 418 } }),
        json!({
            "match": at("/added"),
            "route": to(UPSTREAM),
            "response_headers_to_add":
                [added("Access-Control-Allow-Origin", "https://route.example"), added("Vary", "Accept")],
        }),
    ]
}
