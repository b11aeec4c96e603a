//! Where one Envoy reads and writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::config::Bootstrap;

/// The file of a bootstrap, and that of its listeners if they are dynamic.
pub(crate) const BOOTSTRAP: &str = "bootstrap.json";
pub(crate) const LISTENERS: &str = "listeners.json";

/// A separate directory, which is removed at the end unless the test fails.
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// A new directory below the target directory.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("envoy-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("the target directory can be written");
        Self(path)
    }

    /// The path itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it, which need not be there.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes what Envoy starts from.
    pub(crate) fn write(&self, bootstrap: &Bootstrap) {
        self.replace(BOOTSTRAP, &bootstrap.to_json(&self.file(LISTENERS)).to_string());
        self.replace(LISTENERS, &bootstrap.listeners_to_json().to_string());
    }

    /// Puts a file in the place of one that Envoy watches.
    pub(crate) fn replace(&self, file: &str, text: &str) {
        // Envoy looks at a file that is moved to its place, not at one that is being written.
        let new = self.file(&format!("{file}.new"));
        fs::write(&new, text).expect("the target directory can be written");
        fs::rename(&new, self.file(file)).expect("the target directory can be written");
    }

    /// What Envoy has logged up to now.
    pub(crate) fn log(&self) -> String {
        // Latin-1, so that each byte of the log stays one that a test can look at.
        fs::read(self.file("log")).unwrap_or_default().into_iter().map(char::from).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("Envoy's files are in {}", self.0.display());
        } else {
            fs::remove_dir_all(&self.0).ok();
        }
    }
}
