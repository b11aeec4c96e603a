//! Recipes for other filters of Envoy.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::page;
use super::recipe::{ALLOW_APP, APP, DENIED, EVIL, FILES, Recipe};
use super::{app, check_telling, of_upstream, readable, untouched, withheld};
use crate::support::bench::{Bench, Exchange};
use crate::support::config::{Configuration, Listener, cors_filter, filter, typed};
use crate::support::expectation::Expectation;
use crate::support::filter::Filter;
use crate::support::http::Request;
use crate::support::upstream::Answer;

/// Where oauth2 sends whom it does not know.
const LOGIN: &str = "https://login.example.com/authorize?client_id=dashboard&";

const OAUTH2: &str = "/http_filters/1/typed_config/config";
const CSRF: &str = "/http_filters/1/typed_config";
const ACTION: &str =
    "/http_filters/1/typed_config/custom_response_matcher/matcher_list/matchers/0/on_match/action";

pub(crate) fn listeners(directory: &Path) -> Vec<Listener> {
    write_secrets(directory);
    let oauth2 = Recipe::of("oauth2", directory, &[("cors", &app())]);
    let csrf = Recipe::new("csrf", &json!({ "allow_origins": [APP, "https://app.example.com:8443"] }));
    let cache_v2 = Recipe::new("Cache", &json!({ "allow_origins": [APP, "https://two.example.com"] }));
    let cache = cache_v2.clone().replace("CacheV2Config", "CacheConfig").replace("cache_v2", "cache");
    let pages = Recipe::new("Custom error pages", &app());
    let local = pages.clone().with(&format!("{ACTION}/typed_config"), local_policy());
    vec![
        oauth2.clone().listener("oauth2"),
        oauth2.without(&format!("{OAUTH2}/deny_redirect_matcher")).listener("oauth2 redirects"),
        csrf.clone().listener("csrf"),
        csrf.without(&format!("{CSRF}/additional_origins")).listener("csrf without"),
        cache_v2.clone().listener("cache_v2"),
        cache_v2.reversed().listener("cache_v2 first"),
        cache.clone().listener("cache"),
        cache.reversed().listener("cache first"),
        pages.listener("error pages"),
        local.clone().listener("local error pages"),
        local.reversed().listener("local error pages first"),
        limited(),
    ]
}

pub(crate) fn rows(bench: &mut Bench) {
    oauth2(bench);
    csrf(bench);
    for cache in ["cache", "cache_v2"] {
        behind_the_filter(bench, cache);
        before_the_filter(bench, cache);
    }
    error_pages(bench);
    rate_limit(bench);
}

/// As the page has one of them.
fn write_secrets(directory: &Path) {
    let secret = page::blocks("oauth2", "yaml").remove(1).replace(FILES, &directory.to_string_lossy());
    for name in ["token", "hmac"] {
        let file = |name: String, text: &str| {
            fs::write(directory.join(name), text).expect("the directory can be written");
        };
        file(format!("{name}.yaml"), &secret.replace("token", name));
        file(name.to_owned(), "of the test");
    }
}

fn get(path: &str, origin: &str) -> Request {
    Request::new("GET", path).header("Origin", origin)
}

/// A script can read that it is not logged in; a navigation comes to the provider.
fn oauth2(bench: &mut Bench) {
    let script = |origin| get("/jobs", origin).header("Sec-Fetch-Mode", "cors");
    let navigation = || Request::new("GET", "/jobs").header("Sec-Fetch-Mode", "navigate");
    let allowed = Expectation::new(204, ALLOW_APP, &["origin"]);
    for listener in ["oauth2", "oauth2 redirects"] {
        bench.check(listener, Request::preflight("/jobs", APP, "GET"), &allowed, "allowed");
        check_telling(bench, listener, navigation(), (&withheld(302), "-"), LOGIN);
    }
    bench.check("oauth2", script(APP), &readable(401), "-");
    bench.check("oauth2", script(EVIL), &withheld(401), DENIED);
    check_telling(bench, "oauth2 redirects", script(APP), (&readable(302), "-"), LOGIN);
    bench.check("oauth2 redirects", script(EVIL), &withheld(302), DENIED);
}

/// It refuses what this filter allows until it is configured too.
fn csrf(bench: &mut Bench) {
    let post = |origin| Request::new("POST", "/jobs").header("Origin", origin);
    let other_port = "https://app.example.com:8443";
    let allow_port = Expectation::new(403, &[("access-control-allow-origin", other_port)], &["origin"]);
    bench.check("csrf", post(APP), &readable(200), "-");
    bench.check("csrf", post(other_port), &allow_port, "-");
    bench.check("csrf", post(EVIL), &withheld(403), DENIED);
    check_telling(bench, "csrf without", post(APP), (&readable(403), "-"), "Invalid origin");
    bench.check("csrf without", get("/jobs", APP), &readable(200), "-");
}

