//! The parts of an origin, and in which of them a state can live.

use super::class::{DIGITS, LABEL, SCHEME, Set, one, range};
use super::nfa::{Id, Nfa, State};

/// The port. Each part is a bit, for a state may live in several; an origin is read from its end.
pub const PORT: u32 = 1;
/// The host, up to the slashes before it.
pub const HOST: u32 = 2;
/// Before one slash.
pub const ONE_SLASH: u32 = 4;
/// Before the second of two.
pub const TWO_SLASHES: u32 = 8;
/// Between the brackets of an IPv6 address.
pub const IN_BRACKETS: u32 = 16;
/// Before these brackets.
pub const BEFORE_BRACKETS: u32 = 32;
/// The start of the scheme: from here up, a bit for each character that is left to be read.
pub const SCHEME_START: u32 = 64;

/// What stands between these brackets.
pub const ADDRESS: Set = DIGITS | range(b'a', b'f') | one(b':');

/// For each state, the parts of an origin of this scheme in which it can go on to the origin's start.
pub fn living(nfa: &Nfa, scheme: &str) -> Vec<u32> {
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
