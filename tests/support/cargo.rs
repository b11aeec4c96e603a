//! Building what a test runs, so that no test ever judges something stale.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Runs a cargo command that builds; returns what cargo says about each thing it built. Guessing where a file is would
/// go wrong with some of cargo's settings for the target directory.
pub(crate) fn build(args: &[&str], what_if_not: &str) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{what_if_not}\n{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout);
    messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The module of a library, built as it is released.
pub(crate) fn wasm(library: &str, args: &[&str]) -> PathBuf {
    let hint = format!("{library} does not build (is the target there? `rustup target add wasm32-wasip1`)");
    build(
        &[&["rustc", "--release", "--lib", "--crate-type", "cdylib", "--target", "wasm32-wasip1"], args]
            .concat(),
        &hint,
    )
    .iter()
    .filter(|message| message["target"]["name"] == library)
    .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
    .filter_map(|file| file.as_str().map(PathBuf::from))
    .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
    .expect("cargo names the .wasm file it built")
}

/// The dynamic module, built as it is released.
pub(crate) fn module(args: &[&str]) -> PathBuf {
    const PACKAGE: &str = "proxy-wasm-cors-module";
    build(
        &[&["build", "--package", PACKAGE, "--profile", "module"], args].concat(),
        "the module does not build",
    )
    .iter()
    .filter(|message| message["target"]["name"] == PACKAGE.replace('-', "_"))
    .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
    .filter_map(|file| file.as_str().map(PathBuf::from))
    .find(|file| file.extension().is_some_and(|extension| extension == "so"))
    .expect("cargo names the .so file it built")
}
