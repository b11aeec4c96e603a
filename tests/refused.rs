//! A configuration that the plugin refuses ends Envoy's start with every problem named, and never as a trap.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::config::{Bootstrap, Configuration, Listener, named_cors_filter};
use support::envoy::run_to_end;
use support::wasm_log;

/// Starts Envoy, which must end by itself, and gives the lines in which the plugin says why.
#[track_caller]
fn refusal(configuration: &Configuration) -> Vec<String> {
    let listener = Listener::new("refused", vec![named_cors_filter("refused", configuration)]);
    let ended = run_to_end(&Bootstrap::new(1).listener(&listener), &[]);
    assert!(ended.code.is_some_and(|code| code != 0), "Envoy ended with {:?}", ended.code);
    assert_eq!(wasm_log::trap(&ended.log), None, "the plugin trapped:\n{}", ended.log);
    wasm_log::errors(&ended.log, "refused")
}

/// Each problem is a line that names its path, the value in backticks, and what to write instead.
#[track_caller]
fn check_problems(config: &Value, expected: &[(&str, &str)]) {
    for configuration in [Configuration::Text(config.to_string()), Configuration::Struct(config)] {
        let errors = refusal(&configuration);
        let paths: BTreeSet<&str> = errors.iter().filter_map(|error| wasm_log::problem_path(error)).collect();
        assert_eq!(paths, expected.iter().map(|(path, _)| *path).collect(), "{errors:#?}");
        for (path, value) in expected {
            let line =
                errors.iter().find(|error| wasm_log::problem_path(error) == Some(path)).expect("it is there");
            let (wrong, instead) = line.rsplit_once("; ").unwrap_or_else(|| panic!("no advice: {line}"));
            assert!(wrong.contains(&format!("`{value}`")), "not named `{value}`: {line}");
            assert!(instead.len() > 5, "no advice: {line}");
        }
        let number = expected.len().to_string();
        let mut others = errors.iter().filter(|error| wasm_log::problem_path(error).is_none());
        assert!(others.any(|line| line.contains(&number)), "no line has their number: {errors:#?}");
    }
}

#[test]
fn every_problem_is_named() {
    let config = json!({
        "allow_origins": ["https://app.example.com", "https://example.com/", "EXAMPLE.com", { "prefix": "https://a" }],
        "allow_credentials": "yes",
        "allow_methods": ["GET", "P UT"],
        "allow_headers": ["X Foo"],
        "max_age": -1,
        "preflight_status": 404,
        "mode": "off",
        "alow_origins": [],
    });
    check_problems(
        &config,
        &[
            ("allow_origins[1]", "https://example.com/"),
            ("allow_origins[2]", "EXAMPLE.com"),
            ("allow_origins[3]", "prefix"),
            ("allow_credentials", "yes"),
            ("allow_methods[1]", "P UT"),
            ("allow_headers[0]", "X Foo"),
            ("max_age", "-1"),
            ("preflight_status", "404"),
            ("mode", "off"),
            ("alow_origins", "alow_origins"),
        ],
    );
}

#[test]
fn problems_under_policies() {
    let config = json!({ "policies": [
        { "name": "a", "match": { "hosts": ["a.example.com"] }, "allow_origins": ["https://a.example.com:443"] },
        { "name": "a", "allow_origins": ["null"] },
        { "name": "c", "allow_origins": ["file://x"] },
    ] });
    check_problems(
        &config,
        &[
            ("policies[0].allow_origins[0]", "https://a.example.com:443"),
            ("policies[1].name", "a"),
            ("policies[1].allow_origins[0]", "null"),
            ("policies[2].allow_origins[0]", "file://x"),
            ("policies[2]", "a"),
        ],
    );
}

/// What is not a configuration at all is refused in a line that says what is wanted.
#[track_caller]
fn check_unreadable(configuration: &Configuration, expected: &[&str]) {
    let errors = refusal(configuration);
    assert!(!errors.is_empty() && errors.len() <= 2, "{errors:#?}");
    assert!(errors.iter().all(|error| error.starts_with("config: ")), "{errors:#?}");
    for words in expected {
        assert!(errors.iter().any(|error| error.contains(words)), "nothing of {words:?} in {errors:#?}");
    }
}

#[test]
fn no_configuration() {
    check_unreadable(&Configuration::Absent, &["allow_origins"]);
    check_unreadable(&Configuration::Text(String::new()), &["allow_origins"]);
    check_unreadable(&Configuration::Bytes(b""), &["allow_origins"]);
    check_unreadable(&Configuration::Text(" \n ".to_owned()), &[]);
}

#[test]
fn no_json_object() {
    let text = |text: &str| Configuration::Text(text.to_owned());
    check_unreadable(&text("{\n  \"allow_origins\": [\n    \"*\",\n  ]\n}\n"), &["line 4", "column 3"]);
    check_unreadable(&text("allow_origins: ['*']"), &["line 1", "column 1"]);
    check_unreadable(&text("{\"allow_origins\": [\"*\"]} x"), &["line 1", "column 26"]);
    check_unreadable(&text("[{\"allow_origins\": [\"*\"]}]"), &["object"]);
    check_unreadable(&text("null"), &["object"]);
    check_unreadable(&text("\"*\""), &["object"]);
    check_unreadable(&text(&"[".repeat(100_000)), &["line 1"]);
}

#[test]
fn random_bytes() {
    check_unreadable(&Configuration::Bytes(b"\xff"), &[]);
    check_unreadable(&Configuration::Bytes(b"{\"allow_origins\": [\"\xff\"]}"), &[]);
    // The beginnings of a protobuf `Struct`: a field without an end, and one of more bytes than there are.
    check_unreadable(&Configuration::Bytes(b"\x0a"), &[]);
    check_unreadable(&Configuration::Bytes(b"\x0a\xff\xff\xff\xff\x0f"), &[]);
    // A generator of Lehmer's kind: the same bytes in every run.
    let mut state = 1_u64;
    for length in [1, 7, 64, 1000] {
        let next = |state: &mut u64| {
            *state = *state * 48_271 % 0x7fff_ffff;
            state.to_le_bytes()[1]
        };
        let bytes: Vec<u8> = (0..length).map(|_| next(&mut state)).collect();
        check_unreadable(&Configuration::Bytes(&bytes), &[]);
    }
}
