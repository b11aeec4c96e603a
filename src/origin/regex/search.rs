//! The search for an origin that an expression matches, from the end of the origin to its start.

use super::MAX_WORK;
use super::class::{DIGITS, LABEL, SCHEME, Set, members, one};
use super::nfa::{Id, Nfa};
use super::parts::{HOST, IN_BRACKETS, ONE_SLASH, PORT, SCHEME_START, TWO_SLASHES, living};
use super::place::Place;
use super::stepper::Stepper;
use super::tail::{Queue, Tail, key_of, representative};
use crate::origin::host::{MAX_HOST_BYTES, MAX_LABEL_BYTES};
use crate::origin::numbering::Numbering;
use crate::origin::pattern::SCHEMES_OF_NO_PAGE;
use crate::origin::{Origin, default_port, parse_port};

/// Searches among the origins of one scheme that an expression matches.
pub struct Search<'a> {
    /// The automaton.
    pub stepper: Stepper<'a>,
    /// The scheme.
    pub scheme: &'static str,
    start: Id,
    /// Whether the compiled expression matches.
    matches: &'a dyn Fn(&str) -> bool,
    /// Where a spelled-out registrable domain ended, if a walk came across one.
    pub named: Option<Tail>,
    /// Whether the compiled expression need not confirm the result, because no message will show it.
    pub is_for_itself: bool,
}

impl<'a> Search<'a> {
    /// Prepares for a scheme; an empty one stands for any.
    pub fn new(nfa: &'a Nfa, start: Id, scheme: &'static str, matches: &'a dyn Fn(&str) -> bool) -> Self {
        let stepper = Stepper::new(nfa).with_living(living(nfa, scheme));
        Self { stepper, scheme, start, matches, named: None, is_for_itself: false }
    }

    /// The ends of origins: without a port, and with each port that leads to another place.
    pub fn tails(&mut self) -> Vec<Tail> {
        let at_host = self.stepper.start(&[self.start], HOST);
        let mut tails = vec![Tail { place: at_host, ..Tail::default() }];
        let at_port = self.stepper.start(&[self.start], PORT);
        let mut todo = Queue::from(Tail { place: at_port, ..Tail::default() });
        while let Some(Tail { place, host: digits, .. }) = todo.pop() {
            self.stepper.work = self.stepper.work.saturating_add(tails.len());
            if self.is_exhausted() {
                break;
            }
            let is_default = || parse_port(&digits).ok() == default_port(self.scheme);
            if parse_port(&digits).is_ok() && !is_default() {
                let place = self.stepper.step(&place, b':', HOST).forgetting();
                if !place.is_empty() && tails.iter().all(|tail| tail.place != place) {
                    tails.push(Tail { place, port: format!(":{digits}"), ..Tail::default() });
                }
            }
            if digits.len() < 5 {
                let read = Tail { place: place.clone(), host: digits, ..Tail::default() };
                for (chars, place) in self.stepper.groups(&place, DIGITS, PORT) {
                    // Two digits and a zero, which no port begins with, stand for all.
                    let nonzero = members(chars & !one(b'0')).take(2);
                    let zero = members(chars & one(b'0'));
                    nonzero.chain(zero).for_each(|byte| todo.push(read.with(byte, place.clone())));
                }
            }
        }
        tails.retain(|tail| !tail.place.is_empty());
        tails
    }

    /// Whether more work was done than any expression is worth.
    pub fn is_exhausted(&self) -> bool {
        self.stepper.work > MAX_WORK
    }

