//! The plugins and streams that the host has made, by its numbers for them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::host::{self, Level};
use crate::{Plugin, Stream};

/// Makes a plugin.
type New = fn() -> Box<dyn Plugin>;

/// Everything that the host has made.
pub(crate) struct Contexts {
    new: Option<New>,
    pub(crate) plugins: ById<Box<dyn Plugin>>,
    pub(crate) streams: ById<Box<dyn Stream>>,
}

type ById<T> = HashMap<u32, T, BuildHasherDefault<Spread>>;

thread_local! {
    static CONTEXTS: RefCell<Contexts> = const {
        RefCell::new(Contexts {
            new: None,
            plugins: HashMap::with_hasher(BuildHasherDefault::new()),
            streams: HashMap::with_hasher(BuildHasherDefault::new()),
        })
    };
}

/// Says how plugins are made, before the first is. A panic is logged from here on.
pub fn start(new: New) {
    std::panic::set_hook(Box::new(|panic| host::log(Level::Critical, format_args!("{panic}"))));
    with(|contexts| contexts.new = Some(new));
}

/// Does something with the contexts; `None` if a host calls the module from within a call of it, which none should.
pub(crate) fn with<T>(act: impl FnOnce(&mut Contexts) -> T) -> Option<T> {
    CONTEXTS.with(|contexts| contexts.try_borrow_mut().ok().map(|mut contexts| act(&mut contexts)))
}

impl Contexts {
    /// Makes a plugin, or a stream of the plugin `parent`.
    pub(crate) fn create(&mut self, id: u32, parent: u32) {
        if let Some(plugin) = self.plugins.get(&parent) {
            self.streams.insert(id, plugin.stream());
        } else if let Some(new) = self.new {
            self.plugins.insert(id, new());
        }
    }

    /// Drops a plugin or a stream.
    pub(crate) fn delete(&mut self, id: u32) {
        if self.streams.remove(&id).is_none() {
            self.plugins.remove(&id);
        }
    }
}

/// The hash of a number that the host counts up: spread, since a `HashMap` looks at the first and the last bits.
#[derive(Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
