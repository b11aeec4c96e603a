//! An origin as far as it was read, from its end.

use super::class::{LOWER, Set, members, one};
use super::place::Place;

/// An origin as far as it was read, from its end. If only a part of an origin is read, that part counts as the host.
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
    /// How much of the label had been read when something free came.
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

/// The key for places that a search has visited, if it began with this much of a host.
pub fn key_of(tail: &Tail, known: usize) -> Vec<u8> {
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

/// One of the characters, preferably a letter: a name of only digits would be an address.
pub fn representative(chars: Set) -> Option<u8> {
    let first = |set: Set| members(chars & set).next();
    first(one(b'x')).or_else(|| first(LOWER)).or_else(|| first(one(b'1'))).or_else(|| first(chars))
}

/// A number for the part of a host that decides whether it is an address or the browser's own machine.
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
