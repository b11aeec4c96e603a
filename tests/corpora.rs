//! What fuzzing kept holds without the fuzzer too: an input that once showed a fault shows it again here.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "../fuzz/properties/mod.rs"]
mod properties;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use properties::TARGETS;
use support::failures::Failures;

/// How many inputs are made up, and from what.
const GROWN: usize = 4_000;
const SEED: u64 = 20_261_125;

#[test]
fn kept_inputs_hold() {
    let mut failures = Failures::new("kept inputs of fuzz targets");
    for (target, property) in TARGETS {
        let inputs = entries(&format!("fuzz/corpus/{target}"));
        println!("    {target}: {} inputs", inputs.len());
        assert!(!inputs.is_empty(), "fuzz/corpus/{target} is empty: see fuzz/README.md");
        for path in inputs {
            let input = fs::read(&path).expect("an input can be read");
            let differences = match catch_unwind(|| property(&input)) {
                Ok(()) => Vec::new(),
                Err(_) => vec!["does not hold, as the panic above says".to_owned()],
            };
            failures.row(path.display().to_string(), differences);
        }
    }
    failures.finish();
}

/// Policies and requests are generated from any bytes, so trying many new ones each time is worthwhile.
#[test]
fn grown_policies_hold() {
    let (mut random, mut failures) = (fastrand::Rng::with_seed(SEED), Failures::new("grown policies"));
    for _ in 0..GROWN {
        let input: Vec<u8> = (0..random.usize(100..260)).map(|_| random.u8(..)).collect();
        let differences = match catch_unwind(|| properties::policies::check(&input)) {
            Ok(()) => Vec::new(),
            Err(_) => vec!["does not hold, as the panic above says".to_owned()],
        };
        let shown = if differences.is_empty() { String::new() } else { format!("{input:?}") };
        failures.row(shown, differences);
    }
    failures.finish();
}

/// A target without a property here, or inputs without a target, would be forgotten without a word.
#[test]
fn every_target_is_replayed() {
    let known = BTreeSet::from(TARGETS.map(|(target, _)| target.to_owned()));
    assert_eq!(names("fuzz/targets"), known);
    assert_eq!(names("fuzz/corpus"), known);
}

fn names(directory: &str) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    entries(directory).into_iter().filter_map(stem).collect()
}

fn entries(directory: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    paths
}
