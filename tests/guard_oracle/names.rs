//! The registrable domains of the origins that a regex matches, one after another from the end of the host.

use std::collections::{BTreeMap, HashMap};

use regex_automata::util::primitives::StateID;

use crate::fronts::{Fronts, LABEL_BYTES};
use crate::reader::Reader;
use crate::suffixes::{Position, Suffixes};

const MAX_LABEL: usize = 63;
const MAX_HOST: usize = 253;

/// As many tell whether there is any that the list does not have.
const FEW_LABELS: usize = 8;

/// As many steps are made in one place, and in the whole of a regex.
const LABEL_BUDGET: usize = 3_000;
const BUDGET: usize = 20_000;

/// A search for names, which ends when there are more than enough.
pub(crate) struct Names<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) fronts: &'a Fronts<'a>,
    pub(crate) suffixes: &'a Suffixes,
    /// The names, each with an origin that matches.
    pub(crate) found: BTreeMap<String, String>,
    /// More are not looked for.
    pub(crate) enough: usize,
    visits: HashMap<(StateID, Vec<usize>), usize>,
    spent: usize,
    was_cut: bool,
    is_above_suffixes: bool,
}

/// Whole labels of a host were read, and the host can go on or begin here.
struct Place<'p> {
    state: StateID,
    host: String,
    port: &'p str,
    position: Position,
}

impl<'a> Names<'a> {
    /// No name found yet.
    pub(crate) fn new(
        reader: &'a Reader,
        fronts: &'a Fronts<'a>,
        suffixes: &'a Suffixes,
        enough: usize,
    ) -> Self {
        let (found, visits) = (BTreeMap::new(), HashMap::new());
        Self {
            reader,
            fronts,
            suffixes,
            found,
            enough,
            visits,
            spent: 0,
            was_cut: false,
            is_above_suffixes: false,
        }
    }

