//! The automaton of an expression, which reads an origin from its end.
//!
//! This is Thompson's construction with the continuation in hand: it goes through a sequence forwards and puts each
//! part before what it has built so far, which gives an automaton that reads the sequence backwards.

use super::class::{LABEL, ORIGIN, Set};
use super::syntax::{Look, Node};

/// The most states that the automaton of an expression has: the same in 32 and in 64 bits, unlike a limit in bytes.
pub const MAX_STATES: usize = 8_192;

/// How many optional copies a repetition may have before it counts as free: `(-dev)?` spells out what it stands for,
/// `x{0,9}` does not.
const MAX_SPELLED_COPIES: u32 = 4;
/// How many characters a choice may have before it counts as free: `[12]` spells out both.
const MAX_SPELLED_CHOICE: u32 = 4;

/// The place of a state.
pub type Id = u32;

/// The largest place of a state. The place and how free the way to it was share one number.
const MAX_ID: Id = (1 << 24) - 2;

/// The state in which the whole origin has been read. It is there from the start.
pub const ACCEPT: Id = 0;

/// A state of the automaton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The whole origin has been read.
    Accept,
    /// One character of a set leads on.
    Read(Read, Id),
    /// Both lead on.
    Split(Id, Id),
    /// A position between two characters, which leads on if it is of this kind.
    Look(Look, Id),
}

impl State {
    /// The state with which it goes on, the first if there are two.
    fn next(self) -> Id {
        match self {
            Self::Accept => ACCEPT,
            Self::Split(next, _) | Self::Look(_, next) | Self::Read(_, next) => next,
        }
    }
}

/// What is read in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// The characters.
    pub chars: Set,
    /// How many names the choice among them makes; [`FREE`] if they are not spelled out.
    pub choices: u8,
    /// Whether it is a lone dot, which may well be meant as a real one.
    pub is_lone_dot: bool,
}

/// Stands for any number of choices.
pub const FREE: u8 = u8::MAX;

/// An automaton, of one expression or of several that share what they have in common.
#[derive(Debug)]
pub struct Nfa {
    states: Vec<State>,
    /// For each state, one that continues with it, if any: expressions with the same beginning share states.
    users: Vec<Id>,
    /// For each state, another one that continues with the same state.
    siblings: Vec<Id>,
    /// Whether to tell what is spelled out from what is free.
    tells_free: bool,
}

impl Nfa {
    /// An automaton that knows what is spelled out.
    #[must_use]
    pub fn telling_what_is_free() -> Self {
        Self { tells_free: true, ..Self::default() }
    }

    /// Adds an expression: the state where it begins, at the end of an origin. `None` if it needs more than
    /// [`MAX_STATES`] beyond those before.
    pub fn add_whole(&mut self, node: &Node) -> Option<Id> {
        let limit = self.states.len().saturating_add(MAX_STATES);
        Builder { nfa: self, limit, is_looped: false }.add(node, ACCEPT)
    }

    /// The state at a place.
    #[must_use]
    pub fn state(&self, id: Id) -> State {
        self.states.get(id as usize).copied().unwrap_or(State::Accept)
    }

    /// A state that goes on with another one, if any is as wanted.
    fn user_by(&self, next: Id, is_wanted: impl Fn(Id) -> bool) -> Option<Id> {
        let mut at = self.users.get(next as usize).copied()?;
        while at != ACCEPT && !is_wanted(at) {
            at = self.siblings.get(at as usize).copied()?;
        }
        (at != ACCEPT).then_some(at)
    }

    /// How many states there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.states.len()
    }

    /// Whether a lone dot is read anywhere.
    #[must_use]
    pub fn has_lone_dot(&self) -> bool {
        self.states().any(|state| matches!(state, State::Read(read, _) if read.is_lone_dot))
    }

    /// The states in the order in which they were made: from the start of an origin to its end, except for loops.
    pub fn states(&self) -> impl Iterator<Item = State> {
        self.states.iter().copied()
    }
}

impl Default for Nfa {
    fn default() -> Self {
        let none = vec![ACCEPT];
        Self { states: vec![State::Accept], users: none.clone(), siblings: none, tells_free: false }
    }
}

