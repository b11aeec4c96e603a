//! Steps through an automaton, from place to place.

use super::class::{Set, WORD, one};
use super::nfa::{FREE, Id, Nfa, Read, State};
use super::place::{Entry, Place, Side, note};
use super::syntax::Look;

/// How many names the choices in a registrable domain may make before it counts as free.
const MAX_SPELLED_NAMES: u8 = 64;

/// What is noted of the way to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    /// How many names its choices make.
    Free,
    /// Whether a lone dot was read as one.
    LoneDots,
}

/// Steps through an automaton, and counts the work.
#[derive(Debug)]
pub struct Stepper<'a> {
    /// The automaton.
    pub nfa: &'a Nfa,
    /// For each state, the parts of an origin from which it can reach an accepted end; empty if all count.
    living: Vec<u32>,
    /// How many states have been looked at.
    pub work: usize,
    /// What to note of the way to a state.
    pub notes: Notes,
    todo: Vec<Entry>,
    /// Whether any state asks for what is a word.
    asks_for_words: bool,
}

impl<'a> Stepper<'a> {
    /// Begins with nothing known to be dead.
    #[must_use]
    pub fn new(nfa: &'a Nfa) -> Self {
        let asks_for_words = nfa.states().any(|state| match state {
            State::Look(look, _) => !matches!(look, Look::Start | Look::End),
            _ => false,
        });
        Self { nfa, living: Vec::new(), work: 0, notes: Notes::Free, todo: Vec::new(), asks_for_words }
    }

    /// Leaves out states that are in none of the parts where they live.
    #[must_use]
    pub fn with_living(self, living: Vec<u32>) -> Self {
        Self { living, ..self }
    }

    /// The place at the end of an origin; `part` is the part that ends there.
    pub fn start(&mut self, starts: &[Id], part: u32) -> Place {
        // Starts with the last one, so that the lowest comes off the stack first and sorted lists grow at their end.
        self.todo.extend(starts.iter().rev().map(|id| (*id, 1)));
        self.close(part, Side::Edge)
    }

    /// Follows what leads on without a character, up to places that ask for what is around them.
    fn close(&mut self, part: u32, right: Side) -> Place {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: Vec<Entry> = Vec::new();
        let mut looks = false;
        while let Some((id, choices)) = self.todo.pop() {
            self.work = self.work.saturating_add(1);
            let is_dead = |living: &u32| living & part == 0;
            if part != 0 && self.living.get(id as usize).is_some_and(is_dead) {
                continue;
            }
            let list = match self.nfa.state(id) {
                State::Split(..) => &mut seen,
                state => {
                    looks |= matches!(state, State::Look(..));
                    &mut entries
                }
            };
            if !note(list, (id, choices)) {
                continue;
            }
            if let State::Split(one, other) = self.nfa.state(id) {
                self.todo.extend([(other, choices), (one, choices)]);
            }
        }
        Place { entries, right: if looks { right } else { Side::Other } }
    }

    /// The states of a place after answering every question about its surroundings; `left` is what comes next.
    fn resolved(&mut self, place: &Place, left: Side, part: u32) -> Vec<Entry> {
        let mut entries = place.entries.clone();
        let mut asked = Vec::new();
        while let Some(at) = entries.iter().position(|(id, _)| matches!(self.nfa.state(*id), State::Look(..)))
        {
            let (id, choices) = entries.remove(at);
            let State::Look(look, next) = self.nfa.state(id) else { break };
            if note(&mut asked, (id, choices)) && holds(look, left, place.right) {
                self.todo.push((next, choices));
                for entry in self.close(part, place.right).entries {
                    note(&mut entries, entry);
                }
            }
        }
        entries
    }

    /// Whether any state asks for what is around the place.
    fn looks(&self, place: &Place) -> bool {
        place.entries.iter().any(|(id, _)| matches!(self.nfa.state(*id), State::Look(..)))
    }

    /// How free the ways are on which the origin may begin here; `None` if it may not.
    pub fn accepting(&mut self, place: &Place) -> Option<u8> {
        let entries = if self.looks(place) { &self.resolved(place, Side::Edge, 0) } else { &place.entries };
        entries
            .iter()
            .filter(|(id, _)| self.nfa.state(*id) == State::Accept)
            .map(|(_, choices)| *choices)
            .max()
    }

