//! Everything that there is to say about an expression, found by asking its automaton.

use super::address::{free_address, ipv6};
use super::class::{Set, one};
use super::named::{Stranger, Walk};
use super::nfa::{FREE, Id, Nfa, State};
use super::parts::HOST;
use super::search::Search;
use super::stepper::Notes;
use super::tail::Tail;
use crate::origin::{Origin, split_at_scheme};

/// Schemes of extensions whose identifier anyone can have. Firefox makes up a new one for each installation, so
/// `moz-extension` is not among them.
const EXTENSION_SCHEMES: [&str; 4] =
    ["chrome-extension", "safari-web-extension", "edge-extension", "extension"];

/// Ends of hosts that have nothing in common: an expression that continues with both is open.
const FOREIGN_ENDS: [&str; 2] = [".evil.org", ".stranger.net"];
/// What a stranger puts in front of a name.
const FOREIGN_FRONT: &str = "evil";
/// A name that nobody can have in mind.
const UNMEANT: &str = "nobodymeantthis";

/// What there is to say about an expression. Every origin in it matches, and is one that a browser can send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// An origin that is not spelled out.
    pub stranger: Option<Stranger>,
    /// A public address that is not spelled out.
    pub address: Option<String>,
    /// An origin of many that have nothing to do with each other: the expression means all.
    pub any: Option<String>,
    /// An origin that begins like an intended one, and ends as its owner likes.
    pub open_end: Option<String>,
    /// An origin that ends like an intended one.
    pub open_start: Option<OpenStart>,
    /// A page that came over the network unprotected.
    pub insecure: Option<String>,
    /// The scheme of extensions, each of which matches.
    pub extension: Option<&'static str>,
    /// Two origins that match, the second because a dot stands for any character.
    pub loose_dot: Option<(String, String)>,
    /// Whether nothing matches that is an origin.
    pub is_never: bool,
}

/// A stranger's origin that ends like an intended one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStart {
    /// The origin.
    pub origin: String,
    /// Whether nothing at all, not even a hyphen, separates the free part from the name.
    pub is_glued: bool,
}

impl Verdict {
    /// Asks the automaton; `None` if that takes too long.
    pub fn of(nfa: &Nfa, start: Id, matches: &dyn Fn(&str) -> bool) -> Option<Self> {
        let mut verdict = Self::default();
        let mut applies = false;
        for scheme in ["https", "http"] {
            let mut search = Search::new(nfa, start, scheme, matches);
            for tail in search.tails() {
                verdict.look_for_strangers(&mut search, &tail);
                applies = applies || verdict.stranger.is_some() || any_of(&mut search, &tail);
                if scheme == "http" && verdict.insecure.is_none() {
                    verdict.insecure = ipv6(&mut search, &tail, &|origin| origin.is_insecure())
                        .or_else(|| search.find(tail, &|origin, _| origin.is_insecure()));
                }
            }
            if search.is_exhausted() {
                return None;
            }
        }
        if verdict.any.is_none() {
            verdict.look_at_extensions(nfa, start, matches);
        }
        verdict.is_never = !applies && !any_origin(nfa, start, matches)?;
        if nfa.has_lone_dot() {
            verdict.loose_dot = loose_dot(nfa, start, matches);
        }
        Some(verdict)
    }

    fn look_for_strangers(&mut self, search: &mut Search<'_>, tail: &Tail) {
        if self.stranger.is_none() {
            self.stranger = Walk::stranger(search, tail);
            if let Some(stranger) = self.stranger.clone() {
                self.any = any_of_unmeant(search);
                self.open_end = open_end(search, tail);
                self.open_start = open_start(search, tail, &stranger);
            }
        }
        if self.address.is_none() && self.open_end.is_none() && self.any.is_none() {
            self.address = free_address(search, tail);
        }
    }

    fn look_at_extensions(&mut self, nfa: &Nfa, start: Id, matches: &dyn Fn(&str) -> bool) {
        let first = first_characters(nfa);
        let may_begin = |scheme: &str| scheme.bytes().next().is_some_and(|byte| first & one(byte) != 0);
        self.extension = EXTENSION_SCHEMES.into_iter().filter(|scheme| may_begin(scheme)).find(|scheme| {
            let mut search = Search::new(nfa, start, scheme, matches);
            search.is_for_itself = true;
            let is_free = |_: &Origin<'_>, choices| choices == FREE;
            search.tails().into_iter().any(|tail| search.find(tail, &is_free).is_some())
        });
    }
}

