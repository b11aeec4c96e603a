//! The one thread of the module: once a minute it has the log told what operators should know. Envoy has no timer for HTTP
//! filters, and what was denied last should not wait for the next request.
//!
//! It is there while there are configurations, and has ended before the last of them is gone: then Envoy may unload the
//! module.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::filter::Running;

const MINUTE: Duration = Duration::from_secs(60);

/// The configurations in service.
static SERVING: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());
/// Tells the thread that none is.
static NONE_SERVES: Condvar = Condvar::new();
/// The thread. Held by whoever adds a configuration or takes one away, and never by the thread.
static THREAD: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// While it is there, the log is told of a configuration.
pub(crate) struct Registration(Weak<Running>);

impl Registration {
    /// Registers a configuration.
    pub(crate) fn of(running: &Arc<Running>) -> Self {
        let mut thread = held(&THREAD);
        held(&SERVING).push(Arc::downgrade(running));
        if thread.is_none() {
            // Without a thread there is nothing to read once a minute, and all else goes on.
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
            // It fails if the thread has panicked, and has ended then.
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

/// What was held when something panicked is as good as ever: each change of it is one step.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
