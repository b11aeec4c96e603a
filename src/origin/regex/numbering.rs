//! A table of things that are told apart by a row of numbers. One for all of them: a table for each kind of key would be as
//! much code again in the module.

use std::collections::HashMap;

use crate::origin::fnv::BuildFnv;

/// Numbers by rows of numbers.
#[derive(Debug, Default)]
pub struct Numbering(HashMap<Box<[u32]>, u32, BuildFnv>);

impl Numbering {
    /// The number of a row, if it has one.
    #[must_use]
    pub fn get(&self, row: &[u32]) -> Option<u32> {
        self.0.get(row).copied()
    }

    /// Gives a row a number; whether it had none.
    pub fn set(&mut self, row: &[u32], number: u32) -> bool {
        self.0.insert(row.into(), number).is_none()
    }
}
