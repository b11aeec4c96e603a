//! What policies say now that they did not say before.

use std::collections::BTreeSet;

use super::coverage::cover;
use super::settings::Settings;

/// How a policy changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Added,
    Removed,
    Changed,
}

/// What changed in a policy.
pub(super) struct Change {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its earlier name, if that was different.
    pub(super) was: Option<String>,
    pub(super) fields: Vec<Field>,
}

/// What changed in a field.
pub(super) enum Field {
    /// Items that a list gained and lost.
    List {
        name: &'static str,
        gained: Vec<String>,
        lost: Vec<String>,
        /// Items that were added or removed, and what covers them before and now.
        covered: Vec<(String, String)>,
    },
    /// A value that is another now.
    Value { name: &'static str, old: String, new: String },
}

type Named = (String, Settings);

/// The changes from some policies to others. Policies of the same name belong together, and so do the remaining ones at
/// the same position.
pub(super) fn changes(old: &[Named], new: &[Named]) -> Vec<Change> {
    let has = |all: &[Named], name: &str| all.iter().any(|(known, _)| known == name);
    let mut all = Vec::new();
    for (place, (name, settings)) in new.iter().enumerate() {
        let same = old.iter().find(|(known, _)| known == name);
        let at_place = old.get(place).filter(|(known, _)| !has(new, known));
        match same.or(at_place) {
            Some((known, before)) => {
                let was = (known != name).then(|| known.clone());
                let fields = fields(before, settings);
                if was.is_some() || !fields.is_empty() {
                    all.push(Change { name: name.clone(), kind: Kind::Changed, was, fields });
                }
            }
            None => all.push(one_sided(name, Kind::Added, &Settings::empty(), settings)),
        }
    }
    let is_matched = |place: usize, name: &str| {
        has(new, name) || new.get(place).is_some_and(|(other, _)| !has(old, other))
    };
    let gone = old.iter().enumerate().filter(|(place, (name, _))| !is_matched(*place, name));
    all.extend(
        gone.map(|(_, (name, settings))| one_sided(name, Kind::Removed, settings, &Settings::empty())),
    );
    all
}

fn one_sided(name: &str, kind: Kind, old: &Settings, new: &Settings) -> Change {
    let fields = fields(old, new).into_iter().filter_map(|field| match field {
        // A policy that does not exist cannot gain or lose what it does not say.
        Field::List { name, gained, lost, .. } => {
            let (gained, lost) = if kind == Kind::Added { (gained, Vec::new()) } else { (Vec::new(), lost) };
            let is_something = !gained.is_empty() || !lost.is_empty();
            is_something.then_some(Field::List { name, gained, lost, covered: Vec::new() })
        }
        value @ Field::Value { .. } => Some(value),
    });
    Change { name: name.to_owned(), kind, was: None, fields: fields.collect() }
}

fn fields(old: &Settings, new: &Settings) -> Vec<Field> {
    let lists = old.lists.iter().zip(&new.lists);
    let lists = lists.filter(|((_, before), (_, now))| before != now);
    let lists = lists.map(|((name, before), (_, now))| list(name, before, now));
    let values = old.values.iter().zip(&new.values).filter_map(|((name, before), (_, now))| {
        let value = || Field::Value { name, old: before.clone(), new: now.clone() };
        (before != now).then(value)
    });
    lists.chain(values).collect()
}

fn list(name: &'static str, before: &BTreeSet<String>, now: &BTreeSet<String>) -> Field {
    let mut covered = Vec::new();
    let mut only = |these: &BTreeSet<String>, those: &BTreeSet<String>| -> Vec<String> {
        let alone = these.difference(those);
        // Nothing else covers more than itself, and there may be thousands.
        let wide: Vec<&str> = those.iter().map(String::as_str).filter(|item| item.contains('*')).collect();
        let is_real = |item: &&String| match cover(name, item, wide.iter().copied()) {
            Some(by) => {
                covered.push(((*item).clone(), by.to_owned()));
                false
            }
            None => true,
        };
        alone.filter(is_real).cloned().collect()
    };
    let (gained, lost) = (only(now, before), only(before, now));
    Field::List { name, gained, lost, covered }
}

impl Change {
    /// Whether everything that was added or removed is covered by something else.
    pub(super) fn is_none(&self) -> bool {
        let is_covered = |field: &Field| matches!(field, Field::List { gained, lost, .. } if gained.is_empty() && lost.is_empty());
        self.kind == Kind::Changed && self.was.is_none() && self.fields.iter().all(is_covered)
    }
}

/// The names of the policies that are in both, in the old order and in the new one, if they differ: the first policy
/// that matches applies.
pub(super) fn order(old: &[Named], new: &[Named]) -> Option<(Vec<String>, Vec<String>)> {
    let common = |these: &[Named], those: &[Named]| -> Vec<String> {
        let is_there = |name: &String| those.iter().any(|(known, _)| known == name);
        these.iter().map(|(name, _)| name).filter(|name| is_there(name)).cloned().collect()
    };
    let (before, now) = (common(old, new), common(new, old));
    (before != now).then_some((before, now))
}
