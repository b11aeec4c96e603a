//! `check` and the host agree on what a file says. Each file is given to `check` and to `envoy --mode validate`: either
//! both refuse it or neither does, and the plugin in Envoy says about a value, which shows how Envoy read it, what
//! `check` says. Kubernetes does not run here; a table from its source says what it reads.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

#[path = "command/binary.rs"]
#[expect(dead_code, reason = "it serves the tests of the command, too")]
mod binary;
#[path = "agreement/files.rs"]
mod files;
#[path = "agreement/hosts.rs"]
mod hosts;
#[path = "agreement/scalars.rs"]
mod scalars;

use std::fmt::Write as _;
use std::path::Path;

use binary::{Ended, run};
use files::{CONFIGURATIONS, POLICIES, STRICTER};
use scalars::SCALARS;
use support::config::VM_ID;
use support::envoy::{Directory, run_to_end_from};
use support::failures::Failures;
use support::{plugin, wasm_log};

/// The name of the plugin in the log.
const PLUGIN: &str = "cors";
const FILE: &str = "envoy.yaml";

#[test]
fn configurations() {
    let mut failures = Failures::new("agreement, configurations");
    for (name, is_accepted, configuration) in CONFIGURATIONS {
        failures.row(name, disagreement(&envoy_file(configuration), is_accepted, is_accepted));
    }
    failures.finish();
}

#[test]
fn policies() {
    let mut failures = Failures::new("agreement, policies");
    for (name, is_accepted, policy) in POLICIES {
        failures.row(name, disagreement(&envoy_file(&in_struct(policy)), is_accepted, is_accepted));
    }
    failures.finish();
}

/// Where Envoy takes what nobody can have meant, `check` does not.
#[test]
fn stricter_than_envoy() {
    let mut failures = Failures::new("agreement, stricter");
    for (name, policy) in STRICTER {
        failures.row(name, disagreement(&envoy_file(&in_struct(policy)), true, false));
    }
    failures.finish();
}

/// None of them is an origin, so each message shows what was read.
#[test]
fn scalars() {
    let list = SCALARS.iter().fold("allow_origins:".to_owned(), |list, scalar| list + "\n- " + scalar);
    let differences = disagreement(&envoy_file(&in_struct(&list)), false, false);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A file whose filter has this configuration.
fn envoy_file(configuration: &str) -> String {
    let module = plugin::module().display();
    let start = include_str!("agreement/envoy.yaml").replace("MODULE", &module.to_string());
    let start = start.replace("VM_ID", VM_ID).replace("PLUGIN", PLUGIN);
    start.replace("                # CONFIGURATION\n", &indented(configuration, 16))
}

fn in_struct(policy: &str) -> String {
    let start = "configuration:\n  \"@type\": type.googleapis.com/google.protobuf.Struct\n  value:\n";
    format!("{start}{}", indented(policy, 4))
}

fn indented(text: &str, width: usize) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        writeln!(all, "{:width$}{line}", "").expect("a text takes any text");
        all
    })
}

/// How the verdicts differ from what is expected of Envoy and of `check`, and what each said.
fn disagreement(text: &str, envoy_accepts: bool, check_accepts: bool) -> Vec<String> {
    let directory = Directory::new();
    directory.replace(FILE, text);
    let envoy = run_to_end_from(&directory, FILE, &["--mode", "validate"]);
    let check = check(directory.path());
    let errors = wasm_log::errors(&envoy.log, PLUGIN);
    let unsaid = errors.iter().filter(|error| {
        // Of bytes that it cannot read the plugin knows less than `check`, which sees their type.
        let is_about_a_value = !matches!(wasm_log::problem_path(error), None | Some("(bytes)"));
        let said = error.strip_prefix("config: ").unwrap_or(error);
        is_about_a_value && !check_accepts && !check.stdout.contains(&format!("problem: {said}"))
    });
    let mut differences: Vec<String> = unsaid.map(|error| format!("`check` does not say: {error}")).collect();
    if (envoy.code == Some(0), check.code == 0) != (envoy_accepts, check_accepts) {
        differences.push(format!("Envoy ended with {:?}, `check` with {}", envoy.code, check.code));
    }
    if !differences.is_empty() {
        differences.extend([check.stdout, envoy.log]);
    }
    differences
}

fn check(directory: &Path) -> Ended {
    run(directory, &["check", FILE])
}
