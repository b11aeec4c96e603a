//! Where the host ends: at the end of the origin, or in front of a port.

use std::collections::{BTreeMap, HashSet};

use regex_automata::util::primitives::StateID;

use crate::reader::Reader;

/// The default ports, which no origin names, from their end.
const DEFAULTS: [&str; 2] = ["344", "08"];

const MAX_DIGITS: usize = 5;

/// The states in which the host can begin to be read, each with a port that leads there, such as `:8080`.
pub(crate) fn host_ends(reader: &Reader) -> BTreeMap<StateID, String> {
    let mut ends = BTreeMap::from([(reader.start(), String::new())]);
    let mut seen = HashSet::new();
    let mut places = vec![(reader.start(), String::new())];
    while let Some((state, backwards)) = places.pop() {
        let end = reader.step(state, b':').filter(|_| is_port(&backwards));
        if let Some(end) = end {
            ends.entry(end).or_insert_with(|| format!(":{}", forwards(&backwards)));
        }
        if backwards.len() == MAX_DIGITS {
            continue;
        }
        // The lowest is taken first, so that five digits are a port if they can be.
        for digit in (b'0'..=b'9').rev() {
            let Some(next) = reader.step(state, digit) else { continue };
            let backwards = format!("{backwards}{}", char::from(digit));
            let may_be_default = DEFAULTS.into_iter().find(|port| port.starts_with(&backwards));
            if seen.insert((next, backwards.len(), may_be_default.map(|_| backwards.clone()))) {
                places.push((next, backwards));
            }
        }
    }
    ends
}

fn is_port(backwards: &str) -> bool {
    let text = forwards(backwards);
    let is_number = !text.starts_with('0') && text.parse::<u16>().is_ok();
    is_number && !DEFAULTS.contains(&backwards)
}

fn forwards(backwards: &str) -> String {
    backwards.chars().rev().collect()
}
