//! Recipes for what Envoy makes of a request before any filter sees it.

use serde_json::{Value, json};

use super::recipe::{APP, DENIED, EVIL, Recipe};
use super::{app, withheld};
use crate::support::bench::Bench;
use crate::support::config::Listener;
use crate::support::expectation::Expectation;
use crate::support::http::Request;

const HTTP: &str = "http://api.example.com";
const HTTPS: &str = "https://api.example.com";

const PROXY: &str = "Behind another proxy";
const SLASHES: &str = "Paths with encoded slashes";
const ACTION: &str = "/path_with_escaped_slashes_action";

pub(crate) fn listeners() -> Vec<Listener> {
    let blocking = json!({ "allow_origins": [APP], "block_denied_requests": true });
    let proxy = Recipe::new(PROXY, &blocking);
    let paths = json!({ "policies": [
        { "name": "path-public", "match": { "paths": ["/public"] }, "allow_origins": ["*"] },
        { "name": "path-rest", "allow_origins": [APP] },
    ] });
    let slashes = Recipe::new(SLASHES, &paths);
    let with = |action: Value| Recipe::new(SLASHES, &app()).with(ACTION, action);
    vec![
        proxy.clone().listener("behind a proxy"),
        proxy.clone().with("/xff_num_trusted_hops", json!(0)).listener("at the edge"),
        proxy.without("/use_remote_address").listener("anyone's word"),
        slashes.clone().listener("forwards slashes"),
        slashes.without(ACTION).listener("keeps slashes"),
        with(json!("UNESCAPE_AND_REDIRECT")).listener("redirects slashes"),
        with(json!("REJECT_REQUEST")).listener("rejects slashes"),
    ]
}

pub(crate) fn rows(bench: &mut Bench) {
    own_pages(bench);
    encoded_slashes(bench);
}

type Own = (&'static str, Option<&'static str>, Option<&'static str>, &'static str, bool);

/// Listener, `X-Forwarded-Proto`, `Sec-Fetch-Site`, `Origin`, and whether the request counts as the API's own page's. It comes
/// without TLS, from loopback.
const OWN: [Own; 13] = [
    ("behind a proxy", Some("https"), None, HTTPS, true),
    ("behind a proxy", Some("https"), None, HTTP, false),
    ("behind a proxy", None, None, HTTPS, false),
    ("behind a proxy", None, None, HTTP, true),
    // A client cannot choose it.
    ("at the edge", Some("https"), None, HTTPS, false),
    ("at the edge", Some("https"), None, HTTP, true),
    ("at the edge", None, None, HTTP, true),
    // It can.
    ("anyone's word", Some("https"), None, HTTPS, true),
    ("anyone's word", None, None, HTTPS, false),
    // Browsers say so themselves.
    ("at the edge", None, Some("same-origin"), HTTPS, true),
    ("at the edge", None, Some("same-site"), HTTP, false),
    ("behind a proxy", None, Some("same-origin"), HTTPS, true),
    ("behind a proxy", Some("https"), Some("cross-site"), HTTPS, false),
];

fn own_pages(bench: &mut Bench) {
    let blocked = Expectation::denial("origin-not-allowed", &["origin"]);
    for (listener, proto, site, origin, is_own) in OWN {
        let more = [("X-Forwarded-Proto", proto), ("Sec-Fetch-Site", site)];
        let lines = more.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let post = Request::new("POST", "/jobs").header("Origin", origin);
        let post = lines.fold(post, |request, (name, value)| request.header(name, value));
        let (expected, recorded) = if is_own { (&withheld(200), "-") } else { (&blocked, DENIED) };
        bench.check(listener, post, expected, recorded);
    }
}

/// What the upstream sees, and whether the public policy judges, or two do.
fn encoded_slashes(bench: &mut Bench) {
    let anyone = Expectation::new(200, &[("access-control-allow-origin", "*")], &[]);
    for (listener, path, expected, recorded, seen) in [
        ("forwards slashes", "/public%2Fprices", &anyone, "-", "/public/prices"),
        ("forwards slashes", "/public/..%2Fjobs", &withheld(200), DENIED, "/jobs"),
        ("forwards slashes", "/public/..%5Cjobs", &withheld(200), DENIED, "/jobs"),
        ("forwards slashes", "//public//%2fprices", &anyone, "-", "/public/prices"),
        (
            "forwards slashes",
            "/public/..%252Fjobs",
            &withheld(200),
            "denied:path-not-normalized",
            "/public/..%252Fjobs",
        ),
        ("keeps slashes", "/public/a%2Fb", &anyone, "-", "/public/a%2Fb"),
        (
            "keeps slashes",
            "/public/..%2Fjobs",
            &withheld(200),
            "denied:path-not-normalized",
            "/public/..%2Fjobs",
        ),
    ] {
        bench.check(listener, Request::new("GET", path).header("Origin", EVIL), expected, recorded);
        let paths: Vec<_> = bench.seen().iter().map(|seen| seen.path().to_owned()).collect();
        assert_eq!(paths, [seen], "{listener}, {path}: what the upstream sees");
    }
}
