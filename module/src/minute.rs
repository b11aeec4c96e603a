//! The only thread of the module. Once a second it has Envoy collect what was counted, and once a minute it logs what
//! operators should know. Envoy has no timer for HTTP filters, and the last denials should not wait for the next request.
//!
//! It runs while there are configurations, and ends before the last of them is gone, because Envoy may then unload the
//! module.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::filter::Running;
use crate::pending::{Pending, has_orphans};

const MINUTE: Duration = Duration::from_secs(60);
/// How long counts may wait.
const SECOND: Duration = Duration::from_secs(1);

/// The configurations in service.
static SERVING: Mutex<Vec<Serving>> = Mutex::new(Vec::new());
/// Wakes the thread when no configuration is left.
static NONE_SERVES: Condvar = Condvar::new();
/// The thread. Whoever adds or removes a configuration locks it; the thread itself never does.
static THREAD: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// A configuration in service.
struct Serving {
    running: Weak<Running>,
    /// What it has counted, unless it counts at once.
    pending: Option<Arc<Pending>>,
}

/// As long as it exists, the log hears about a configuration once a minute, and its counts are collected.
pub(crate) struct Registration {
    running: Weak<Running>,
    has_thread: bool,
}

impl Registration {
    /// Registers a configuration.
    pub(crate) fn of(running: &Arc<Running>, pending: Option<Arc<Pending>>) -> Self {
        let mut thread = held(&THREAD);
        let running = Arc::downgrade(running);
        held(&SERVING).push(Serving { running: Weak::clone(&running), pending });
        if thread.is_none() {
            // If the thread cannot be started, the lines of each minute are missing, and everything else works.
            *thread = thread::Builder::new().name("cors-minute".to_owned()).spawn(tell).ok();
        }
        Self { running, has_thread: thread.is_some() }
    }

    /// Whether there is a thread that has counts collected.
    pub(crate) fn has_thread(&self) -> bool {
        self.has_thread
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut thread = held(&THREAD);
        let mut serving = held(&SERVING);
        serving.retain(|other| !other.running.ptr_eq(&self.running));
        if !serving.is_empty() {
            return;
        }
        drop(serving);
        NONE_SERVES.notify_all();
        if let Some(thread) = thread.take() {
            // An error means that the thread has panicked, so it has ended as well.
            let _ = thread.join();
        }
    }
}

fn tell() {
    let mut told = Instant::now();
    loop {
        let serving = held(&SERVING);
        let waited = NONE_SERVES.wait_timeout_while(serving, SECOND, |serving| !serving.is_empty());
        let (serving, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if serving.is_empty() {
            return;
        }
        schedule(&serving);
        if told.elapsed() < MINUTE {
            continue;
        }
        told = Instant::now();
        let all: Vec<_> = serving.iter().filter_map(|serving| serving.running.upgrade()).collect();
        drop(serving);
        for running in all {
            running.tell_the_minute();
        }
    }
}

/// Asks Envoy to collect what was counted. That happens under the lock, because a configuration that ends deletes its
/// scheduler.
fn schedule(serving: &[Serving]) {
    let mut has_orphans = has_orphans();
    for pending in serving.iter().filter_map(|serving| serving.pending.as_ref()) {
        if has_orphans || pending.has_some() {
            pending.schedule();
            has_orphans = false;
        }
    }
}

/// A panic while the lock was held leaves nothing half done, because each change is a single step.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
