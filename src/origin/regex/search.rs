//! The search for an origin that an expression matches, from the end of the origin to its start.

use super::MAX_WORK;
use super::class::{DIGITS, LABEL, LOWER, SCHEME, Set, members, one, range};
use super::nfa::{Id, Nfa, State};
use super::place::{Place, Stepper};
use crate::origin::host::{MAX_HOST_BYTES, MAX_LABEL_BYTES};
use crate::origin::numbering::Numbering;
use crate::origin::{Origin, default_port, parse_port};

/// The parts of an origin, read from its end: bits, for what a state may live in.
const PORT: u32 = 1;
/// The host, up to the slashes before it.
pub const HOST: u32 = 2;
/// Before one slash.
pub const ONE_SLASH: u32 = 4;
const TWO_SLASHES: u32 = 8;
/// Between the brackets of an IPv6 address.
pub const IN_BRACKETS: u32 = 16;
/// Before these brackets.
pub const BEFORE_BRACKETS: u32 = 32;
/// The start of the scheme: from here up, a bit for each character that is left to be read.
const SCHEME_START: u32 = 64;

/// What stands between the brackets of an IPv6 address.
pub const ADDRESS: Set = DIGITS | range(b'a', b'f') | one(b':');

/// The most places with different ports that are looked at.
const MAX_PORTS: usize = 8;

/// An origin as far as it was read, from its end; where only a part of it is read, that part stands for the host.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// Where the automaton is.
    pub place: Place,
    /// The host as far as it was read, with a dot in front where a label is to come.
    pub host: String,
    /// The port, with its colon.
    pub port: String,
    /// The domain that is spelled out, and below which public suffixes are.
    pub above: Option<String>,
    /// How much of the label stood there when something free came.
    pub written: Option<usize>,
}

/// What a search has yet to look at, the shortest first.
#[derive(Debug)]
pub struct Queue {
    tails: Vec<Tail>,
    /// How many have been taken.
    taken: usize,
}

impl Queue {
    /// A queue of one.
    #[must_use]
    pub fn from(tail: Tail) -> Self {
        Self { tails: vec![tail], taken: 0 }
    }

    /// Adds one at the end.
    pub fn push(&mut self, tail: Tail) {
        self.tails.push(tail);
    }

    /// Takes the first.
    pub fn pop(&mut self) -> Option<Tail> {
        let first = self.tails.get_mut(self.taken).map(std::mem::take);
        self.taken = self.taken.saturating_add(1).min(self.tails.len());
        first
    }

    /// How many there are.
    #[must_use]
    pub fn left(&self) -> usize {
        self.tails.len().saturating_sub(self.taken)
    }
}

