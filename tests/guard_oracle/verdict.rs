//! Who could have a page that a regex lets in.

use regex_automata::util::primitives::StateID;

use crate::addresses;
use crate::fronts::Fronts;
use crate::names::Names;
use crate::ports::host_ends;
use crate::reader::Reader;
use crate::suffixes::Suffixes;

/// More names than this, and anyone can register one.
const STRANGERS: usize = 64;

/// No more, and they may well have been spelled out.
const NAMED: usize = 6;

/// What the oracle says of a regex.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Anyone who registers a name, with an origin that matches.
    Strangers(String),
    /// The owners of so many names: a class may be meant, or a slip.
    Few(usize),
    /// The owners of the names that are written.
    Named,
    /// The owners of names that are written, with a free label where the list has public suffixes, such as in front of `amazonaws.com`.
    AboveSuffixes,
    /// The owners of names that are written, and others under top-level domains that do not exist.
    Unlisted,
    /// Nobody: no origin of http or https matches.
    Nobody,
    /// It is too complex.
    Unknown,
}

/// The judge.
pub(crate) struct Oracle(Suffixes);

impl Oracle {
    /// Reads the Public Suffix List.
    pub(crate) fn new() -> Self {
        Self(Suffixes::new())
    }

    /// Judges a regex, which must match the whole origin.
    pub(crate) fn judge(&self, regex: &str) -> Verdict {
        Reader::compile(regex).and_then(|reader| self.judge_compiled(&reader)).unwrap_or(Verdict::Unknown)
    }

    fn judge_compiled(&self, reader: &Reader) -> Option<Verdict> {
        let ends = host_ends(reader);
        let states: Vec<StateID> = ends.keys().copied().collect();
        let fronts = Fronts::new(reader, &states)?;
        if fronts.is_empty() && !states.iter().any(|&end| addresses::has_version_6(reader, end)) {
            return Some(Verdict::Nobody);
        }
        let mut names = Names::new(reader, &fronts, &self.0, STRANGERS);
        ends.iter().for_each(|(&end, port)| names.below_known(end, port));
        let (is_unfinished, is_above) = (names.is_unfinished(), names.is_above_suffixes());
        let count = names.found.len();
        if count > STRANGERS {
            return names.found.into_values().next().map(Verdict::Strangers);
        }
        let count = count.max(addresses::public(reader, states.into_iter()));
        if count > STRANGERS {
            return Some(Verdict::Strangers("an IP address".to_owned()));
        }
        if is_unfinished {
            return None;
        }
        if count > NAMED {
            return Some(Verdict::Few(count));
        }
        if is_above {
            return Some(Verdict::AboveSuffixes);
        }
        let mut others = Names::new(reader, &fronts, &self.0, NAMED);
        ends.iter().for_each(|(&end, port)| others.below_unknown(end, port));
        Some(if others.found.len() > NAMED { Verdict::Unlisted } else { Verdict::Named })
    }
}
