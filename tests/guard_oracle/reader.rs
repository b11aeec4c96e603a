//! A regex as an automaton that reads an origin from its end, where the domain stands that someone owns.

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

/// Larger ones are not judged.
const SIZE_LIMIT: usize = 8 << 20;

/// The schemes of pages that come over the network.
const SCHEMES: [&str; 2] = ["https", "http"];

/// The automaton. It accepts a text, read backwards to its beginning, if the regex matches the whole of it.
pub(crate) struct Reader {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl Reader {
    /// `None` if the regex has a syntax that only one of the two engines knows, or makes too large an automaton.
    pub(crate) fn compile(regex: &str) -> Option<Self> {
        // All matches, not the first: only one of them need be the whole text.
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(SIZE_LIMIT))
            .determinize_size_limit(Some(SIZE_LIMIT));
        let thompson = thompson::Config::new()
            .reverse(true)
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(SIZE_LIMIT));
        // The classes of `regex-lite` are ASCII, and an origin has nothing else.
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let dfa =
            dense::Builder::new().configure(config).thompson(thompson).syntax(syntax).build(regex).ok()?;
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { dfa, start })
    }

    /// Before the last byte is read.
    pub(crate) fn start(&self) -> StateID {
        self.start
    }

    /// Reads the byte in front of what was read. `None` if nothing can match any more.
    pub(crate) fn step(&self, state: StateID, byte: u8) -> Option<StateID> {
        let next = self.dfa.next_state(state, byte);
        (!self.dfa.is_dead_state(next)).then_some(next)
    }

    /// Reads a text, its end first.
    pub(crate) fn read(&self, mut state: StateID, text: &str) -> Option<StateID> {
        for &byte in text.as_bytes().iter().rev() {
            state = self.step(state, byte)?;
        }
        Some(state)
    }

    /// The scheme with which the origin can begin where the whole host is read.
    pub(crate) fn scheme(&self, state: StateID) -> Option<&'static str> {
        let state = self.read(state, "://")?;
        let is_whole = |state| self.dfa.is_match_state(self.dfa.next_eoi_state(state));
        SCHEMES.into_iter().find(|scheme| self.read(state, scheme).is_some_and(is_whole))
    }
}
