//! The protocols and clients of `docs/recipes.md`, played in a real Chromium through the built plugin in a real Envoy: each
//! under the recipe as its file is, without the recipe's decisive line, and in a page that it does not name.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "clients/api.rs"]
mod api;
mod engines;
#[path = "clients/http_1.rs"]
mod http_1;
#[path = "clients/pages.rs"]
mod pages;
#[path = "clients/row.rs"]
mod row;
#[path = "clients/rows/mod.rs"]
mod rows;
#[path = "clients/servers.rs"]
mod servers;
#[path = "clients/stage.rs"]
mod stage;
mod support;
#[path = "clients/tus.rs"]
mod tus;
#[path = "clients/upstream.rs"]
mod upstream;
#[path = "websockets/server.rs"]
mod websockets;

use std::collections::HashMap;

use engines::chromium::{self, Frames};
use row::{BROWSERS, Row};
use serde_json::json;
use stage::Stage;
use support::failures::Failures;

#[test]
fn clients_in_chromium() {
    let rows = rows::all();
    let stage = Stage::start();
    let seen = play_all(&stage, &rows);
    let logged = stage.logged(&rows);
    let mut failures = Failures::new("clients in Chromium");
    for (index, (name, _, _, _, sees, logs)) in rows.iter().enumerate() {
        let differences = [
            difference("the page saw", seen[&index].as_str(), *sees),
            difference("Envoy logged", logged[index].as_slice(), *logs),
        ];
        failures.row(*name, differences.into_iter().flatten().collect());
    }
    // Of the two pages that connect: what is blocked never gets there.
    failures.row(
        "WebSockets at their server",
        difference("they came", &stage.websockets(), &2).into_iter().collect(),
    );
    http_1::check(stage.http_1_port(), &mut failures);
    failures.finish();
}

/// What the page of each row is left with.
fn play_all(stage: &Stage, rows: &[Row]) -> HashMap<usize, String> {
    let proxy = stage.proxy();
    let mut seen = HashMap::new();
    for (cookies, pages) in BROWSERS {
        let preferences = json!({ "profile.cookie_controls_mode": cookies });
        let browser = chromium::start_with(Some(&proxy), Frames::Isolated, &preferences);
        seen.extend(pages.iter().flat_map(|page| stage.play(&browser, *page, rows)));
    }
    seen
}

fn difference<A: std::fmt::Debug + PartialEq<B> + ?Sized, B: std::fmt::Debug + ?Sized>(
    what: &str,
    actual: &A,
    expected: &B,
) -> Option<String> {
    (actual != expected).then(|| format!("{what}: expected {expected:?}, got {actual:?}"))
}
