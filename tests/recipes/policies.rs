//! Recipes that are a policy in a file.

use super::page::policy;
use super::recipe::{ALLOW_APP, APP, DENIED, EVIL};
use super::{of_upstream, readable, withheld};
use crate::support::bench::{Bench, Exchange};
use crate::support::config::{Configuration, Listener, cors_filter};
use crate::support::expectation::Expectation;
use crate::support::http::Request;
use crate::support::upstream::Answer;

const PROVIDER: &str = "https://login.provider.example";

pub(crate) fn listeners() -> Vec<Listener> {
    let of = |name: &str| Listener::new(name, vec![cors_filter(&Configuration::Struct(&policy(name)))]);
    let mut all_block = policy("callbacks");
    all_block["policies"].as_array_mut().expect("a list").remove(0);
    let all_block = Listener::new("callbacks blocked", vec![cors_filter(&Configuration::Struct(&all_block))]);
    vec![of("callbacks"), all_block, of("environments"), of("leave-alone")]
}

pub(crate) fn rows(bench: &mut Bench) {
    callbacks(bench);
    previews(bench);
    passthrough(bench);
}

/// What an identity provider posts arrives, and nothing else of a stranger does.
fn callbacks(bench: &mut Bench) {
    let post = |path, origin| Request::new("POST", path).header("Origin", origin);
    let blocked = |reason| Expectation::denial(reason, &["origin"]);
    for path in ["/login/callback", "/login/callback/saml?next=/", "/csp"] {
        bench.check("callbacks", post(path, PROVIDER), &withheld(200), DENIED);
        bench.check("callbacks", post(path, "null"), &withheld(200), "denied:origin-null");
        bench.check("callbacks", post(path, APP), &readable(200), "-");
        bench.check("callbacks blocked", post(path, PROVIDER), &blocked("origin-not-allowed"), DENIED);
        bench.check("callbacks blocked", post(path, "null"), &blocked("origin-null"), "denied:origin-null");
    }
    for path in ["/login", "/login/callbacks", "/jobs"] {
        bench.check("callbacks", post(path, PROVIDER), &blocked("origin-not-allowed"), DENIED);
        bench.check("callbacks", post(path, APP), &readable(200), "-");
    }
}

/// Previews have a domain of their own, below which nobody else can have a page.
fn previews(bench: &mut Bench) {
    for (origin, is_allowed) in [
        ("https://app.example.com", true),
        ("https://app.staging.example.com", true),
        ("https://feature-7.preview.example.com", true),
        ("https://a.b.preview.example.com", true),
        ("https://pr-12-shop.example.com", true),
        ("http://localhost:5173", true),
        ("https://preview.example.com", false),
        ("https://preview.example.com.evil.example", false),
        ("https://pr-12-shop.example.com.evil.example", false),
        ("https://feature-7-yourteam.vercel.app", false),
        ("http://feature-7.preview.example.com", false),
    ] {
        let allowed = Expectation::new(204, &[("access-control-allow-origin", origin)], &["origin"]);
        let denied = Expectation::denial("origin-not-allowed", &["origin"]);
        let (expected, recorded) = if is_allowed { (&allowed, "allowed") } else { (&denied, DENIED) };
        bench.check("environments", Request::preflight("/", origin, "GET"), expected, recorded);
    }
}

/// The upstream answers for `/dav` itself.
fn passthrough(bench: &mut Bench) {
    let answer = || Answer::new(200).header("Access-Control-Allow-Origin", "*");
    for path in ["/dav", "/dav/calendar"] {
        let preflight = Exchange::new(Request::preflight(path, EVIL, "PROPFIND"), answer());
        bench.check("leave-alone", preflight, &of_upstream(200), "-");
        assert_eq!(bench.seen().len(), 1, "a preflight for {path} reaches the upstream");
        let call = Request::new("PROPFIND", path).header("Origin", EVIL);
        bench.check("leave-alone", Exchange::new(call, answer()), &of_upstream(200), "-");
    }
    let preflight = Exchange::new(Request::preflight("/jobs", APP, "GET"), answer());
    bench.check("leave-alone", preflight, &Expectation::new(204, ALLOW_APP, &["origin"]), "allowed");
    let call = Request::new("GET", "/davs").header("Origin", EVIL);
    bench.check("leave-alone", Exchange::new(call, answer()), &withheld(200), DENIED);
}
