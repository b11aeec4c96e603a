//! The public IP addresses that a regex matches.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use regex_automata::util::primitives::StateID;

use crate::reader::Reader;

/// More are not counted.
const ENOUGH: usize = 65;

/// How many public addresses match, up to some more than 64.
pub(crate) fn public(reader: &Reader, ends: impl Iterator<Item = StateID>) -> usize {
    let mut counter = Counter { reader, known: HashMap::new(), firsts: HashMap::new() };
    ends.map(|end| counter.below(end, 0) + version_6(reader, end)).max().unwrap_or_default()
}

/// Whether there is an IPv6 address that matches, this machine's own too.
pub(crate) fn has_version_6(reader: &Reader, end: StateID) -> bool {
    let own = reader.read(end, "[::1]").is_some_and(|state| reader.scheme(state).is_some());
    own || version_6(reader, end) > 0
}

struct Counter<'a> {
    reader: &'a Reader,
    known: HashMap<(StateID, u8), usize>,
    firsts: HashMap<StateID, Vec<u8>>,
}

impl Counter<'_> {
    /// The number of ways to complete an address of which as many octets, none to two, are read from its end.
    fn below(&mut self, state: StateID, octets: u8) -> usize {
        if let Some(&known) = self.known.get(&(state, octets)) {
            return known;
        }
        let mut total = 0;
        for (octet, state) in self.octets(state) {
            let Some(dot) = self.reader.step(state, b'.') else { continue };
            total += if octets == 2 { self.first(dot, octet) } else { self.below(dot, octets + 1) };
            if total >= ENOUGH {
                break;
            }
        }
        self.known.insert((state, octets), total);
        total
    }

    /// How many first octets make a public address with the second.
    fn first(&mut self, state: StateID, second: u8) -> usize {
        if !self.firsts.contains_key(&state) {
            let mut octets = self.octets(state);
            octets.retain(|&(_octet, state)| self.reader.scheme(state).is_some());
            self.firsts.insert(state, octets.into_iter().map(|(octet, _state)| octet).collect());
        }
        self.firsts[&state].iter().filter(|&&first| is_public(first, second)).count()
    }

    /// The octets that can be read, and where they lead.
    fn octets(&self, state: StateID) -> Vec<(u8, StateID)> {
        let mut found = Vec::new();
        // The value of the digits that are read, and of the next one if it is a 1.
        let mut places = vec![(state, 0_u16, 1)];
        while let Some((state, value, unit)) = places.pop() {
            for digit in 0..=9 {
                let value = value + digit * unit;
                let (Ok(octet), Some(next)) = (u8::try_from(value), self.digit(state, digit)) else {
                    continue;
                };
                // None begins with a zero but zero itself.
                if digit > 0 || unit == 1 {
                    found.push((octet, next));
                }
                if unit < 100 {
                    places.push((next, value, unit * 10));
                }
            }
        }
        found
    }

    fn digit(&self, state: StateID, digit: u16) -> Option<StateID> {
        self.reader.step(state, b'0' + u8::try_from(digit).ok()?)
    }
}

fn is_public(first: u8, second: u8) -> bool {
    let address = Ipv4Addr::new(first, second, 1, 1);
    let is_shared = first == 100 && (64..128).contains(&second);
    !(first == 0
        || first >= 224
        || is_shared
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local())
}

/// Some of those that a class in any place of the address would let in.
fn version_6(reader: &Reader, end: StateID) -> usize {
    let forms = [(0x2001, 0x4860, 1), (0x2600, 0x1f18, 0)];
    let addresses = forms.into_iter().flat_map(|(first, second, middle)| {
        (1..=99).map(move |last| Ipv6Addr::new(first, second, middle, middle, middle, middle, middle, last))
    });
    let matches = |address: &Ipv6Addr| {
        reader.read(end, &format!("[{address}]")).is_some_and(|state| reader.scheme(state).is_some())
    };
    addresses.filter(matches).take(ENOUGH).count()
}
