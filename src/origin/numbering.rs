//! A table of numbers by bytes. All look-ups while reading a configuration share this one kind of table: another for
//! each kind of key would be as much code again in the module.

use std::collections::HashMap;

use super::fnv::BuildFnv;

/// Numbers by bytes.
#[derive(Debug, Default)]
pub struct Numbering(HashMap<Box<[u8]>, u32, BuildFnv>);

impl Numbering {
    /// The number of a key, if it has one.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<u32> {
        self.0.get(key).copied()
    }

    /// Gives a key a number; returns whether it had none.
    pub fn set(&mut self, key: &[u8], number: u32) -> bool {
        self.0.insert(key.into(), number).is_none()
    }
}
