//! Every row of `cases/configs.jsonl`, as text and as a `Struct`, is judged by Envoy with the built plugin as the
//! contract says: accepted, or refused with an error line for each problem, which starts with its path, and a line
//! with their number. All rows are listeners of one running Envoy, which refuses each by itself; `--mode validate`
//! must say the same of all valid rows together and of a part of the others alone.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use support::cases::{ConfigRow, configs};
use support::config::{Bootstrap, Configuration, Listener, named_cors_filter};
use support::envoy::{Directory, Envoy, run_to_end};
use support::failures::Failures;
use support::wasm_log;

const FORMS: [&str; 2] = ["text", "struct"];

/// `--mode validate` takes 0.2 s, so only one in this many invalid rows is tried.
const VALIDATED: usize = 8;

/// No test here sends a request.
const NO_UPSTREAM: u16 = 1;

#[test]
fn one_running_envoy() {
    let rows = configs();
    let envoy = Envoy::start(Directory::new(), &bootstrap(&rows).dynamic());
    let log = envoy.log();
    let mut failures = Failures::new("configs");
    for (index, row) in rows.iter().enumerate() {
        let of_form = |form| differences(row, &log, &id(index, form), envoy.has_listener(&id(index, form)));
        failures.row(format!("{}: {}", row.name, row.config), FORMS.into_iter().flat_map(of_form).collect());
    }
    failures.finish();
}

#[test]
fn validate_valid_rows() {
    let rows: Vec<ConfigRow> = configs().into_iter().filter(|row| row.is_valid).collect();
    let ended = run_to_end(&bootstrap(&rows), &["--mode", "validate"]);
    println!("configs, valid, `--mode validate`: {} rows", rows.len());
    assert_eq!(ended.code, Some(0), "{}", ended.log);
}

#[test]
fn validate_invalid_rows() {
    let rows = configs().into_iter().filter(|row| !row.is_valid).step_by(VALIDATED);
    let mut failures = Failures::new("configs, invalid, `--mode validate`");
    for (index, row) in rows.enumerate() {
        let form = FORMS[index % FORMS.len()];
        let bootstrap = Bootstrap::new(NO_UPSTREAM).listener(&listener(&row, form, "alone"));
        let ended = run_to_end(&bootstrap, &["--mode", "validate"]);
        let differences = differences(&row, &ended.log, "alone", ended.code == Some(0));
        failures.row(format!("{}: {}", row.name, row.config), differences);
    }
    failures.finish();
}

/// Names a listener and its plugin, so that its log lines can be told from those of the others.
fn id(row: usize, form: &str) -> String {
    format!("{form}-{row}")
}

/// A listener for each row and form.
fn bootstrap(rows: &[ConfigRow]) -> Bootstrap {
    let forms = (0..rows.len()).flat_map(|row| FORMS.map(|form| (row, form)));
    let listeners = forms.map(|(row, form)| listener(&rows[row], form, &id(row, form)));
    listeners.fold(Bootstrap::new(NO_UPSTREAM), |bootstrap, listener| bootstrap.listener(&listener))
}

fn listener(row: &ConfigRow, form: &str, id: &str) -> Listener {
    let configuration = match form {
        "text" => Configuration::Text(row.config.to_string()),
        _ => Configuration::Struct(&row.config),
    };
    Listener::new(id, vec![named_cors_filter(id, &configuration)])
}

fn differences(row: &ConfigRow, log: &str, id: &str, is_accepted: bool) -> Vec<String> {
    let errors = wasm_log::errors(log, id);
    let mut differences = Vec::new();
    if is_accepted != row.is_valid {
        differences
            .push(format!("{id}: expected accepted = {}, got {is_accepted}: {errors:?}", row.is_valid));
    }
    let expected: BTreeSet<&str> = row.problems.iter().map(String::as_str).collect();
    let actual: BTreeSet<&str> = errors.iter().filter_map(|error| wasm_log::problem_path(error)).collect();
    if actual != expected {
        differences.push(format!("{id}: expected problems at {expected:?}, got {errors:?}"));
    }
    let number = row.problems.len().to_string();
    let counts = errors.iter().filter(|error| wasm_log::problem_path(error).is_none());
    let has_number =
        counts.clone().any(|line| line.split(|char: char| !char.is_ascii_digit()).any(|it| it == number));
    if !row.is_valid && !has_number {
        differences.push(format!(
            "{id}: expected a line with the number {number}, got {:?}",
            counts.collect::<Vec<_>>()
        ));
    }
    differences
}
