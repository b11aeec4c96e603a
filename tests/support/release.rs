//! Which Envoy is tested: `ENVOY`, a binary, or the fetched one of the release `ENVOY_VERSION`.

use std::path::{Path, PathBuf};

/// The binary.
pub(crate) fn binary() -> PathBuf {
    let version = std::env::var("ENVOY_VERSION").unwrap_or_else(|_| "1.40.0".to_owned());
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/envoy").join(version).join("envoy");
    let binary = std::env::var_os("ENVOY").map_or(fetched, PathBuf::from);
    assert!(binary.is_file(), "there is no Envoy at {}: run `make envoy`", binary.display());
    // Envoy starts in a directory of its own, from where a relative path would lead elsewhere.
    std::path::absolute(binary).expect("the current directory is known")
}
