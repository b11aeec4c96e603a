//! Building what a test runs, so that no test ever judges something stale.

use std::process::Command;

use serde_json::Value;

/// Runs a command of cargo's that builds; what cargo says of each thing it built. Guessing where a file is would go
/// wrong under any of cargo's settings for the target directory.
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
