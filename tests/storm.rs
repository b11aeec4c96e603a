//! Thousands of hostile requests and answers of the upstream, made from a seed, in a real Envoy over HTTP/1.1 and
//! HTTP/2. After each batch an honest preflight has its one right answer; no module failed or was loaded again, none
//! keeps what it was sent, and no byte of a request stands unescaped in the log.
//!
//! `STORM_SEED` replays another storm than the usual one.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "storm/chaos.rs"]
mod chaos;
#[path = "storm/jobs.rs"]
mod jobs;
#[path = "storm/judge.rs"]
mod judge;
#[path = "storm/stage.rs"]
mod stage;
#[path = "storm/subjects.rs"]
mod subjects;
mod support;

use jobs::Wire;
use stage::Stage;

/// The storm that blows if `STORM_SEED` does not say which.
const SEED: u64 = 20_261_124;

#[test]
fn http1() {
    Stage::start("storm over HTTP/1.1", Wire::Http1, seed()).run();
}

#[test]
fn http2() {
    Stage::start("storm over HTTP/2", Wire::Http2, seed()).run();
}

fn seed() -> u64 {
    std::env::var("STORM_SEED").map_or(SEED, |text| text.parse().expect("STORM_SEED is a whole number"))
}
