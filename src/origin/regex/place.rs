//! A place between two characters of an origin that is read from its end: the states in which the automaton may be.

use super::nfa::{FREE, Id};

/// What stands on a side of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Nothing: it is an end of the origin.
    Edge,
    /// A character of a word.
    Word,
    /// Another character.
    #[default]
    Other,
}

/// A state, and how many names the choices on the way to it make; [`FREE`] if anything was free.
pub type Entry = (Id, u8);

/// The states at a place, sorted, each with the freest way to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The states.
    pub entries: Vec<Entry>,
    /// What was read last, if any state asks for it.
    pub right: Side,
}

impl Place {
    /// By what the place is known.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        let mut key = vec![self.right as u8];
        for (id, choices) in &self.entries {
            key.extend((id << 8 | u32::from(*choices)).to_le_bytes());
        }
        key
    }

    /// Whether no state is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The place with only the ways on which something was free.
    #[must_use]
    pub fn free(&self) -> Self {
        let entries = self.entries.iter().copied().filter(|(_, choices)| *choices == FREE).collect();
        Self { entries, right: self.right }
    }

    /// Whether anything on the way here was free.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.entries.iter().any(|(_, choices)| *choices == FREE)
    }

    /// The place without the ways on which anything was free.
    #[must_use]
    pub fn spelled_out(&self) -> Self {
        let entries = self.entries.iter().copied().filter(|(_, choices)| *choices != FREE).collect();
        Self { entries, right: self.right }
    }

    /// The place as if nothing on the way had been free.
    #[must_use]
    pub fn forgetting(&self) -> Self {
        let entries = self.entries.iter().map(|(id, _)| (*id, 1)).collect();
        Self { entries, right: self.right }
    }
}
/// Adds an entry to a sorted list; `false` if it is there, and as free.
pub fn note(list: &mut Vec<Entry>, (id, choices): Entry) -> bool {
    match list.binary_search_by_key(&id, |(id, _)| *id) {
        Err(at) => {
            list.insert(at, (id, choices));
            true
        }
        Ok(at) => match list.get_mut(at) {
            Some((_, known)) if *known < choices => {
                *known = choices;
                true
            }
            _ => false,
        },
    }
}
