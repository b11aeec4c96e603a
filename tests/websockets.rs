//! Pages in a real Chromium that open WebSockets, through the built plugin in a real Envoy, to a real server of
//! WebSockets. CORS does not cover these (<https://websockets.spec.whatwg.org/>, <https://www.rfc-editor.org/rfc/rfc6455#section-10.2>):
//! only a policy that blocks keeps a page out.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod engines;
#[path = "websockets/page.rs"]
mod page;
#[path = "websockets/server.rs"]
mod server;
#[path = "websockets/stage.rs"]
mod stage;
mod support;

use Ending::{Connects, IsRefused};
use Page::{App, Own, Sandboxed, Stranger};
use engines::chromium::{self, Frames};
use page::{Ending, Page};
use serde_json::json;
use stage::{Stage, Transport};
use support::failures::Failures;

const LISTED: &str = r#"{ "allow_origins": ["http://app.example.com"] }"#;
const BLOCKING: &str = r#"{ "allow_origins": ["http://app.example.com"], "block_denied_requests": true }"#;
const BLOCKING_WEBSOCKETS: &str =
    r#"{ "allow_origins": ["http://app.example.com"], "block_denied_requests": "websockets" }"#;
const ANYONE: &str = r#"{ "allow_origins": ["*"], "block_denied_requests": true }"#;
const SHADOW: &str = r#"{ "allow_origins": ["http://app.example.com"], "mode": "shadow" }"#;
const OF_OTHER_PATHS: &str = r#"{ "policies": [{ "name": "other", "match": { "paths": ["/other"] },
    "allow_origins": ["http://app.example.com"], "block_denied_requests": true }] }"#;

/// What the filter records where it denies nothing: a handshake is not a preflight.
const NOTHING: Option<&str> = None;

/// What a row says: its name, the configuration, the page that opens a WebSocket, the result, and what the filter
/// records for the access log.
type Row = (&'static str, &'static str, Page, Ending, Option<&'static str>);

const ROWS: [Row; 14] = [
    ("allowed", LISTED, App, Connects, NOTHING),
    ("denied", LISTED, Stranger, Connects, Some("not-blocked:origin-not-allowed")),
    ("denied, from a sandboxed page", LISTED, Sandboxed, Connects, Some("not-blocked:origin-null")),
    ("allowed where others are blocked", BLOCKING, App, Connects, NOTHING),
    ("blocked", BLOCKING, Stranger, IsRefused, Some("denied:origin-not-allowed")),
    ("blocked, from a sandboxed page", BLOCKING, Sandboxed, IsRefused, Some("denied:origin-null")),
    ("the API's own page", BLOCKING, Own, Connects, NOTHING),
    ("allowed where WebSockets are blocked", BLOCKING_WEBSOCKETS, App, Connects, NOTHING),
    ("blocked as a WebSocket", BLOCKING_WEBSOCKETS, Stranger, IsRefused, Some("denied:origin-not-allowed")),
    (
        "blocked as a WebSocket, from a sandboxed page",
        BLOCKING_WEBSOCKETS,
        Sandboxed,
        IsRefused,
        Some("denied:origin-null"),
    ),
    ("the API's own page where WebSockets are blocked", BLOCKING_WEBSOCKETS, Own, Connects, NOTHING),
    ("any origin", ANYONE, Stranger, Connects, NOTHING),
    ("denied in shadow mode", SHADOW, Stranger, Connects, Some("shadow-denied:origin-not-allowed")),
    ("no policy applies", OF_OTHER_PATHS, Stranger, Connects, NOTHING),
];

#[test]
fn over_http_1() {
    check_all(Transport::Http1);
}

/// As an extended CONNECT: <https://www.rfc-editor.org/rfc/rfc8441>.
#[test]
fn over_http_2() {
    check_all(Transport::Http2);
}

fn check_all(transport: Transport) {
    let stage = Stage::start(transport, &ROWS.map(|(_, config, ..)| config));
    let browser = chromium::start(Some(&stage.proxy()), Frames::Isolated);
    let endings =
        ROWS.iter().enumerate().map(|(row, (_, _, page, ..))| stage.open_socket(&browser, row, *page));
    let endings: Vec<_> = endings.collect();
    let log = stage.log(ROWS.len());
    let mut failures = Failures::new(transport.name());
    for (row, (name, _, page, ending, recorded)) in ROWS.into_iter().enumerate() {
        let logged = json!({
            "protocol": transport.protocol(page),
            "method": "GET",
            "upgrade": "websocket",
            "origin": stage.origin(row, page),
            // Over HTTP/2 too, where the client gets 200.
            "status": if ending == Connects { 101 } else { 403 },
            "recorded": recorded,
        });
        let reached = stage.server.handshakes(row);
        let differences = [
            difference("the page saw", &endings[row], &ending),
            difference("handshakes at the server", &reached, &usize::from(ending == Connects)),
            difference("the access log", &log[row], &logged),
        ];
        failures.row(name, differences.into_iter().flatten().collect());
    }
    failures.finish();
}

fn difference<T: PartialEq + std::fmt::Debug>(what: &str, actual: &T, expected: &T) -> Option<String> {
    (actual != expected).then(|| format!("{what}: expected {expected:?}, got {actual:?}"))
}
