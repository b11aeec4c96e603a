//! What the filter costs in a real Envoy: CPU time of the process per request, compared with no filter, Envoy's own
//! CORS filter, plugins that do nothing, and a hand-written module that makes the same host calls.
//!
//! `make bench`. `BENCH_ROUNDS`, `BENCH_REQUESTS` and `BENCH_STARTS` make it longer or shorter.

#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a benchmark fails by panicking"
)]

mod chart;
mod class;
mod module;
mod samples;
mod stage;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;
mod traffic;
mod variant;
mod vm;

use std::path::Path;

use samples::Samples;
use stage::{Cell, Stage};

/// Measurements of each combination.
const ROUNDS: usize = 31;

/// Requests in one measurement.
const REQUESTS: usize = 3_000;

/// Requests before the first measurement of each combination with Wasm, because V8 recompiles what is called often.
const WARM_UP: usize = 50_000;

/// A number that is at least one.
fn number_from(name: &str, otherwise: usize) -> usize {
    let Ok(text) = std::env::var(name) else { return otherwise };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.unwrap_or_else(|| {
        panic!(
            "{name} is `{text}`, which is no number above zero; write how many, such as `{name}={otherwise}`"
        )
    })
}

/// Each round measures every cell once, in a random order, but cells that are compared come one after the other:
/// whatever disturbs the machine for a while disturbs all of them.
fn measure(stage: &Stage, rounds: usize, requests: usize) -> Samples {
    let mut groups = Cell::groups();
    for cell in groups.iter().flatten() {
        stage.measure(*cell, if cell.variant.is_wasm() { WARM_UP } else { REQUESTS });
    }
    let mut samples = Samples::default();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        fastrand::shuffle(&mut groups);
        for group in &mut groups {
            fastrand::shuffle(group);
            for cell in group {
                samples.add(*cell, stage.measure(*cell, requests));
            }
        }
    }
    samples
}

fn main() {
    // `cargo test --all-targets` runs benchmarks too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let vms = vm::measure(number_from("BENCH_STARTS", vm::STARTS));
    let samples = measure(
        &Stage::start(),
        number_from("BENCH_ROUNDS", ROUNDS),
        number_from("BENCH_REQUESTS", REQUESTS),
    );
    table::print(&samples, &vms);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cost.svg");
    std::fs::create_dir_all(file.parent().expect("the file is in a directory")).expect("docs can be made");
    std::fs::write(&file, chart::draw(&samples)).expect("docs can be written");
    println!("the chart is in docs/cost.svg");
}
