//! Waiting for what another process does.

use std::thread;
use std::time::{Duration, Instant};

/// Far more than anything that a test waits for should take, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until `is_so`; panics if it never is.
#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
