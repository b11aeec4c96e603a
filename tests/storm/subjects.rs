//! The policies in the storm, each on its own listener, and what each may ever say.

use serde_json::{Value, json};

use crate::support::config::{Bootstrap, Configuration, Listener, UPSTREAM, cors_filter};
use crate::support::expectation::Expectation;
use crate::support::filter::Filter;
use crate::support::http::Request;

pub(crate) const APP: &str = "https://app.example.com";

/// A page that one policy of several allows.
const CLOSED: &str = "https://closed.example";

/// A listener without the filter, which shows what Envoy alone makes of a request.
pub(crate) const CONTROL: &str = "control";

/// A policy on its listener.
pub(crate) struct Subject {
    pub(crate) listener: &'static str,
    is_struct: bool,
    config: Value,
    /// Whether a page of this origin may ever be named in an answer.
    pub(crate) may_allow: fn(&[u8]) -> bool,
    /// The values that its answers may have, beside what is asked for where that is echoed.
    pub(crate) values: &'static [(&'static str, &'static str)],
    /// The headers of the answer to an honest preflight, and the names in its `Vary`.
    honest: (&'static [(&'static str, &'static str)], &'static [&'static str]),
    pub(crate) role: Role,
    /// Whether it speaks of timing.
    pub(crate) allows_timing: bool,
    /// Whether it refuses handshakes of WebSockets of origins that it does not allow.
    pub(crate) blocks_websockets: bool,
}

/// What a policy does with requests that are not its to answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It forwards them.
    Forward,
    /// It refuses those of origins that it does not allow.
    Block,
    /// It touches nothing.
    Watch,
}

impl Subject {
    /// A preflight that a browser would send.
    pub(crate) fn honest_request() -> Request {
        Request::preflight("/a", APP, "PUT").header("Access-Control-Request-Headers", "x-a")
    }

    /// The one right answer to it.
    pub(crate) fn honest_answer(&self) -> Expectation {
        let (headers, vary) = self.honest;
        match self.role {
            Role::Watch => Expectation::new(200, &[], &[]),
            _ => Expectation::new(204, headers, vary),
        }
    }
}

const LISTED: &[(&str, &str)] = &[
    ("access-control-allow-origin", APP),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "PUT"),
    ("access-control-allow-headers", "x-a"),
    ("access-control-expose-headers", "x-b"),
    ("access-control-max-age", "600"),
];
const ECHO: &[(&str, &str)] = &[
    ("access-control-allow-origin", APP),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "PUT"),
    ("access-control-allow-headers", "x-a"),
    ("access-control-allow-private-network", "true"),
];
const OPEN: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "*"),
    ("access-control-allow-headers", "x-a"),
    ("access-control-expose-headers", "*"),
];
const ECHO_VARY: &[&str] = &[
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
    "access-control-request-private-network",
];
const OPEN_VARY: &[&str] = &["access-control-request-headers"];
const PLAIN: &[(&str, &str)] =
    &[("access-control-allow-origin", APP), ("access-control-allow-methods", "PUT,DELETE")];

const PREFIXES: &[(&str, &str)] = &[
    ("access-control-allow-origin", APP),
    ("access-control-allow-methods", "PUT"),
    ("access-control-allow-headers", "x-a"),
];
const PREFIXES_VARY: &[&str] = &["origin", "access-control-request-headers"];

pub(crate) fn all() -> Vec<Subject> {
    let plain = json!({ "allow_origins": [APP], "allow_methods": ["PUT", "DELETE"] });
    let with = |field: &str, value: Value| {
        let mut config = plain.clone();
        config[field] = value;
        config
    };
    let subject = |listener, is_struct, config, may_allow, values| {
        let honest = (values, &["origin"][..]);
        let (role, allows_timing, blocks_websockets) = (Role::Forward, false, false);
        Subject {
            listener,
            is_struct,
            config,
            may_allow,
            values,
            honest,
            role,
            allows_timing,
            blocks_websockets,
        }
    };
    let patterns = json!(["https://*.example.com", "http://localhost:*", { "regex": "https://pr-[0-9]+\\.example\\.org" }]);
    let blocking = with("block_denied_requests", json!(true));
    let shadow = with("mode", json!("shadow"));
    vec![
        subject("listed", false, listed(), is_app, LISTED),
        Subject { honest: (&ECHO[..4], ECHO_VARY), ..subject("echo", true, echo(), is_not_null, ECHO) },
        Subject { honest: (OPEN, OPEN_VARY), ..subject("open", false, open(), |_| true, OPEN) },
        subject("patterns", true, with("allow_origins", patterns), is_of_pattern, PLAIN),
        subject("routed", false, routed(&plain), is_app, PLAIN),
        Subject { role: Role::Block, ..subject("blocking", true, blocking, is_app, PLAIN) },
        Subject { role: Role::Watch, ..subject("shadow", false, shadow, is_app, &[]) },
        Subject { role: Role::Block, ..subject("paths", true, paths(&plain), is_app_or_closed, PLAIN) },
        Subject {
            honest: (PREFIXES, PREFIXES_VARY),
            allows_timing: true,
            blocks_websockets: true,
            ..subject("prefixes", false, prefixes(), is_of_site, PREFIXES)
        },
    ]
}

