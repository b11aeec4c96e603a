//! Envoy's access log, where the filter's verdict on each case shows.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Envoy flushes every 50 ms; the rest is patience with a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// The log of all listeners of an Envoy.
pub(crate) struct AccessLog {
    path: PathBuf,
}

impl AccessLog {
    /// A log in that directory.
    pub(crate) fn new(directory: &Path) -> Self {
        Self { path: directory.join("access.log") }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the filter recorded for each case (`-` for nothing), once `count` requests are logged.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> HashMap<usize, String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let entries = self.entries();
            if entries.len() >= count {
                return entries;
            }
            assert!(Instant::now() < end, "{} of {count} requests are in the access log", entries.len());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn entries(&self) -> HashMap<usize, String> {
        let text = fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.unwrap_or_default();
        // What follows the last line feed is a line that is still being written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let entry = |line: &str| {
            let (case, recorded) = line.split_once(' ')?;
            Some((case.parse().ok()?, recorded.to_owned()))
        };
        whole.lines().filter_map(entry).collect()
    }
}
