//! Addresses that an expression matches without spelling them out. A stranger can have a certificate for an address.

use super::class::{DIGITS, members, one};
use super::parts::{ADDRESS, BEFORE_BRACKETS, HOST, IN_BRACKETS, ONE_SLASH};
use super::place::Place;
use super::search::Search;
use super::tail::{Queue, Tail, representative};
use crate::origin::Origin;
use crate::origin::address::ipv4;
use crate::origin::host::Host;
use crate::origin::numbering::Numbering;

/// The most places to keep between two numbers of an address.
const MAX_PLACES: usize = 32;

/// An address that anyone can have, for expressions that match all of them.
const ANYONES: &str = "2001:db8::1";

/// The longest IPv6 address in bytes.
const MAX_ADDRESS_BYTES: usize = 39;

/// A public address that matches, with at least one digit left to a class, a dot or a repetition.
pub fn free_address(search: &mut Search<'_>, tail: &Tail) -> Option<String> {
    free_ipv4(search, tail).or_else(|| free_ipv6(search, tail))
}

/// Number by number from the last. Of the numbers that lead to the same place one is enough, except for the first two,
/// which decide whether the address is public.
fn free_ipv4(search: &mut Search<'_>, tail: &Tail) -> Option<String> {
    let in_address = (DIGITS | one(b'.'), HOST);
    if !search.reaches(&tail.place, in_address, (b'/', ONE_SLASH), Place::is_free) {
        return None; // as most have it
    }
    let mut tails = vec![tail.clone()];
    for number in (0..4).rev() {
        let mut next: Vec<Tail> = Vec::new();
        for tail in &tails {
            let Some(dotted) = (if number == 3 { Some(tail.clone()) } else { search.before(tail, b'.') })
            else {
                continue;
            };
            for octet in (0..=u8::MAX).rev() {
                let Some(found) = read(search, &dotted, octet) else { continue };
                if number == 0 && is_public_ipv4(&found.host) {
                    let found = Tail { place: found.place.free(), ..found };
                    if let Some(origin) = search.finish(&found, &|_, _| true) {
                        return Some(origin);
                    }
                } else if number > 0 && next.len() < MAX_PLACES && is_new(&next, &found, number) {
                    next.push(found);
                }
            }
        }
        if search.is_exhausted() {
            return None;
        }
        tails = next;
    }
    None
}

fn is_new(known: &[Tail], found: &Tail, number: u8) -> bool {
    let alike = |known: &Tail| number != 1 || range_of(&known.host) == range_of(&found.host);
    !known.iter().any(|known| known.place == found.place && alike(known))
}

/// What the second number says about the first: whether an address is public depends on both.
fn range_of(host: &str) -> u8 {
    match host.split('.').next().and_then(|number| number.parse().ok()) {
        Some(16..=31_u8) => 1,
        Some(168) => 2,
        Some(254) => 3,
        Some(64..=127) => 4,
        _ => 0,
    }
}

fn read(search: &mut Search<'_>, tail: &Tail, octet: u8) -> Option<Tail> {
    let digits = octet.to_string();
    let mut at = tail.clone();
    for byte in digits.bytes().rev() {
        at = search.before(&at, byte)?;
    }
    Some(at)
}

fn is_public_ipv4(host: &str) -> bool {
    ipv4(host).is_some_and(|address| {
        let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
        !(address.is_private() || address.is_loopback() || address.is_link_local() || is_shared)
    })
}

fn free_ipv6(search: &mut Search<'_>, tail: &Tail) -> Option<String> {
    let inside = search.in_brackets(tail);
    if !search.reaches(&inside, (ADDRESS, IN_BRACKETS), (b'[', BEFORE_BRACKETS), Place::is_free) {
        return None;
    }
    ipv6(search, tail, &|origin| !is_local(origin))
}

/// An origin with an IPv6 address for a host that matches and is `wanted`: the one of anyone, or else one of the
/// shortest that the expression spells out.
pub fn ipv6(search: &mut Search<'_>, tail: &Tail, wanted: &dyn Fn(&Origin<'_>) -> bool) -> Option<String> {
    let inside = search.in_brackets(tail);
    if inside.is_empty() {
        return None; // as most have it
    }
    let scheme = search.scheme;
    let origin = |address: &str| format!("{scheme}://[{address}]{}", tail.port);
    let is_wanted = |search: &Search<'_>, text: &String| {
        Origin::parse(text).is_some_and(|origin| wanted(&origin)) && search.matches(text)
    };
    let anyones = origin(ANYONES);
    if is_wanted(search, &anyones) {
        return Some(anyones);
    }
    let mut todo = Queue::from(Tail { place: inside, port: tail.port.clone(), ..Tail::default() });
    let mut seen = Numbering::default();
    while let Some(tail) = todo.pop() {
        let (place, address) = (&tail.place, &tail.host);
        let text = origin(address);
        if is_wanted(search, &text) {
            return Some(text);
        }
        if search.is_exhausted()
            || address.len() >= MAX_ADDRESS_BYTES
            || !seen.set(&key_of(place, address), 0)
        {
            continue;
        }
        // What is written out comes last: it may be a zero.
        for (chars, place) in search.stepper.groups(place, ADDRESS, IN_BRACKETS).into_iter().rev() {
            // Not a zero, because leading zeros are not written.
            let digit = representative(chars & !one(b'0'));
            let is_enough = |byte: &u8| *byte == b':' || Some(*byte) == digit || chars.count_ones() <= 4;
            let some = members(chars).filter(is_enough);
            some.for_each(|byte| todo.push(tail.with(byte, place.clone())));
        }
    }
    None
}

/// The key for places that a search has visited: what may come before depends on the number of groups so far, not on
/// their digits.
fn key_of(place: &Place, address: &str) -> Vec<u8> {
    let mut key = place.key();
    let (mut group, mut colons) = (0_u8, 0_u8);
    for byte in address.bytes().rev() {
        group = group.saturating_add(1);
        if byte == b':' {
            (group, colons) = (0, colons.saturating_add(1));
        }
    }
    key.push(address.bytes().next().unwrap_or_default());
    key.push(group);
    key.push(colons);
    key
}

fn is_local(origin: &Origin<'_>) -> bool {
    let Host::Ipv6(address) = origin.host() else { return false };
    address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback()
}