/// The listener of the other build of the filter with the same policy, where there is one.
pub(crate) fn twin(listener: &str) -> String {
    format!("{listener}, in the plugin")
}

/// A listener for each policy, and if the module is tested, another one with the plugin.
pub(crate) fn bootstrap(upstream_port: u16) -> Bootstrap {
    let routes =
        || vec![json!({ "name": "a", "match": { "prefix": "/" }, "route": { "cluster": UPSTREAM } })];
    let control = Bootstrap::new(upstream_port).listener(&Listener::new(CONTROL, Vec::new()));
    all().iter().fold(control, |bootstrap, subject| {
        let configuration = match subject.is_struct {
            true => Configuration::Struct(&subject.config),
            false => Configuration::Text(subject.config.to_string()),
        };
        let listener = Listener::new(subject.listener, vec![cors_filter(&configuration)]);
        let bootstrap = bootstrap.listener(&listener.routes(routes()));
        if Filter::under_test() == Filter::Plugin {
            return bootstrap;
        }
        let plugin = vec![Filter::Plugin.named(subject.listener, &configuration)];
        bootstrap.listener(&Listener::new(twin(subject.listener), plugin).routes(routes()))
    })
}

fn listed() -> Value {
    json!({
        "allow_origins": [APP],
        "allow_credentials": true,
        "allow_methods": ["PUT"],
        "allow_headers": ["X-A"],
        "expose_headers": ["x-b"],
        "max_age": 600,
    })
}

fn echo() -> Value {
    json!({
        "allow_origins": ["*"],
        "allow_credentials": true,
        "allow_methods": ["*"],
        "allow_headers": ["*"],
        "allow_private_network": true,
        "dangerously_allow": ["any-origin-with-credentials"],
    })
}

fn open() -> Value {
    json!({ "allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"], "expose_headers": ["*"] })
}

fn routed(plain: &Value) -> Value {
    let policy = |name: &str, matched: Value| {
        let mut policy = plain.clone();
        policy["name"] = json!(name);
        policy["match"] = matched;
        policy
    };
    json!({ "policies": [
        policy("all-three", json!({ "hosts": ["*.example.com"], "paths": ["/a"], "routes": ["a"] })),
        policy("host", json!({ "hosts": ["api.example.com"] })),
        policy("rest", json!({})),
    ] })
}

/// A policy on trial and a stricter one, which paths lead to that could mean others, before one that is for all.
fn paths(plain: &Value) -> Value {
    let rest = {
        let mut rest = plain.clone();
        rest["name"] = json!("rest");
        rest["block_denied_requests"] = json!(true);
        rest
    };
    json!({ "policies": [
        { "name": "trial", "match": { "paths": ["/trial"] }, "allow_origins": ["*"], "mode": "shadow" },
        { "name": "closed", "match": { "paths": ["/closed"] }, "allow_origins": [CLOSED], "block_denied_requests": true },
        rest,
    ] })
}

fn prefixes() -> Value {
    json!({
        "allow_origins": ["same-site"],
        "allow_methods": ["PUT"],
        "allow_headers": ["x-*"],
        "allow_timing": true,
        "block_denied_requests": "websockets",
    })
}

fn is_app_or_closed(origin: &[u8]) -> bool {
    is_app(origin) || origin == CLOSED.as_bytes()
}

/// Of the hosts that the storm calls only those of example.com have a site.
fn is_of_site(origin: &[u8]) -> bool {
    let rest = origin.strip_prefix(b"https://").unwrap_or_default();
    let host = rest.split(|byte| *byte == b':').next().unwrap_or_default();
    host == b"example.com" || host.ends_with(b".example.com")
}

fn is_app(origin: &[u8]) -> bool {
    origin == APP.as_bytes()
}

fn is_not_null(origin: &[u8]) -> bool {
    origin != b"null"
}

fn is_of_pattern(origin: &[u8]) -> bool {
    let subdomain = origin.strip_prefix(b"https://").and_then(|host| host.strip_suffix(b".example.com"));
    let port = origin.strip_prefix(b"http://localhost").map(|port| port.strip_prefix(b":").unwrap_or(port));
    let preview = origin.strip_prefix(b"https://pr-").and_then(|host| host.strip_suffix(b".example.org"));
    subdomain.is_some_and(|labels| {
        labels.split(|byte| *byte == b'.').all(|label| {
            let is_of_host = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
            !label.is_empty() && label.iter().all(is_of_host)
        })
    }) || [port, preview].iter().flatten().any(|digits| digits.iter().all(u8::is_ascii_digit))
}
