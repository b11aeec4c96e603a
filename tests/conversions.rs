//! Whether what `convert` writes means what its source means, judged by what a page gets: the source's own rules (a real
//! Envoy's native filter, a real nginx, a model of what Kong, Traefik and APISIX publish) and the converted policy
//! answer the same calls of a browser written from the Fetch Standard. A page that gets more needs a note that says
//! `wider`, one that gets less a note that says `narrower`, or one that asks.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "command/binary.rs"]
#[expect(dead_code, reason = "the tests of the command ask more of it")]
mod binary;
#[path = "oracle/browser.rs"]
#[expect(dead_code, reason = "the oracle asks more of its browser")]
mod browser;
#[path = "oracle/call.rs"]
#[expect(dead_code, reason = "the oracle knows more of its calls")]
mod call;
#[path = "conversions/calls.rs"]
mod calls;
#[path = "conversions/case.rs"]
mod case;
#[path = "conversions/converted.rs"]
mod converted;
#[path = "oracle/cors_check.rs"]
mod cors_check;
#[path = "conversions/difference.rs"]
mod difference;
#[path = "conversions/expected.rs"]
mod expected;
#[path = "oracle/fetch_request.rs"]
mod fetch_request;
#[path = "oracle/header_list.rs"]
mod header_list;
#[path = "conversions/native/mod.rs"]
mod native;
#[path = "oracle/request_header.rs"]
mod request_header;
#[path = "conversions/service.rs"]
mod service;
#[path = "conversions/side.rs"]
mod side;
mod support;

use case::Case;
use converted::Converted;
use difference::Differences;
use native::envoy::Pair;
use native::nginx::Nginx;
use side::Side;
use support::failures::Failures;

/// Envoy's own filter, and the platforms that configure it.
#[test]
fn envoy_family() {
    let cases =
        case::of(&["envoy", "istio-virtualservice", "gateway-api-httproute", "envoy-gateway-securitypolicy"]);
    let conversions: Vec<_> = cases.iter().map(Converted::of).collect();
    let proxies = Pair::start(&cases, &conversions);
    judge("conversions, Envoy family", &cases, &conversions, |place| {
        (proxies.there(place), proxies.here(place))
    });
}

/// The directives that ingress-nginx makes of its annotations, in a real nginx.
#[test]
fn ingress_nginx() {
    let cases = case::of(&["ingress-nginx"]);
    let conversions: Vec<_> = cases.iter().map(Converted::of).collect();
    let nginx = Nginx::start(&cases);
    judge("conversions, ingress-nginx", &cases, &conversions, |place| {
        (nginx.there(place), conversions[place].in_the_core())
    });
}

/// Products that have no place in this repository's tests, by the rules that they publish.
#[test]
fn modelled() {
    let cases = case::of(&["kong", "traefik", "apisix"]);
    let conversions: Vec<_> = cases.iter().map(Converted::of).collect();
    judge("conversions, modelled", &cases, &conversions, |place| {
        (native::modelled(&cases[place]), conversions[place].in_the_core())
    });
}

/// Compares what pages get there and here, and that with the notes and with what is expected by hand.
#[track_caller]
fn judge<'a>(
    suite: &'static str,
    cases: &[Case],
    conversions: &[Converted],
    sides: impl Fn(usize) -> (Side<'a>, Side<'a>),
) {
    let mut failures = Failures::new(suite);
    let mut calls = 0;
    for (place, (case, converted)) in cases.iter().zip(conversions).enumerate() {
        let (there, here) = sides(place);
        let differences = Differences::between(case, there, here);
        calls += differences.calls;
        let mut wrong = converted.broken_rules(case);
        wrong.extend(differences.unsaid(&converted.notes));
        wrong.extend(differences.unexpected(expected::of(&case.name)));
        failures.row(&case.name, wrong);
    }
    println!("{suite}: {calls} calls compared");
    failures.finish();
}
