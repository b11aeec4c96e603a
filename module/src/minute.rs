//! The only thread of the module. Once a minute it logs what operators should know. Envoy has no timer for HTTP filters,
//! and the last denials should not wait for the next request.
//!
//! It runs while there are configurations, and ends before the last of them is gone, because Envoy may then unload the
//! module.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::filter::Running;

const MINUTE: Duration = Duration::from_secs(60);

/// The configurations in service.
static SERVING: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());
/// Wakes the thread when no configuration is left.
static NONE_SERVES: Condvar = Condvar::new();
/// The thread. Whoever adds or removes a configuration locks it; the thread itself never does.
static THREAD: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// As long as it exists, the log hears about a configuration once a minute.
pub(crate) struct Registration(Weak<Running>);

impl Registration {
    /// Registers a configuration.
    pub(crate) fn of(running: &Arc<Running>) -> Self {
        let mut thread = held(&THREAD);
        held(&SERVING).push(Arc::downgrade(running));
        if thread.is_none() {
            // If the thread cannot be started, the lines of each minute are missing, and everything else works.
            *thread = thread::Builder::new().name("cors-minute".to_owned()).spawn(tell).ok();
        }
        Self(Arc::downgrade(running))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut thread = held(&THREAD);
        let mut serving = held(&SERVING);
        serving.retain(|other| !other.ptr_eq(&self.0));
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
    loop {
        let serving = held(&SERVING);
        let waited = NONE_SERVES.wait_timeout_while(serving, MINUTE, |serving| !serving.is_empty());
        let (serving, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if serving.is_empty() {
            return;
        }
        let all: Vec<_> = serving.iter().filter_map(Weak::upgrade).collect();
        drop(serving);
        for running in all {
            running.tell_the_minute();
        }
    }
}

/// A panic while the lock was held leaves nothing half done, because each change is a single step.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