/// For a century, with headers that would let everybody read it.
fn stored() -> Answer {
    Answer::new(200)
        .header("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
        .header("Cache-Control", "max-age=2147483647")
        .header("Access-Control-Allow-Origin", "*")
}

/// One stored answer, and each page gets its own headers.
fn behind_the_filter(bench: &mut Bench, cache: &str) {
    let two = "https://two.example.com";
    let path = format!("/behind/{cache}");
    for (origin, expected, recorded, fetches) in [
        (APP, readable(200), "-", 1),
        (APP, readable(200), "-", 0),
        (two, Expectation::new(200, &[("access-control-allow-origin", two)], &["origin"]), "-", 0),
        (EVIL, withheld(200), DENIED, 0),
    ] {
        bench.check(cache, Exchange::new(get(&path, origin), stored()), &expected, recorded);
        assert_eq!(bench.seen().len(), fetches, "{cache}, {origin}: how often the upstream is asked");
    }
    let varying = format!("/varying/{cache}");
    for _ in 0..2 {
        let exchange = Exchange::new(get(&varying, APP), stored().header("Vary", "Origin"));
        bench.check(cache, exchange, &readable(200), "-");
        assert_eq!(bench.seen().len(), 1, "{cache}: an answer that varies is not stored");
    }
}

/// What is behind the cache is passed over, also when it has nothing stored. Preflights are not for a cache. The module is
/// shown the answer of a filter before it.
fn before_the_filter(bench: &mut Bench, cache: &str) {
    let (listener, path) = (format!("{cache} first"), format!("/before/{cache}"));
    let (expected, recorded) = match Filter::under_test() {
        Filter::Plugin => (of_upstream(200), "-"),
        Filter::Module => (withheld(200), DENIED),
    };
    for fetches in [1, 0] {
        bench.check(&listener, Exchange::new(get(&path, EVIL), stored()), &expected, recorded);
        assert_eq!(bench.seen().len(), fetches, "{listener}: how often the upstream is asked");
    }
    let allowed = Expectation::new(204, ALLOW_APP, &["origin"]);
    bench.check(&listener, Request::preflight(&path, APP, "GET"), &allowed, "allowed");
}

fn local_policy() -> Value {
    typed(
        "http.custom_response.local_response_policy.v3.LocalResponsePolicy",
        &json!({ "body": { "inline_string": "try again later" }, "status_code": 503 }),
    )
}

/// An answer that is redirected passes the chain again; one that is put in another's place does not.
fn error_pages(bench: &mut Bench) {
    let failing = |origin| Exchange::new(get("/jobs", origin), Answer::new(502));
    check_telling(
        bench,
        "error pages",
        failing(APP),
        (&readable(503), "-"),
        "{\"error\": \"try again later\"}",
    );
    bench.check("error pages", failing(EVIL), &withheld(503), DENIED);
    bench.check("error pages", get("/jobs", APP), &readable(200), "-");
    for listener in ["local error pages", "local error pages first"] {
        check_telling(bench, listener, failing(APP), (&untouched(503), "-"), "try again later");
        bench.check(listener, get("/jobs", APP), &readable(200), "-");
    }
}

/// One call in an hour.
fn limited() -> Listener {
    let percent = json!({ "default_value": { "numerator": 100 } });
    let limit = json!({
        "stat_prefix": "limit",
        "token_bucket": { "max_tokens": 1, "fill_interval": "3600s" },
        "filter_enabled": percent,
        "filter_enforced": percent,
    });
    let limit = filter("local_ratelimit", "local_ratelimit.v3.LocalRateLimit", &limit);
    Listener::new("limit", vec![cors_filter(&Configuration::Struct(&app())), limit])
}

fn rate_limit(bench: &mut Bench) {
    let allowed = Expectation::new(204, ALLOW_APP, &["origin"]);
    for _ in 0..3 {
        bench.check("limit", Request::preflight("/", APP, "GET"), &allowed, "allowed");
    }
    bench.check("limit", get("/", APP), &readable(200), "-");
    bench.check("limit", get("/", APP), &readable(429), "-");
    bench.check("limit", Request::preflight("/", APP, "GET"), &allowed, "allowed");
}