    /// Whether there may be more names than were found, and fewer than enough were.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.was_cut && !self.is_enough()
    }

    /// Whether there are free labels where the list has suffixes.
    pub(crate) fn is_above_suffixes(&self) -> bool {
        self.is_above_suffixes
    }

    /// Looks for names under the top-level domains that exist.
    pub(crate) fn below_known(&mut self, end: StateID, port: &str) {
        let root = self.suffixes.start();
        for label in self.suffixes.children(&root) {
            if self.is_enough() {
                return;
            }
            let Some(state) = self.reader.read(end, label) else { continue };
            if self.suffixes.has_top_level(label) {
                let position = self.suffixes.step(&root, label);
                self.visit(&Place { state, host: label.to_owned(), port, position });
            }
        }
    }

    /// Looks for names under one of the others.
    pub(crate) fn below_unknown(&mut self, end: StateID, port: &str) {
        let root = self.suffixes.start();
        for (label, state) in self.labels(end, self.enough * 2) {
            let is_number = label.bytes().all(|byte| byte.is_ascii_digit());
            if is_number || label == "localhost" || self.suffixes.has_top_level(&label) {
                continue;
            }
            let position = self.suffixes.step(&root, &label);
            self.visit(&Place { state, host: label, port, position });
            if self.is_enough() {
                return;
            }
            self.found.clear();
        }
    }

    fn is_enough(&self) -> bool {
        self.found.len() > self.enough
    }

    fn visit(&mut self, place: &Place<'_>) {
        let visits = self.visits.entry((place.state, place.position.nodes().to_vec())).or_default();
        *visits += 1;
        // As many ways to the same place do not lead to more names, or to enough.
        if *visits > self.enough * 2 || self.is_enough() || !self.can_end(place.state) {
            return;
        }
        let is_last = !self.suffixes.has_children(&place.position);
        let is_name = place.position.registrable().is_some();
        if is_name && (is_last || self.reader.scheme(place.state).is_some()) {
            self.add(place);
        }
        if !is_name || !is_last {
            self.descend(place);
        }
    }

    /// Goes on to the next label: one that the list has there, or any other.
    fn descend(&mut self, place: &Place<'_>) {
        let Some(dot) = self.reader.step(place.state, b'.') else { return };
        for label in self.suffixes.children(&place.position) {
            let Some(state) = self.reader.read(dot, label) else { continue };
            self.visit(&self.below(place, state, label));
            if self.is_enough() {
                return;
            }
        }
        let has_wildcard = self.suffixes.has_wildcard(&place.position);
        let is_name = place.position.registrable().is_some();
        self.is_above_suffixes |=
            (is_name || has_wildcard) && self.labels(dot, FEW_LABELS).len() > FEW_LABELS;
        // A label that makes a suffix is no name unless another stands in front of it.
        if has_wildcard && !is_name && !self.fronts.has_two_labels(dot) {
            return;
        }
        // Whatever else stands in front of a name makes no difference.
        let is_settled = is_name && !has_wildcard;
        for (label, state) in self.labels(dot, if is_settled { FEW_LABELS } else { self.enough * 2 }) {
            if self.is_enough() {
                return;
            }
            if self.suffixes.has_child(&place.position, &label) {
                continue;
            }
            if is_settled {
                return self.add(place);
            }
            self.visit(&self.below(place, state, &label));
        }
    }

    fn below<'p>(&self, place: &Place<'p>, state: StateID, label: &str) -> Place<'p> {
        let position = self.suffixes.step(&place.position, label);
        Place { state, host: format!("{label}.{}", place.host), port: place.port, position }
    }

    /// Labels that can be read here, and where they lead: no more than `limit`.
    fn labels(&mut self, start: StateID, limit: usize) -> Vec<(String, StateID)> {
        let mut found = Vec::new();
        let mut bytes = [0; MAX_LABEL];
        // How many bytes of the label, read from its end, are in front of the next, and which it is.
        let mut places = vec![(start, 0, b'.')];
        let budget = self.spent + LABEL_BUDGET;
        while let Some((state, len, byte)) = places.pop() {
            if self.spent == budget || self.spent > BUDGET || found.len() > limit {
                self.was_cut |= limit > FEW_LABELS;
                break;
            }
            self.spent += 1;
            if len > 0 {
                bytes[len - 1] = byte;
                if self.can_end(state) {
                    let label = bytes[..len].iter().rev().copied().map(char::from).collect();
                    found.push((label, state));
                }
            }
            // Backwards, so that letters are taken first and the shortest labels come before the longer.
            for &byte in LABEL_BYTES.iter().rev() {
                let Some(next) = self.reader.step(state, byte) else { continue };
                if self.fronts.missing(next).is_some_and(|missing| len + 1 + missing <= MAX_LABEL) {
                    places.push((next, len + 1, byte));
                }
            }
        }
        found
    }

    /// Whether a label can begin here: in front of it is a scheme, or a dot and more.
    fn can_end(&self, state: StateID) -> bool {
        self.fronts.missing(state) == Some(0)
    }

    fn add(&mut self, place: &Place<'_>) {
        let Some(front) = self.front(place.state) else { return };
        let Some(count) = place.position.registrable() else { return };
        let labels: Vec<&str> = place.host.split('.').collect();
        let name = &labels[labels.len() - count..];
        let is_name = !name[0].contains('_') && !name[0].starts_with('-') && !name[0].ends_with('-');
        let origin = format!("{front}{}{}", place.host, place.port);
        if is_name && is_valid(&origin) {
            self.found.insert(name.join("."), origin);
        }
    }

    /// The shortest text that may stand in front of the labels that are read.
    fn front(&self, state: StateID) -> Option<String> {
        let scheme = self.reader.scheme(state).map(|scheme| format!("{scheme}://"));
        scheme.or_else(|| Some(format!("{}.", self.fronts.shortest(self.reader.step(state, b'.')?)?)))
    }
}

/// Whether no part of it is too long.
fn is_valid(origin: &str) -> bool {
    let host = origin.split("://").last().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host.len() <= MAX_HOST && host.split('.').all(|label| label.len() <= MAX_LABEL)
}
