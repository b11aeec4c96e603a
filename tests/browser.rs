//! Real browsers of three engines: pages call an API behind the built plugin in a real Envoy, and are allowed and refused
//! as the policy says. What reached the proxy and the upstream is compared too, not only what the pages saw.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "browser/dashboard.rs"]
mod dashboard;
#[path = "browser/demo.rs"]
mod demo;
#[path = "browser/devtools.rs"]
mod devtools;
mod engines;
#[path = "browser/messages.rs"]
mod messages;
#[path = "browser/pages.rs"]
mod pages;
#[path = "browser/phone.rs"]
mod phone;
#[path = "browser/row.rs"]
mod row;
#[path = "browser/shared_cache.rs"]
mod shared_cache;
#[path = "browser/stage.rs"]
mod stage;
mod support;
#[path = "browser/told.rs"]
mod told;
#[path = "browser/verdict.rs"]
mod verdict;

use std::path::Path;
use std::time::{Duration, Instant};

use engines::chromium::Frames;
use engines::{Engine, Opened};
use pages::Pace;
use row::Row;
use serde_json::Value;
use stage::Stage;
use support::failures::Failures;
use verdict::Observed;

/// Far more than all pages take.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn rows_in_chromium() {
    check_rows(Engine::Chromium, "pages in Chromium");
}

#[test]
#[ignore = "`make test-browsers` runs it, which fetches Firefox"]
fn rows_in_firefox() {
    check_rows(Engine::Firefox, "pages in Firefox");
}

#[test]
#[ignore = "`make test-browsers` runs it, which fetches WebKit"]
fn rows_in_webkit() {
    check_rows(Engine::Webkit, "pages in WebKit");
}

#[test]
fn messages_in_chromium() {
    check_messages(Engine::Chromium, "console messages of Chromium");
}

#[test]
#[ignore = "`make test-browsers` runs it, which fetches Firefox"]
fn messages_in_firefox() {
    check_messages(Engine::Firefox, "console messages of Firefox");
}

#[test]
#[ignore = "`make test-browsers` runs it, which fetches WebKit"]
fn messages_in_webkit() {
    check_messages(Engine::Webkit, "console messages of WebKit");
}

/// A developer who looks for the reason finds it in the network panel.
#[test]
fn proxy_status_in_chromium() {
    let stage = Stage::start(Row::all(&["proxy-status.jsonl"], Engine::Chromium), Pace::OneByOne);
    let mut failures = Failures::new("`Proxy-Status` in the developer tools of Chromium");
    let browser = run_pages(Engine::Chromium, Frames::Together, &stage, &mut failures);
    devtools::check(&browser, &stage.pages, &mut failures);
    failures.finish();
}

fn check_rows(engine: Engine, suite: &'static str) {
    let rows = Row::all(&["browser.jsonl", "browser-more.jsonl", "browser-2.jsonl"], engine);
    let stage = Stage::start(rows, Pace::Together);
    let mut failures = Failures::new(suite);
    let _browser = run_pages(engine, Frames::Isolated, &stage, &mut failures);
    failures.finish();
}

/// What the console says of each denial is in a document, word for word.
fn check_messages(engine: Engine, suite: &'static str) {
    let stage = Stage::start(Row::all(&["messages.jsonl"], engine), Pace::OneByOne);
    let mut failures = Failures::new(suite);
    let browser = run_pages(engine, Frames::Together, &stage, &mut failures);
    messages::check(engine, &browser, &stage.pages, &mut failures);
    failures.finish();
}

/// Runs all pages, and judges what came of them.
fn run_pages(engine: Engine, frames: Frames, stage: &Stage, failures: &mut Failures) -> Opened {
    let began = Instant::now();
    let browser = engine.open(&stage.proxy(), "http://run.example.com/", frames);
    let outcomes = wait_for_outcomes(stage);
    println!("the pages took {:.1} s", began.elapsed().as_secs_f32());
    let proxy = stage.seen_by_proxy();
    for (index, row) in stage.pages.rows.iter().enumerate() {
        let outcomes = outcomes.iter().find(|done| done["index"] == index).expect("each row was run");
        let observed = Observed {
            outcomes: outcomes["outcomes"].as_array().expect("a list"),
            proxy: &proxy[index],
            upstream: &stage.seen_by_upstream(index),
            page_port: stage.page_port,
        };
        failures.row(row.name.as_str(), observed.differences(row));
    }
    browser
}

/// The dashboard of the demo: it loads, lists jobs, starts and stops one, and shows why a call was refused.
#[test]
fn the_demo() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    dashboard::check(directory);
    println!("a picture is in {}", directory.join("dashboard.png").display());
}

/// Waits for what the page posts that runs all rows.
fn wait_for_outcomes(stage: &Stage) -> Vec<Value> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(Value::Array(outcomes)) = stage.pages.outcomes() {
            return outcomes;
        }
        assert!(Instant::now() < end, "the pages are not done");
        std::thread::sleep(Duration::from_millis(50));
    }
}
