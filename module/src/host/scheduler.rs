//! Asking Envoy, from any thread, to call a hook of a configuration on its main thread.

use std::ffi::{CStr, c_void};
use std::mem::transmute;

use super::abi::{self, SchedulerCommit, SchedulerDelete, SchedulerEnvoy, SchedulerNew};
use super::{Setup, find};

/// Asks for the hook of one configuration. If the configuration is gone by then, Envoy does nothing.
pub(crate) struct Scheduler {
    envoy: SchedulerEnvoy,
    commit: SchedulerCommit,
    delete: SchedulerDelete,
}

// SAFETY: Envoy lets a module use a scheduler on any thread, and delete it on any.
unsafe impl Send for Scheduler {}
// SAFETY: as above; `commit` changes nothing in it.
unsafe impl Sync for Scheduler {}

impl Setup<'_> {
    /// The scheduler of the configuration, if this release of Envoy has all that counting outside a stream needs.
    pub(crate) fn scheduler(&self) -> Option<Scheduler> {
        found(abi::CONFIG_INCREMENT_COUNTER)?;
        let (new, commit, delete) =
            (found(abi::SCHEDULER_NEW)?, found(abi::SCHEDULER_COMMIT)?, found(abi::SCHEDULER_DELETE)?);
        // SAFETY: what Envoy has under these names are functions of these types.
        let (new, commit, delete) = unsafe {
            (
                transmute::<*mut c_void, SchedulerNew>(new),
                transmute::<*mut c_void, SchedulerCommit>(commit),
                transmute::<*mut c_void, SchedulerDelete>(delete),
            )
        };
        // SAFETY: the configuration is being made.
        let envoy = unsafe { new(self.config) };
        (!envoy.is_null()).then_some(Scheduler { envoy, commit, delete })
    }
}

impl Scheduler {
    /// Asks for the hook, and does not wait for it.
    pub(crate) fn commit(&self) {
        // SAFETY: the scheduler lives until `drop`.
        unsafe { (self.commit)(self.envoy, 0) };
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        // SAFETY: once, and nothing can use it afterwards.
        unsafe { (self.delete)(self.envoy) };
    }
}

fn found(name: &CStr) -> Option<*mut c_void> {
    Some(find(name)).filter(|place| !place.is_null())
}
