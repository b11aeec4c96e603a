//! Example calls that turn out differently.

use std::collections::BTreeSet;

use super::samples;
use super::settings::Settings;
use crate::files::in_force::InForce;
use crate::page::call::Call;
use crate::page::course::Course;
use crate::page::head::{DEFAULT_HOST, Target};
use crate::page::summary::{Page, Summary};

/// So many are told.
const TOLD: usize = 20;

/// A call that turns out differently.
pub(super) struct Turned {
    pub(super) call: Call,
    pub(super) target: Target,
    pub(super) old: Summary,
    pub(super) new: Summary,
}

/// The calls that turn out differently, and how many more there are.
pub(super) fn turned(
    (old, old_settings): (&InForce, &[Settings]),
    (new, new_settings): (&InForce, &[Settings]),
) -> (Vec<Turned>, usize) {
    let all = || old_settings.iter().chain(new_settings);
    let targets = samples::targets(all());
    let mut turned: Vec<Vec<Turned>> = Vec::new();
    for origin in samples::origins(old_settings, new_settings) {
        let calls = samples::calls(&origin, all());
        let mut of_page: Vec<Turned> = Vec::new();
        for target in &targets {
            let of_target = simplest(calls.iter().filter_map(|call| Turned::of(call, target, old, new)));
            of_page.extend(of_target);
        }
        turned.push(first_shown(of_page));
    }
    let count: usize = turned.iter().map(Vec::len).sum();
    (a_few_of_each(turned), count.saturating_sub(TOLD))
}

/// Leaves out calls for which a simpler one shows as much.
fn simplest(all: impl Iterator<Item = Turned>) -> Vec<Turned> {
    let mut kept: Vec<Turned> = Vec::new();
    for one in all {
        if !kept.iter().any(|known| known.implies(&one)) {
            kept.push(one);
        }
    }
    kept
}

/// Leaves out calls if the same call to another URL shows as much.
fn first_shown(all: Vec<Turned>) -> Vec<Turned> {
    let mut shown = BTreeSet::new();
    all.into_iter().filter(|one| shown.insert(one.key())).collect()
}

/// As many as are shown, from as many pages as possible; the calls of a page stay together.
fn a_few_of_each(pages: Vec<Vec<Turned>>) -> Vec<Turned> {
    let ranked = pages.into_iter().enumerate();
    let mut all: Vec<(usize, usize, Turned)> = ranked
        .flat_map(|(page, calls)| calls.into_iter().enumerate().map(move |(rank, call)| (rank, page, call)))
        .collect();
    all.sort_by_key(|(rank, page, _)| (*rank, *page));
    all.truncate(TOLD);
    all.sort_by_key(|(rank, page, _)| (*page, *rank));
    all.into_iter().map(|(_, _, call)| call).collect()
}

impl Turned {
    fn of(call: &Call, target: &Target, old: &InForce, new: &InForce) -> Option<Self> {
        let summary = |in_force: &InForce| {
            Summary::of(&Course::of(&in_force.policies, target, call), &in_force.policies)
        };
        let (old, new) = (summary(old), summary(new));
        // What the upstream says is unknown, but not what the filter would have said.
        let is_judged_otherwise = new.page == Page::Upstream && old.verdict != new.verdict;
        let is_turned = old.page != new.page || is_judged_otherwise;
        is_turned.then(|| Self { call: call.clone(), target: target.clone(), old, new })
    }

    /// The call and its outcomes, whatever the URL: one of a kind is enough.
    fn key(&self) -> String {
        let anywhere = Target { host: DEFAULT_HOST.to_owned(), path: String::new(), route: None };
        format!("{}: {}", anywhere.told(&self.call), self.told())
    }

    /// Whether the other asks for this and more, and turns out in the same way.
    fn implies(&self, other: &Self) -> bool {
        let (less, more) = (&self.call, &other.call);
        less.way == more.way
            && (less.method == "GET" || less.method == more.method)
            && less.headers.iter().all(|header| more.headers.contains(header))
            && (!less.credentials || more.credentials)
            && (self.old.page, self.new.page) == (other.old.page, other.new.page)
    }

    /// Both outcomes.
    pub(super) fn told(&self) -> String {
        format!("{} -> {}", self.old.told(), self.new.told())
    }
}
