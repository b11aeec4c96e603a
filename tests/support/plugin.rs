//! The plugin as it is in the checkout now.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::cargo;

/// The module, built before its first use in each test program.
pub(crate) fn module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| cargo::wasm("proxy_wasm_cors", &[]))
}
