//! The plugin as it is in the checkout now.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::cargo;

/// The module, built before its first use in each test program.
pub(crate) fn module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(build)
}

fn build() -> PathBuf {
    let hint = "the plugin does not build (is the target there? `rustup target add wasm32-wasip1`)";
    cargo::build(
        &["rustc", "--release", "--lib", "--crate-type", "cdylib", "--target", "wasm32-wasip1"],
        hint,
    )
    .iter()
    .filter(|message| message["target"]["name"] == "proxy_wasm_cors")
    .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
    .filter_map(|file| file.as_str().map(PathBuf::from))
    .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
    .expect("cargo names the .wasm file it built")
}
