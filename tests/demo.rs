//! `make demo POLICY=...`: the demo with the reader's own policy, in a real Envoy.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "browser/demo.rs"]
#[expect(dead_code, reason = "pages are opened by the tests of browsers")]
mod demo;
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use demo::Demo;
use support::plugin;

/// A file with a policy.
fn written(name: &str, policy: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, policy).expect("it can be written");
    path
}

/// Checks which of the two pages the demo says that a policy allows.
#[track_caller]
fn check(name: &str, policy: &str, expected: [bool; 2]) {
    let file = written(name, policy);
    let demo = Demo::start(&["--policy", file.to_str().expect("a path of text")]);
    assert_eq!(demo.allows, expected, "{policy}");
}

/// Checks that the demo ends and says all of this, without a Python traceback.
#[track_caller]
fn check_refused(file: &str, expected: &[&str]) {
    plugin::module();
    let ended = Command::new("python3")
        .args(["envoy/demo/run.py", "--policy", file])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .expect("python3 starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success(), "it goes on: {said}");
    assert!(!said.contains("Traceback"), "{said}");
    expected.iter().for_each(|text| assert!(said.contains(text), "no `{text}` in {said}"));
}

#[test]
fn it_says_which_pages_the_readers_policy_allows() {
    check("everyone.yaml", "allow_origins: [\"*\"]\n", [true, true]);
    check("no-one.json", r#"{"allow_origins": ["https://app.example.com"]}"#, [false, false]);
}

#[test]
fn it_says_what_is_wrong_with_the_readers_policy() {
    let slash = written("slash.yaml", "allow_origins: [\"https://a.example/\"]\n");
    let slash = slash.to_str().expect("a path of text");
    check_refused(
        slash,
        &["config: allow_origins[0]: `https://a.example/` has a path", "write `https://a.example`"],
    );
    check_refused("no-such-file.yaml", &["no-such-file.yaml", "No such file"]);
}