/// Searches among the origins of one scheme that an expression matches.
pub struct Search<'a> {
    /// The automaton.
    pub stepper: Stepper<'a>,
    /// The scheme.
    pub scheme: &'static str,
    start: Id,
    /// Whether the compiled expression matches.
    matches: &'a dyn Fn(&str) -> bool,
    /// Where a registrable domain ended that is spelled out, if a walk came by one.
    pub named: Option<Tail>,
    /// Whether the compiled expression need not be asked, as what is found will not be said.
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
            if tails.len() > MAX_PORTS || self.is_exhausted() {
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
                    // Two digits and a zero, which no port begins with, say what all do.
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

    /// The shortest origin with this end that matches and is `wanted`, which is also told how free the way to it was.
    pub fn find(&mut self, tail: Tail, wanted: &dyn Fn(&Origin<'_>, u8) -> bool) -> Option<String> {
        let known = tail.host.len();
        let mut seen = Numbering::default();
        let mut todo = Queue::from(tail);
        while let Some(tail) = todo.pop() {
            let starts_label = tail.host.is_empty() || tail.host.starts_with('.');
            // Where there is no other way, it need not be known that this one was gone.
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

    /// The origin that begins right before this host, if it matches and is `wanted`.
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
            if begins && self.stepper.accepting(place).is_some() {
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

impl Tail {
    /// With one more character before it.
    #[must_use]
    pub fn with(&self, byte: u8, place: Place) -> Self {
        let mut host = String::with_capacity(self.host.len().saturating_add(1));
        host.push(char::from(byte));
        host.push_str(&self.host);
        Self { place, host, port: self.port.clone(), above: self.above.clone(), written: None }
    }
}

/// By what it is known where a search has been, which began with so much of a host.
fn key_of(tail: &Tail, known: usize) -> Vec<u8> {
    let mut key = tail.place.key();
    // Of the label that is being read at first it may matter how it begins.
    let front = tail.host.as_bytes().get(..tail.host.len().saturating_sub(known)).unwrap_or_default();
    let starts_label = u8::from(tail.host.is_empty() || tail.host.starts_with('.'));
    let begins = u8::from(front.first() == Some(&b'-'));
    let dotted = u8::from(front.contains(&b'.'));
    key.push(starts_label | begins << 1 | dotted << 2);
    key.extend(shape(&tail.host).to_le_bytes());
    key
}

/// One of the characters, a letter if there is one: a name of digits alone would be an address.
pub fn representative(chars: Set) -> Option<u8> {
    let first = |set: Set| members(chars & set).next();
    first(one(b'x')).or_else(|| first(LOWER)).or_else(|| first(one(b'1'))).or_else(|| first(chars))
}

/// What of a host decides whether it is an address, or the browser's own machine, numbered.
fn shape(host: &str) -> u32 {
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = |count: usize| u32::try_from(count).unwrap_or_default();
    let dots = number(host.bytes().filter(|byte| *byte == b'.').count());
    let label = number(host.split('.').next().unwrap_or_default().len());
    if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
        return dots.saturating_mul(100).saturating_add(label).saturating_add(1000);
    }
    if dots == 0 && "localhost".ends_with(last) || last == "localhost" {
        return number(last.len()).saturating_add(1);
    }
    0
}

/// For each state, the parts of an origin of this scheme in which it can go on to the origin's start.
fn living(nfa: &Nfa, scheme: &str) -> Vec<u32> {
    let mut living = vec![0; nfa.size()];
    loop {
        let mut changed = false;
        for (at, state) in nfa.states().enumerate() {
            let of = |id: Id| living.get(id as usize).copied().unwrap_or_default();
            let bits = match state {
                State::Accept => SCHEME_START,
                State::Split(one, other) => of(one) | of(other),
                State::Look(_, next) => of(next),
                State::Read(read, next) => living_by(read.chars, of(next), scheme),
            };
            if let Some(known) = living.get_mut(at).filter(|known| **known != bits) {
                (*known, changed) = (bits, true);
            }
        }
        if !changed {
            return living;
        }
    }
}

/// The parts in which a state lives that reads these characters and goes on to one that lives in `next`.
fn living_by(chars: Set, next: u32, scheme: &str) -> u32 {
    if next == 0 {
        return 0;
    }
    let bit = |chars_of_part: Set, part: u32, leads_to: u32| {
        if chars & chars_of_part != 0 && next & leads_to != 0 { part } else { 0 }
    };
    let colon = SCHEME_START << scheme.len();
    let mut bits = bit(DIGITS, PORT, PORT)
        | bit(one(b':'), PORT, HOST)
        | bit(LABEL | one(b'.'), HOST, HOST)
        | bit(one(b']'), HOST, IN_BRACKETS)
        | bit(ADDRESS, IN_BRACKETS, IN_BRACKETS)
        | bit(one(b'['), IN_BRACKETS, BEFORE_BRACKETS)
        | bit(one(b'/'), HOST | BEFORE_BRACKETS, ONE_SLASH)
        | bit(one(b'/'), ONE_SLASH, TWO_SLASHES)
        | bit(one(b':'), TWO_SLASHES, colon);
    if scheme.is_empty() {
        bits |= bit(SCHEME, SCHEME_START, SCHEME_START);
    }
    for (left, byte) in (0..).zip(scheme.bytes()) {
        bits |= bit(one(byte), SCHEME_START << left << 1, SCHEME_START << left);
    }
    bits
}
