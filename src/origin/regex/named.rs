//! Whether an expression names whom it lets in: the proof that no stranger matches, or a stranger.
//!
//! A host is read label by label from its end, with the Public Suffix List beside it. At the end of the registrable
//! domain, the automaton knows whether each of its characters was spelled out or left to a class, a dot or a
//! repetition. What stands before that domain is its owner's business.

use super::class::{LABEL, Set, members, one};
use super::parts::HOST;
use super::place::Place;
use super::search::Search;
use super::tail::{Queue, Tail, representative};
use super::tlds::{is_ending, is_tld};
use crate::origin::Origin;
use crate::origin::host::{Host, MAX_HOST_BYTES, MAX_LABEL_BYTES};
use crate::origin::numbering::Numbering;
use crate::origin::public_suffix::{is_parent_of_public_suffixes, is_public_suffix};

/// How many spelled-out names are followed to the same place. If there are more, one stands for the others.
const MAX_ALIKE: u32 = 64;

/// An origin that nobody spelled out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The origin.
    pub origin: String,
    /// The domain under which its name is free: a public suffix, or a parent of some.
    pub below: String,
    /// Whether that domain is itself spelled out, and only the parent of public suffixes.
    pub is_above_suffixes: bool,
    /// The part of the registrable label that was spelled out, behind the free part; may be empty.
    pub written_end: String,
}

/// Walks from the ends of origins to the ends of their registrable domains.
pub struct Walk<'a, 'b> {
    search: &'b mut Search<'a>,
    todo: Queue,
    seen: Numbering,
    /// Whether a class may stand for a top-level domain that is not known here.
    takes_any_tld: bool,
    /// Whether one was left out.
    left_out: bool,
}

impl<'a, 'b> Walk<'a, 'b> {
    /// The first stranger, or none if every registrable domain is spelled out.
    pub fn stranger(search: &'b mut Search<'a>, tail: &Tail) -> Option<Stranger> {
        let (todo, seen) = (Queue::from(tail.clone()), Numbering::default());
        let mut walk = Self { search, todo, seen, takes_any_tld: false, left_out: false };
        loop {
            let found = walk.run();
            // A lone dot before the last label was meant as a real dot: anything else that it matches there is not a
            // name that somebody could own.
            if found.is_some()
                || walk.takes_any_tld
                || !walk.left_out
                || walk.search.stepper.nfa.has_lone_dot()
            {
                return found;
            }
            walk.takes_any_tld = true;
            walk.todo = Queue::from(tail.clone());
        }
    }

    fn run(&mut self) -> Option<Stranger> {
        while let Some(item) = self.todo.pop() {
            if self.search.is_exhausted() {
                break;
            }
            let starts_label = item.host.is_empty() || item.host.starts_with('.');
            if !starts_label {
                if let Some(stranger) = self.end_label(&item) {
                    return Some(stranger);
                }
            }
            self.go_on(&item);
        }
        None
    }

    /// Reads one more character of the label.
    fn go_on(&mut self, item: &Tail) {
        let host = &item.host;
        let (label, parent) = split_label(host);
        if label.len() >= MAX_LABEL_BYTES || host.len() >= MAX_HOST_BYTES {
            return;
        }
        for (chars, place) in self.search.stepper.groups(&item.place, LABEL, HOST) {
            if parent.is_empty() {
                self.go_on_in_tld(item, chars, &place);
                continue;
            }
            if !place.is_free() {
                members(chars).for_each(|byte| self.push(item, byte, place.clone()));
                continue;
            }
            let spelled_out = place.spelled_out();
            if let Some(byte) = representative(chars) {
                self.push(item, byte, place);
            }
            if !spelled_out.is_empty() {
                members(chars).for_each(|byte| self.push(item, byte, spelled_out.clone()));
            }
        }
    }

    /// A top-level domain that is not spelled out has to be one that exists, or one that might.
    fn go_on_in_tld(&mut self, item: &Tail, chars: Set, place: &Place) {
        let one = representative(chars);
        for byte in members(chars) {
            let text = format!("{}{}", char::from(byte), item.host);
            let is_known = || if self.takes_any_tld { one == Some(byte) } else { is_ending(&text) };
            let is_taken = !place.is_free() || is_known();
            self.left_out |= !is_taken;
            let place = if is_taken { place.clone() } else { place.spelled_out() };
            self.push(item, byte, place);
        }
    }

