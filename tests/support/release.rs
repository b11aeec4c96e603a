//! Which Envoy is tested: `ENVOY`, a binary, or the fetched one of the release `ENVOY_VERSION`.

use std::path::{Path, PathBuf};

/// Whether it is one of these release lines, as far as `ENVOY_VERSION` says.
pub(crate) fn is_one_of(lines: &[&str]) -> bool {
    let version = std::env::var("ENVOY_VERSION").unwrap_or_default();
    lines.iter().any(|line| version.starts_with(&format!("{line}.")))
}

/// The binary.
pub(crate) fn binary() -> PathBuf {
    let version = std::env::var("ENVOY_VERSION").unwrap_or_else(|_| "1.40.0".to_owned());
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/envoy").join(version).join("envoy");
    let binary = std::env::var_os("ENVOY").map_or(fetched, PathBuf::from);
    assert!(binary.is_file(), "there is no Envoy at {}: run `make envoy`", binary.display());
    // Envoy starts in its own directory, from where a relative path would lead elsewhere.
    std::path::absolute(binary).expect("the current directory is known")
}
