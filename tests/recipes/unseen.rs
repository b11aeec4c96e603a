//! Answers that no filter sees: they have no CORS headers, whoever asks.

use serde_json::{Value, json};

use super::recipe::APP;
use super::{app, readable, untouched, withheld};
use crate::support::bench::Bench;
use crate::support::config::{Configuration, Listener, cors_filter};
use crate::support::failures::Failures;
use crate::support::filter::Filter;
use crate::support::http::{Request, send};
use crate::support::http2::send_all;

pub(crate) fn listeners() -> Vec<Listener> {
    let of = |name: &str, manager: Value| {
        Listener::new(name, vec![cors_filter(&Configuration::Struct(&app()))]).manager(manager)
    };
    let underscores =
        json!({ "common_http_protocol_options": { "headers_with_underscores_action": "REJECT_REQUEST" } });
    vec![of("few bytes", json!({ "max_request_headers_kb": 1 })), of("no underscores", underscores)]
}

/// What Envoy refuses before any filter runs. The module is shown these answers, and the origin if Envoy has read that far.
pub(crate) fn rows(bench: &mut Bench) -> Failures {
    let get = |path: &str| Request::new("GET", path).header("Origin", APP);
    let preflight = |path: &str| Request::preflight(path, APP, "GET");
    let large = || get("/").header("X-Large", "a".repeat(2000));
    for listener in ["few bytes", "no underscores", "redirects slashes", "rejects slashes"] {
        bench.check(listener, get("/"), &readable(200), "-");
    }
    let mut failures = Failures::new("answers that no filter sees");
    for (listener, request, status) in [
        ("few bytes", large(), 431),
        ("no underscores", get("/").header("x_debug", "1"), 400),
        ("no underscores", Request::new("FROB", "/").header("Origin", APP), 400),
        ("redirects slashes", get("/a%2Fb"), 307),
        ("redirects slashes", preflight("/a%2Fb"), 307),
        ("rejects slashes", get("/a%2Fb"), 400),
        ("rejects slashes", preflight("/a%2Fb"), 400),
    ] {
        let response = send(bench.port(listener), &request);
        let expected = match Filter::under_test() {
            Filter::Plugin => untouched(status),
            Filter::Module if listener.ends_with("slashes") => readable(status),
            Filter::Module => withheld(status),
        };
        let mut found = expected.differences(&response);
        found.extend(response.head.value("proxy-status").map(|told| format!("proxy-status: {told}")));
        failures.row(format!("{listener}: {request}"), found);
    }
    // Over HTTP/2 there is no answer at all.
    let reset = send_all(bench.port("few bytes"), &[large().case(0)]).remove(0);
    let found = reset.map(|response| format!("status {}", response.status)).err();
    failures
        .row("few bytes, over HTTP/2", found.is_none().then(|| "an answer".to_owned()).into_iter().collect());
    failures
}