struct Builder<'a> {
    nfa: &'a mut Nfa,
    limit: usize,
    /// Whether what is added is repeated without end.
    is_looped: bool,
}

impl Builder<'_> {
    /// The state that reads `node` from its end, and goes on with `next`.
    fn add(&mut self, node: &Node, next: Id) -> Option<Id> {
        match node {
            Node::Set(set) => self.push(State::Read(self.read(*set, false), next)),
            Node::Dot => self.push(State::Read(self.read(Set::MAX, true), next)),
            Node::Look(look) => self.push(State::Look(*look, next)),
            Node::Concat(items) => items.iter().try_fold(next, |next, item| self.add(item, next)),
            Node::Alternation(all) => {
                let mut ways = None;
                for way in all {
                    let way = self.add(way, next)?;
                    ways = Some(match ways {
                        None => way,
                        Some(before) => self.push(State::Split(before, way))?,
                    });
                }
                ways
            }
            Node::Repeat(what, least, most) => self.repeat(what, *least, *most, next),
        }
    }

    fn push(&mut self, state: State) -> Option<Id> {
        // For a single expression it is not worth looking for existing states.
        if self.nfa.tells_free {
            return self.push_anew(state);
        }
        match self.nfa.user_by(state.next(), |known| self.nfa.state(known) == state) {
            Some(known) => Some(known),
            None => self.push_anew(state),
        }
    }

    fn push_anew(&mut self, state: State) -> Option<Id> {
        let id = Id::try_from(self.nfa.states.len()).ok().filter(|id| *id <= MAX_ID)?;
        self.nfa.states.push(state);
        let first = self.nfa.users.get_mut(state.next() as usize)?;
        self.nfa.siblings.push(std::mem::replace(first, id));
        self.nfa.users.push(ACCEPT);
        (self.nfa.states.len() <= self.limit).then_some(id)
    }

    fn read(&self, set: Set, is_dot: bool) -> Read {
        let chars = set & ORIGIN;
        if !self.nfa.tells_free {
            return Read { chars, choices: 1, is_lone_dot: false };
        }
        let choices = (chars & LABEL).count_ones();
        let is_free = self.is_looped || choices > MAX_SPELLED_CHOICE;
        let choices = u8::try_from(choices.max(1)).unwrap_or(FREE);
        Read { chars, choices: if is_free { FREE } else { choices }, is_lone_dot: is_dot && !self.is_looped }
    }

    fn repeat(&mut self, what: &Node, least: u32, most: Option<u32>, next: Id) -> Option<Id> {
        let before = self.is_looped;
        // A repeated dot is not meant as one real dot.
        let what = if let Node::Dot = what { &Node::Set(Set::MAX) } else { what };
        // A group may stand for another text each time.
        let outside = before || (most.is_some_and(|most| most > 1) && !matches!(what, Node::Set(_)));
        self.is_looped = outside;
        let mut at = next;
        match most {
            None => at = self.repeat_without_end(what, at)?,
            Some(most) => {
                let optional = most.saturating_sub(least);
                self.is_looped |= optional > MAX_SPELLED_COPIES;
                for _ in 0..optional {
                    let body = self.add(what, at)?;
                    at = self.push(State::Split(body, next))?;
                }
            }
        }
        self.is_looped = outside;
        for _ in 0..least {
            let last = at;
            at = self.add(what, at)?;
            if at == last {
                break; // what is repeated is empty
            }
        }
        self.is_looped = before;
        Some(at)
    }

    fn repeat_without_end(&mut self, what: &Node, next: Id) -> Option<Id> {
        self.is_looped = true;
        if let (Node::Set(set), false) = (what, self.nfa.tells_free) {
            let read = self.read(*set, false);
            let is_loop = |around| match self.nfa.state(around) {
                State::Split(body, after) if after == next => {
                    self.nfa.state(body) == State::Read(read, around)
                }
                _ => false,
            };
            if let Some(known) = self.nfa.user_by(next, is_loop) {
                return Some(known);
            }
        }
        let around = self.push_anew(State::Split(next, next))?;
        let body = self.add(what, around)?;
        if let Some(state) = self.nfa.states.get_mut(around as usize) {
            *state = State::Split(body, next);
        }
        Some(around)
    }
}
