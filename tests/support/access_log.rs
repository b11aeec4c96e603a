//! Envoy's access log, where the filter's verdict on each case shows.

use std::collections::HashMap;
use std::fs;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Envoy flushes every 50 ms; the rest is patience with a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// The file of what Envoy prints, such as the access log of the examples.
pub(crate) const PRINTED: &str = "printed";

/// The log of all listeners of an Envoy.
pub(crate) struct AccessLog {
    path: PathBuf,
}

impl AccessLog {
    /// A log in that directory.
    pub(crate) fn new(directory: &Path) -> Self {
        Self { path: directory.join("access.log") }
    }

    /// The log that an Envoy in that directory prints.
    pub(crate) fn printed(directory: &Path) -> Self {
        Self { path: directory.join(PRINTED) }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the filter recorded for each case (`-` for nothing), once `count` requests are logged.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> HashMap<usize, String> {
        self.wait_for_lines(count, |line| {
            let (case, recorded) = line.split_once(' ')?;
            Some((case.parse().ok()?, recorded.to_owned()))
        })
    }

    /// The lines of a log in JSON by their `path`, once `count` paths are logged.
    #[track_caller]
    pub(crate) fn wait_for_paths(&self, count: usize) -> HashMap<String, Value> {
        self.wait_for_lines(count, |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            Some((line["path"].as_str()?.to_owned(), line))
        })
    }

    #[track_caller]
    fn wait_for_lines<K: Eq + Hash, V>(
        &self,
        count: usize,
        entry: impl Fn(&str) -> Option<(K, V)>,
    ) -> HashMap<K, V> {
        let end = Instant::now() + PATIENCE;
        loop {
            let entries: HashMap<K, V> = self.whole_lines().lines().filter_map(&entry).collect();
            if entries.len() >= count {
                return entries;
            }
            assert!(Instant::now() < end, "{} of {count} requests are in the access log", entries.len());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The log but for what follows the last line feed, which is still being written.
    fn whole_lines(&self) -> String {
        let text = fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        text.unwrap_or_default().rsplit_once('\n').map_or_else(String::new, |(whole, _)| whole.to_owned())
    }
}