    /// The place behind one character; `part` is where that is.
    pub fn step(&mut self, place: &Place, byte: u8, part: u32) -> Place {
        let groups =
            if self.may_read(place, one(byte)) { self.groups(place, one(byte), part) } else { Vec::new() };
        groups
            .into_iter()
            .next()
            .map_or_else(|| Place { entries: Vec::new(), right: Side::Other }, |(_, place)| place)
    }

    /// Whether any of these characters may lead on.
    pub fn may_read(&mut self, place: &Place, chars: Set) -> bool {
        self.work = self.work.saturating_add(place.entries.len());
        place.entries.iter().any(|(id, _)| match self.nfa.state(*id) {
            State::Read(read, _) => read.chars & chars != 0,
            State::Look(..) => true,
            _ => false,
        })
    }

    /// The place behind a text that is read from its end.
    pub fn steps(&mut self, place: &Place, text: &str, part: u32) -> Place {
        let mut at = place.clone();
        for byte in text.bytes().rev() {
            if at.is_empty() {
                break;
            }
            at = self.step(&at, byte, part);
        }
        at
    }

    /// The characters among `within` that lead on, grouped by the place that they lead to.
    pub fn groups(&mut self, place: &Place, within: Set, part: u32) -> Vec<(Set, Place)> {
        let mut groups = Vec::new();
        let looks = self.looks(place);
        let words = if self.asks_for_words { within & WORD } else { 0 };
        for (left, chars) in [(Side::Word, words), (Side::Other, within & !words)] {
            let entries = if looks { &self.resolved(place, left, 0) } else { &place.entries };
            let reads: Vec<(Read, Id, u8)> = entries
                .iter()
                .filter_map(|(id, choices)| match self.nfa.state(*id) {
                    State::Read(read, next) if read.chars & chars != 0 => Some((read, next, *choices)),
                    _ => None,
                })
                .collect();
            self.work = self.work.saturating_add(entries.len());
            if reads.is_empty() {
                continue;
            }
            for block in blocks(&reads, chars) {
                let led = reads.iter().rev().filter(|(read, ..)| read.chars & block != 0);
                let notes = self.notes;
                self.todo.extend(led.map(|(read, next, choices)| (*next, notes.of(read, block, *choices))));
                let place = self.close(part, left);
                self.work = self.work.saturating_add(reads.len());
                if !place.is_empty() {
                    add_group(&mut groups, block, place);
                }
            }
        }
        groups
    }
}

fn add_group(groups: &mut Vec<(Set, Place)>, block: Set, place: Place) {
    match groups.iter_mut().find(|(_, known)| *known == place) {
        Some((chars, _)) => *chars |= block,
        None => groups.push((block, place)),
    }
}

/// The groups into which the states divide the characters: all characters of one group lead to the same place.
fn blocks(reads: &[(Read, Id, u8)], chars: Set) -> Vec<Set> {
    let mut blocks = vec![reads.iter().fold(0, |all, (read, ..)| all | read.chars) & chars];
    for (read, ..) in reads {
        for at in 0..blocks.len() {
            let Some(block) = blocks.get_mut(at) else { continue };
            let (inside, outside) = (*block & read.chars, *block & !read.chars);
            if inside != 0 && outside != 0 {
                *block = inside;
                blocks.push(outside);
            }
        }
    }
    blocks.retain(|block| *block != 0);
    blocks
}

impl Notes {
    fn of(self, read: &Read, block: Set, before: u8) -> u8 {
        match self {
            // A dot separates labels, however it was matched.
            Self::Free if block == one(b'.') => before,
            Self::Free => {
                before.checked_mul(read.choices).filter(|names| *names <= MAX_SPELLED_NAMES).unwrap_or(FREE)
            }
            Self::LoneDots if read.is_lone_dot && block == one(b'.') => FREE,
            Self::LoneDots => before,
        }
    }
}

fn holds(look: Look, left: Side, right: Side) -> bool {
    let (before, after) = (left == Side::Word, right == Side::Word);
    match look {
        Look::Start => left == Side::Edge,
        Look::End => right == Side::Edge,
        Look::Word => before != after,
        Look::NotWord => before == after,
        Look::WordStart => !before && after,
        Look::WordEnd => before && !after,
        Look::WordStartHalf => !before,
        Look::WordEndHalf => !after,
    }
}