    /// The shortest origin with this end that matches and is `wanted`; `wanted` also learns how free the way to it was.
    pub fn find(&mut self, tail: Tail, wanted: &dyn Fn(&Origin<'_>, u8) -> bool) -> Option<String> {
        let known = tail.host.len();
        let mut seen = Numbering::default();
        let mut todo = Queue::from(tail);
        while let Some(tail) = todo.pop() {
            let starts_label = tail.host.is_empty() || tail.host.starts_with('.');
            // If there is no other way, there is no need to note that this one was taken.
            let is_new = todo.left() == 0 || seen.set(&key_of(&tail, known), 0);
            if self.is_exhausted() || tail.host.len() > MAX_HOST_BYTES || !is_new {
                continue;
            }
            if !starts_label {
                if let Some(origin) = self.finish(&tail, wanted) {
                    return Some(origin);
                }
                if let Some(dotted) = self.before(&tail, b'.') {
                    todo.push(dotted);
                }
            }
            let label = tail.host.split('.').next().unwrap_or_default();
            if label.len() < MAX_LABEL_BYTES {
                for (chars, place) in self.stepper.groups(&tail.place, LABEL, HOST) {
                    if let Some(byte) = representative(chars) {
                        todo.push(tail.with(byte, place));
                    }
                }
            }
        }
        None
    }

    /// Whether `end` may come before some of these characters, in a place of this kind.
    pub fn reaches(
        &mut self,
        from: &Place,
        within: (Set, u32),
        end: (u8, u32),
        wanted: fn(&Place) -> bool,
    ) -> bool {
        let (mut todo, mut seen) = (vec![from.clone()], Vec::new());
        while let Some(place) = todo.pop() {
            if seen.contains(&place) || self.is_exhausted() {
                continue;
            }
            let before = self.stepper.step(&place, end.0, end.1);
            if !before.is_empty() && wanted(&before) {
                return true;
            }
            let groups = self.stepper.groups(&place, within.0, within.1);
            todo.extend(groups.into_iter().map(|(_, place)| place));
            seen.push(place);
        }
        false
    }

    /// The end of an IPv6 address.
    pub fn in_brackets(&mut self, tail: &Tail) -> Place {
        self.stepper.step(&tail.place, b']', IN_BRACKETS)
    }

    /// What stands before a tail, if this character may.
    pub fn before(&mut self, tail: &Tail, byte: u8) -> Option<Tail> {
        let place = self.stepper.step(&tail.place, byte, HOST);
        (!place.is_empty()).then(|| tail.with(byte, place))
    }

    /// The origin whose scheme comes right before this host, if it matches and is `wanted`.
    pub fn finish(&mut self, tail: &Tail, wanted: &dyn Fn(&Origin<'_>, u8) -> bool) -> Option<String> {
        let mut place = self.stepper.step(&tail.place, b'/', ONE_SLASH);
        if place.is_empty() {
            return None; // as it is almost everywhere
        }
        place = self.stepper.step(&place, b'/', TWO_SLASHES);
        place = self.stepper.step(&place, b':', SCHEME_START << self.scheme.len());
        let mut scheme = String::new();
        if self.scheme.is_empty() {
            (scheme, place) = self.any_scheme(place)?;
        }
        for (left, byte) in (0..self.scheme.len()).zip(self.scheme.bytes()).rev() {
            place = self.stepper.step(&place, byte, SCHEME_START << left);
        }
        let choices = self.stepper.accepting(&place)?;
        let origin = format!("{}{scheme}://{}{}", self.scheme, tail.host, tail.port);
        let is_wanted = Origin::parse(&origin).is_some_and(|parsed| wanted(&parsed, choices));
        (is_wanted && (self.is_for_itself || (self.matches)(&origin))).then_some(origin)
    }

    /// The shortest scheme that may stand before a colon, and the place before it.
    fn any_scheme(&mut self, colon: Place) -> Option<(String, Place)> {
        let mut seen = Numbering::default();
        let mut todo = Queue::from(Tail { place: colon, ..Tail::default() });
        while let Some(tail) = todo.pop() {
            let (place, scheme) = (&tail.place, &tail.host);
            let begins = scheme.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
            let is_of_pages = !SCHEMES_OF_NO_PAGE.contains(&scheme.as_str());
            if begins && is_of_pages && self.stepper.accepting(place).is_some() {
                return Some((tail.host, tail.place));
            }
            let mut key = place.key();
            key.push(u8::from(begins));
            if self.is_exhausted() || !seen.set(&key, 0) {
                continue;
            }
            for (chars, place) in self.stepper.groups(place, SCHEME, SCHEME_START) {
                if let Some(byte) = representative(chars) {
                    todo.push(tail.with(byte, place));
                }
            }
        }
        None
    }

    /// Whether the compiled expression matches.
    pub fn matches(&self, origin: &str) -> bool {
        Origin::parse(origin).is_some() && (self.matches)(origin)
    }
}
