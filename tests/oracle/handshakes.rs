//! WebSockets and pages of the API's own origin. No browser holds a WebSocket to CORS: a page has the connection as soon as
//! the handshake comes to the upstream, and only blocking keeps it from that.

use serde_json::{Value, json};

use super::browser::Server as _;
use super::meaning::{Blocking, Meaning};
use super::origin_list::is_schemelessly_same_site;
use super::servers::CoreServer;
use super::support::failures::Failures;
use super::support::http::Request;

const HOST: &str = "api.example.com";

const PAGES: [&str; 7] = [
    "https://app.example.com",
    "https://api.example.com",
    "http://api.example.com",
    "https://www.example.com",
    "https://evil.example",
    "https://api.example.com.evil.example",
    "null",
];

const UPGRADES: [(Option<&str>, bool); 6] = [
    (None, false),
    (Some("websocket"), true),
    (Some("WebSocket"), true),
    (Some("h2c, websocket"), true),
    (Some("h2c"), false),
    (Some("websockets"), false),
];

/// What stands between a browser, which speaks TLS, and the filter, which does not.
#[derive(Clone, Copy, Debug)]
enum Front {
    /// It says which scheme the request used.
    TellsScheme,
    /// It says nothing.
    Silent,
    /// It says nothing, and calls the API by another name.
    RewritesHost,
}

#[test]
fn websockets_and_own_pages() {
    let mut failures = Failures::new("oracle, WebSockets and own pages");
    let (mut connected, mut kept_out) = (0, 0);
    for policy in policies() {
        let (meaning, mut server) = (Meaning::of(&policy), CoreServer::new(&policy));
        for (page, front, sends_site) in ways() {
            for (upgrade, is_websocket) in UPGRADES {
                let request = request(page, front, sends_site, upgrade);
                let reply = server.answer(&request);
                let expected = expected(&meaning, page, front, sends_site, is_websocket);
                let got = (reply.is_forwarded, reply.verdict.unwrap_or_default());
                connected += usize::from(got.0 && is_websocket);
                kept_out += usize::from(!got.0 && is_websocket);
                let difference = (got != expected).then(|| format!("expected {expected:?}, got {got:?}"));
                failures
                    .row(format!("{front:?}, {request} under {policy}"), difference.into_iter().collect());
            }
        }
    }
    println!("oracle, WebSockets: {connected} connected, {kept_out} kept out");
    assert!(connected > 200 && kept_out > 200, "the product has become one-sided");
    failures.finish();
}

fn policies() -> Vec<Value> {
    let mut policies = Vec::new();
    for blocking in [json!(false), json!(true), json!("websockets")] {
        for origins in [json!(["https://app.example.com"]), json!(["same-site"])] {
            for mode in ["enforce", "shadow", "passthrough"] {
                policies.push(
                    json!({ "allow_origins": origins, "block_denied_requests": blocking, "mode": mode }),
                );
            }
        }
    }
    policies
}

fn ways() -> impl Iterator<Item = (&'static str, Front, bool)> {
    let fronts = [Front::TellsScheme, Front::Silent, Front::RewritesHost];
    let pages = PAGES.into_iter().flat_map(move |page| fronts.map(|front| (page, front)));
    pages.flat_map(|(page, front)| [true, false].map(|sends_site| (page, front, sends_site)))
}

/// A POST or a handshake, as it comes to the filter.
fn request(page: &str, front: Front, sends_site: bool, upgrade: Option<&str>) -> Request {
    let method = if upgrade.is_some() { "GET" } else { "POST" };
    let mut request = Request::new(method, "/").authority(authority(front)).header("Origin", page);
    if sends_site {
        request = request.header("Sec-Fetch-Site", sec_fetch_site(page));
    }
    if let Front::TellsScheme = front {
        request = request.header("X-Forwarded-Proto", "https");
    }
    match upgrade {
        Some(upgrade) => request.header("Connection", "upgrade").header("Upgrade", upgrade),
        None => request,
    }
}

fn authority(front: Front) -> &'static str {
    if let Front::RewritesHost = front { "backend.internal" } else { HOST }
}

/// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>, of a request to the API that was not redirected.
fn sec_fetch_site(page: &str) -> &'static str {
    // "If r's origin is same origin with url's origin": `same-origin`. "If r's origin is not same site with url's
    // origin": `cross-site`, else `same-site`; a site has a scheme.
    let is_same_site = page.starts_with("https://") && is_schemelessly_same_site(page, HOST);
    match (page == "https://api.example.com", is_same_site) {
        (true, _) => "same-origin",
        (false, true) => "same-site",
        (false, false) => "cross-site",
    }
}

/// Whether the request comes to the upstream, and what is said of it.
fn expected(
    meaning: &Meaning,
    page: &str,
    front: Front,
    sends_site: bool,
    is_websocket: bool,
) -> (bool, String) {
    use super::meaning::Mode;
    if meaning.mode == Mode::Passthrough {
        return (true, "-".to_owned());
    }
    let Some(reason) = meaning.page_at(page.as_bytes(), authority(front)).refusal else {
        return (true, "allowed".to_owned());
    };
    // What a browser says of itself is believed. Of one that says nothing the filter knows what it sees.
    let seen_as = match front {
        Front::TellsScheme => "https://api.example.com",
        Front::Silent => "http://api.example.com",
        Front::RewritesHost => "http://backend.internal",
    };
    let is_own = if sends_site { sec_fetch_site(page) == "same-origin" } else { page == seen_as };
    let is_blocked = match meaning.blocking {
        Blocking::Everything => true,
        Blocking::WebSockets => is_websocket,
        Blocking::Nothing => false,
    };
    let is_kept_out = is_blocked && meaning.mode == Mode::Enforce;
    match is_own {
        true => (true, "-".to_owned()),
        // If nothing blocks the page, it has the connection, and the log must not say anything else. In shadow mode the
        // log says what would happen.
        false if is_websocket && !is_blocked => (true, format!("not-blocked:{reason}")),
        false => (!is_kept_out, format!("denied:{reason}")),
    }
}
