//! Real browsers of three engines: pages call an API behind the built plugin in a real Envoy, and are allowed and refused
//! as the policy says. What reached the proxy and the upstream is compared too, not only what the pages saw.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "browser/dashboard.rs"]
mod dashboard;
#[path = "browser/demo.rs"]
mod demo;
mod engines;
#[path = "browser/pages.rs"]
mod pages;
#[path = "browser/row.rs"]
mod row;
#[path = "browser/stage.rs"]
mod stage;
mod support;
#[path = "browser/verdict.rs"]
mod verdict;

use std::path::Path;
use std::time::{Duration, Instant};

use engines::Engine;
use serde_json::Value;
use stage::Stage;
use support::failures::Failures;
use verdict::Observed;

/// Far more than all pages take.
const PATIENCE: Duration = Duration::from_secs(90);

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

fn check_rows(engine: Engine, suite: &'static str) {
    let stage = Stage::start(engine);
    let began = Instant::now();
    let outcomes = run_pages(engine, &stage);
    println!("the pages took {:.1} s", began.elapsed().as_secs_f32());
    let proxy = stage.seen_by_proxy();
    let mut failures = Failures::new(suite);
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
    failures.finish();
}

/// The dashboard of the demo: it loads, lists jobs, starts and stops one, and shows why a call was refused.
#[test]
fn the_demo() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    dashboard::check(directory);
    println!("a picture is in {}", directory.join("dashboard.png").display());
}

/// Opens the page that runs all rows, and waits for what it posts.
fn run_pages(engine: Engine, stage: &Stage) -> Vec<Value> {
    let _browser = engine.open(&stage.proxy(), "http://run.example.com/");
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(Value::Array(outcomes)) = stage.pages.outcomes() {
            return outcomes;
        }
        assert!(Instant::now() < end, "the pages are not done");
        std::thread::sleep(Duration::from_millis(50));
    }
}