    fn push(&mut self, item: &Tail, byte: u8, place: Place) {
        if place.is_empty() {
            return;
        }
        let (label, parent) = split_label(&item.host);
        let is_free = place.is_free();
        // Whether a top-level domain is known depends on its every character.
        if (self.takes_any_tld || !parent.is_empty()) && self.todo.left() > 0 {
            let mut key = place.key();
            // Whether it can be registered depends on both of its ends.
            let last = label.bytes().last().unwrap_or(byte);
            key.push(u8::from(byte == b'-') | u8::from(last == b'-') << 1);
            // No place has such an end: the parts of its key are longer.
            key.extend([u8::MAX; 4]);
            key.extend(parent.bytes());
            let visits = self.seen.get(&key).unwrap_or_default().saturating_add(1);
            if visits > if is_free { 1 } else { MAX_ALIKE } {
                return;
            }
            self.seen.set(&key, visits);
        }
        let written = item.written.or_else(|| (is_free && !item.place.is_free()).then_some(label.len()));
        self.todo.push(Tail { written, ..item.with(byte, place) });
    }

    /// A dot or the scheme may come here: is this the registrable domain, and is it spelled out?
    fn end_label(&mut self, item: &Tail) -> Option<Stranger> {
        // Few places are the end of a label, and asking the list takes long.
        if !self.search.stepper.may_read(&item.place, one(b'.') | one(b'/')) {
            return None;
        }
        let host = &item.host;
        let (label, parent) = split_label(host);
        let mut tail = item.clone();
        let mut above = None;
        if parent.is_empty() {
            if label == "localhost" || label.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let is_taken = is_tld(label) || (self.takes_any_tld && might_be_tld(label));
            if tail.place.is_free() && !is_taken {
                self.left_out = true;
                tail.place = tail.place.spelled_out();
            }
        } else {
            let is_suffix = is_public_suffix(host);
            if let Some(stranger) = self.stranger_at(item, is_suffix) {
                return Some(stranger);
            }
            if !is_suffix {
                if !is_parent_of_public_suffixes(host) || tail.place.spelled_out().is_empty() {
                    self.search.named = Some(tail);
                    return None;
                }
                tail.place = tail.place.spelled_out();
                above = Some(host.clone());
            }
        }
        let tail = self.search.before(&tail, b'.')?;
        self.todo.push(Tail { above, ..tail });
        None
    }

    /// A stranger whose registrable domain ends here.
    fn stranger_at(&mut self, item: &Tail, is_suffix: bool) -> Option<Stranger> {
        let tail = Tail { place: item.place.free(), ..item.clone() };
        // What is spelled out elsewhere in the expression is not a stranger.
        let is_spelled_out = !item.place.spelled_out().is_empty();
        if tail.place.is_empty() || is_spelled_out || (is_suffix && item.above.is_none()) {
            return None;
        }
        let (label, parent) = split_label(&tail.host);
        let written = item.written.unwrap_or_default();
        let written_end = label.get(label.len().saturating_sub(written)..).unwrap_or_default().to_owned();
        let below = item.above.clone().unwrap_or_else(|| parent.trim_start_matches('.').to_owned());
        let suffix = parent.to_owned();
        let origin = self.search.find(tail, &|origin, _| is_registrable(origin, &suffix))?;
        Some(Stranger { origin, below, is_above_suffixes: item.above.is_some(), written_end })
    }
}

/// Whether a top-level domain could have this name although it is not known here: it consists of letters, or is
/// punycode.
fn might_be_tld(label: &str) -> bool {
    label.starts_with("xn--") || (label.len() > 1 && label.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// Whether the label before the suffix neither begins nor ends with a hyphen; nobody can register one that does.
fn is_registrable(origin: &Origin<'_>, suffix: &str) -> bool {
    let Host::Name(name) = origin.host() else { return false };
    let label = name.strip_suffix(suffix).and_then(|front| front.rsplit('.').next()).unwrap_or_default();
    !label.starts_with('-') && !label.ends_with('-')
}

/// The label that is being read, and the dot and the labels behind it.
fn split_label(host: &str) -> (&str, &str) {
    host.split_at_checked(host.find('.').unwrap_or(host.len())).unwrap_or((host, ""))
}
