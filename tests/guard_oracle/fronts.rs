//! How the part of a host that was read can be completed: the shortest text that may stand in front of it.

use std::collections::{HashMap, HashSet, VecDeque};

use regex_automata::util::primitives::StateID;

use crate::reader::Reader;

/// What labels are made of.
pub(crate) const LABEL_BYTES: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_";

/// More are not looked at.
const MAX_PLACES: usize = 20_000;

/// A state, and whether the label that is being read has a byte already.
type Place = (StateID, bool);

/// By the number of the state, for places within a label.
type Distances = Vec<Option<usize>>;

/// For each place within a host, how it can go on.
pub(crate) struct Fronts<'a> {
    reader: &'a Reader,
    /// The next byte on the shortest way to the beginning of the host.
    next: HashMap<Place, Option<(u8, Place)>>,
    /// How many bytes the label needs in front at least.
    missing: Distances,
}

impl<'a> Fronts<'a> {
    /// Looks at all places that a host can lead to from its end. `None` if they are too many.
    pub(crate) fn new(reader: &'a Reader, starts: &[StateID]) -> Option<Self> {
        let mut ways_to: HashMap<Place, Vec<(u8, Place)>> = HashMap::new();
        let mut places: VecDeque<Place> = VecDeque::new();
        for &start in starts {
            if ways_to.insert((start, false), Vec::new()).is_none() {
                places.push_back((start, false));
            }
        }
        let mut ends = VecDeque::new();
        while let Some(place) = places.pop_front() {
            if ways_to.len() > MAX_PLACES {
                return None;
            }
            if place.1 && reader.scheme(place.0).is_some() {
                ends.push_back(place);
            }
            for (byte, next) in steps(reader, place) {
                let ways = ways_to.entry(next).or_insert_with(|| {
                    places.push_back(next);
                    Vec::new()
                });
                ways.push((byte, place));
            }
        }
        let next = shortest(ends, &ways_to);
        let missing = missing(reader, &next, &ways_to);
        Some(Self { reader, next, missing })
    }

    /// How many bytes the label that is being read needs in front at least. `None` if nothing can complete it.
    pub(crate) fn missing(&self, state: StateID) -> Option<usize> {
        self.missing.get(state.as_usize()).copied().flatten()
    }

    /// Whether two labels more can stand in front of a dot.
    pub(crate) fn has_two_labels(&self, dot: StateID) -> bool {
        let mut places = vec![(dot, false)];
        let mut seen = HashSet::new();
        while let Some(place) = places.pop() {
            for (byte, next) in steps(self.reader, place) {
                if byte == b'.' && self.next.contains_key(&next) {
                    return true;
                }
                if byte != b'.' && self.missing(next.0).is_some() && seen.insert(next) {
                    places.push(next);
                }
            }
        }
        false
    }

    /// Whether any host matches.
    pub(crate) fn is_empty(&self) -> bool {
        self.next.is_empty()
    }

    /// The shortest labels that can stand in front of a dot, with their scheme.
    pub(crate) fn shortest(&self, dot: StateID) -> Option<String> {
        let mut place = (dot, false);
        let mut backwards = Vec::new();
        while let Some((byte, next)) = *self.next.get(&place)? {
            backwards.push(byte);
            place = next;
        }
        let front: String = backwards.into_iter().rev().map(char::from).collect();
        Some(format!("{}://{front}", self.reader.scheme(place.0)?))
    }
}

/// The bytes that can stand in front, and where they lead.
fn steps(reader: &Reader, (state, in_label): Place) -> Vec<(u8, Place)> {
    let label = LABEL_BYTES.iter().filter_map(|&byte| Some((byte, (reader.step(state, byte)?, true))));
    let dot = reader.step(state, b'.').filter(|_| in_label).map(|next| (b'.', (next, false)));
    label.chain(dot).collect()
}

fn shortest(
    mut ends: VecDeque<Place>,
    ways_to: &HashMap<Place, Vec<(u8, Place)>>,
) -> HashMap<Place, Option<(u8, Place)>> {
    let mut next: HashMap<Place, Option<(u8, Place)>> = ends.iter().map(|&end| (end, None)).collect();
    while let Some(place) = ends.pop_front() {
        for &(byte, before) in &ways_to[&place] {
            next.entry(before).or_insert_with(|| {
                ends.push_back(before);
                Some((byte, place))
            });
        }
    }
    next
}

fn missing(
    reader: &Reader,
    next: &HashMap<Place, Option<(u8, Place)>>,
    ways_to: &HashMap<Place, Vec<(u8, Place)>>,
) -> Distances {
    let can_end = |&&(state, in_label): &&Place| {
        let dot = reader.step(state, b'.');
        in_label
            && (reader.scheme(state).is_some() || dot.is_some_and(|dot| next.contains_key(&(dot, false))))
    };
    let mut places: VecDeque<(Place, usize)> = next.keys().filter(can_end).map(|&end| (end, 0)).collect();
    let mut missing = Vec::new();
    while let Some(((state, _), count)) = places.pop_front() {
        if missing.len() <= state.as_usize() {
            missing.resize(state.as_usize() + 1, None);
        }
        let known = &mut missing[state.as_usize()];
        if known.is_none() {
            *known = Some(count);
            let ways = ways_to[&(state, true)].iter().filter(|(_byte, (_state, in_label))| *in_label);
            places.extend(ways.map(|&(_byte, before)| (before, count + 1)));
        }
    }
    missing
}