/// The characters with which an origin may begin.
fn first_characters(nfa: &Nfa) -> Set {
    let mut at_start = vec![false; nfa.size()];
    let mut first = 0;
    for (at, state) in nfa.states().enumerate() {
        let is_start = |id: Id| at_start.get(id as usize).copied().unwrap_or_default();
        let is_here = match state {
            State::Accept => true,
            State::Split(one, other) => is_start(one) || is_start(other),
            State::Look(_, next) => is_start(next),
            State::Read(read, next) => {
                first |= if is_start(next) { read.chars } else { 0 };
                false
            }
        };
        if let Some(known) = at_start.get_mut(at) {
            *known = is_here;
        }
    }
    first
}

/// Whether any origin with this end matches. The search starts where an earlier walk has been, if there was one.
fn any_of(search: &mut Search<'_>, tail: &Tail) -> bool {
    search.is_for_itself = true;
    let named = search.named.take();
    let is_there = named.is_some_and(|named| search.find(named, &|_, _| true).is_some())
        || search.find(tail.clone(), &|_, _| true).is_some()
        || ipv6(search, tail, &|_| true).is_some();
    search.is_for_itself = false;
    is_there
}

/// Whether an origin of any scheme matches; `None` if that takes too long.
fn any_origin(nfa: &Nfa, start: Id, matches: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut search = Search::new(nfa, start, "", matches);
    let found = search.tails().iter().any(|tail| any_of(&mut search, tail));
    (found || !search.is_exhausted()).then_some(found)
}

/// Two origins that no policy has in common.
fn any_of_unmeant(search: &Search<'_>) -> Option<String> {
    const SHAPES: [(&str, &str, &str); 3] = [("https", "", ""), ("http", "", ""), ("https", "www.", ":8443")];
    let mut first = None;
    for suffix in [".com", ".net", ".org", ".io", ".dev", ""] {
        for (scheme, front, port) in SHAPES {
            let origin = format!("{scheme}://{front}{UNMEANT}{suffix}{port}");
            if search.matches(&origin) {
                if first.is_some() {
                    return first;
                }
                first = Some(origin);
            }
        }
    }
    None
}

fn open_end(search: &mut Search<'_>, tail: &Tail) -> Option<String> {
    let mut found = FOREIGN_ENDS.into_iter().map_while(|end| {
        let place = search.stepper.steps(&tail.place, end, HOST);
        search.find(Tail { place, host: end.to_owned(), ..tail.clone() }, &|_, _| true)
    });
    let first = found.next()?;
    found.next().map(|_| first)
}

/// An origin that ends like a spelled-out name, with a stranger's word in front of it.
fn open_start(search: &mut Search<'_>, tail: &Tail, stranger: &Stranger) -> Option<OpenStart> {
    if stranger.written_end.is_empty() || stranger.is_above_suffixes {
        return None;
    }
    let host = format!("{FOREIGN_FRONT}{}.{}", stranger.written_end, stranger.below);
    let place = search.stepper.steps(&tail.place, &host, HOST);
    let meant = host.clone();
    let is_whole = |origin: &Origin<'_>, _| {
        split_at_scheme(origin.as_str()).is_some_and(|(_, rest)| rest.starts_with(&meant))
    };
    let origin = search.find(Tail { place, host, ..tail.clone() }, &is_whole)?;
    Some(OpenStart { origin, is_glued: !stranger.written_end.starts_with(['-', '_']) })
}

/// An origin in which a lone dot was read as one, and the same with a letter there.
fn loose_dot(nfa: &Nfa, start: Id, matches: &dyn Fn(&str) -> bool) -> Option<(String, String)> {
    let mut search = Search::new(nfa, start, "", matches);
    search.stepper.notes = Notes::LoneDots;
    let has_dot = |_: &Origin<'_>, noted| noted == FREE;
    let meant = search.tails().into_iter().find_map(|tail| search.find(tail, &has_dot))?;
    let replaced = meant.match_indices('.').find_map(|(at, _)| {
        let (before, after) = (meant.get(..at)?, meant.get(at.checked_add(1)?..)?);
        Some(format!("{before}x{after}")).filter(|loose| search.matches(loose))
    });
    replaced.map(|loose| (meant, loose))
}
