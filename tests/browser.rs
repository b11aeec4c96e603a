//! A real Chromium: pages call an API behind the built plugin in a real Envoy, and are allowed and refused as the policy
//! says. What reached the proxy and the upstream is compared too, not only what the pages saw.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "browser/chromium.rs"]
mod chromium;
#[path = "browser/dashboard.rs"]
mod dashboard;
#[path = "browser/demo.rs"]
mod demo;
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

use chromium::Chromium;
use serde_json::Value;
use stage::Stage;
use support::failures::Failures;
use verdict::Observed;

/// Far more than all pages take.
const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn all_rows() {
    let stage = Stage::start();
    let began = Instant::now();
    let outcomes = run_pages(&stage);
    println!("the pages took {:.1} s", began.elapsed().as_secs_f32());
    let proxy = stage.seen_by_proxy();
    let mut failures = Failures::new("pages in Chromium");
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
fn run_pages(stage: &Stage) -> Vec<Value> {
    let chromium = Chromium::start(&stage.resolver_rules());
    chromium.run(async |client| client.goto("http://run.example.com/").await);
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(Value::Array(outcomes)) = stage.pages.outcomes() {
            return outcomes;
        }
        assert!(Instant::now() < end, "the pages are not done");
        std::thread::sleep(Duration::from_millis(50));
    }
}
