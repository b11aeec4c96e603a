//! Which of several policies a call is under: by host, by path however a server reads it, and by origin.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::Call;
use super::meaning::{Blocking, Meaning, Mode};
use super::page::Page;
use super::rewrites::{self, is_below, readings};

/// The policies of a configuration.
pub(crate) struct Selection {
    policies: Vec<(Value, Meaning)>,
    none: Meaning,
    /// The readings of the path that was asked for last: making them takes longer than all else.
    readings: RefCell<(String, BTreeSet<Vec<u8>>)>,
}

/// What the readings of a path lead to.
struct Chosen {
    /// The places of policies, in order; that of no policy is beyond all others.
    places: BTreeSet<usize>,
    /// Whether a page of another origin may be under another policy, by one of the readings and by all.
    is_vary_due: (bool, bool),
}

impl Selection {
    /// Reads a configuration.
    pub(crate) fn of(config: &Value) -> Self {
        let policies = match config["policies"].as_array() {
            Some(policies) => policies.clone(),
            None => vec![config.clone()],
        };
        let policies = policies.into_iter().map(|policy| (policy.clone(), Meaning::of(&policy))).collect();
        Self { policies, none: Meaning::none(), readings: RefCell::default() }
    }

    /// The page that makes the call, under the policy that applies to it, or under the strictest that may.
    pub(crate) fn page<'a>(&'a self, call: &Call<'a>) -> Page<'a> {
        let Chosen { places, is_vary_due } = self.chosen(call);
        let pages: Vec<Page<'_>> = places.iter().map(|at| self.page_under(*at, call)).collect();
        let effects: BTreeSet<String> =
            places.iter().zip(&pages).map(|(at, page)| self.effect(*at, page, call)).collect();
        let page = if effects.len() == 1 { pages[0] } else { self.strictest(&pages, call) };
        // A request for which no policy enforces is untouched, unless there is no doubt.
        let is_vary_due = if page.is_enforced() { is_vary_due.0 } else { is_vary_due.1 };
        Page { is_vary_due, ..page }
    }

    fn page_under<'a>(&'a self, at: usize, call: &Call<'a>) -> Page<'a> {
        let meaning = self.policies.get(at).map_or(&self.none, |(_, meaning)| meaning);
        meaning.page_at(call.origin, call.authority)
    }

    fn strictest<'a>(&'a self, pages: &[Page<'a>], call: &Call<'a>) -> Page<'a> {
        let of_mode = |mode| pages.iter().filter(move |page| page.meaning.mode == mode);
        let enforced = || of_mode(Mode::Enforce);
        match enforced().next().or_else(|| of_mode(Mode::Shadow).next()) {
            Some(first) => Page {
                refusal: Some("path-not-normalized"),
                blocking: enforced().map(|page| page.blocking).max().unwrap_or(Blocking::Nothing),
                hides_timing: enforced().any(|page| page.hides_timing),
                ..*first
            },
            None => self.page_under(usize::MAX, call),
        }
    }

    /// What a policy does to the first request of a call, so that what is the same is the same text.
    fn effect(&self, at: usize, page: &Page<'_>, call: &Call<'_>) -> String {
        let is_preflight = page.needs_preflight(call);
        let reason = if is_preflight { page.reason(call) } else { page.refusal };
        match (page.meaning.mode, page.refusal) {
            (Mode::Passthrough, _) => String::new(),
            (Mode::Shadow, _) => format!("shadow {reason:?}"),
            (Mode::Enforce, Some(refusal)) => {
                let is_blocked = is_preflight || page.blocking == Blocking::Everything;
                format!("{refusal} {is_blocked} {}", page.hides_timing)
            }
            (Mode::Enforce, None) => {
                let mut policy = self.policies[at].0.clone();
                let members = policy.as_object_mut().expect("a policy is an object");
                members.retain(|name, _| {
                    !["name", "match", "block_denied_requests", "allow_origins"].contains(&name.as_str())
                });
                format!("{} {policy}", page.meaning.is_open())
            }
        }
    }

    fn chosen(&self, call: &Call<'_>) -> Chosen {
        let path = call.path.split('?').next().unwrap_or_default();
        let mut readings = self.readings.borrow_mut();
        if readings.0 != path {
            *readings = (path.to_owned(), self.readings_of(path.as_bytes()));
        }
        if readings.1.len() > 1 && path.len() > rewrites::MAX_BYTES {
            return self.chosen_by_any_path(call);
        }
        let mut chosen = Chosen { places: BTreeSet::new(), is_vary_due: (false, true) };
        for reading in &readings.1 {
            let (place, is_vary_due) = self.choose(call, reading);
            chosen.places.insert(place);
            chosen.is_vary_due.0 |= is_vary_due;
            chosen.is_vary_due.1 &= is_vary_due;
        }
        chosen
    }

    fn readings_of(&self, path: &[u8]) -> BTreeSet<Vec<u8>> {
        match self.policies.iter().any(|(policy, _)| !policy["match"]["paths"].is_null()) {
            true => readings(path).into_iter().collect(),
            false => BTreeSet::from([path.to_vec()]),
        }
    }

    /// The first policy that matches, and whether another origin could have met another.
    fn choose(&self, call: &Call<'_>, reading: &[u8]) -> (usize, bool) {
        let mut asked: Vec<&Meaning> = Vec::new();
        for (at, (policy, meaning)) in self.policies.iter().enumerate() {
            let is_path = |prefix: &str| is_below(reading, prefix);
            if !is_host_of(policy, call) || !matches(&policy["match"]["paths"], is_path) {
                continue;
            }
            let is_for_allowed = is_for_allowed_origins(policy);
            asked.extend(is_for_allowed.then_some(meaning));
            if !is_for_allowed || self.page_under(at, call).refusal.is_none() {
                let is_enforced = meaning.mode == Mode::Enforce || is_any_enforced(&asked);
                return (at, !asked.is_empty() && is_enforced);
            }
        }
        (usize::MAX, is_any_enforced(&asked))
    }

    /// A path that is too long to be read in every way could be any.
    fn chosen_by_any_path(&self, call: &Call<'_>) -> Chosen {
        let mut places = BTreeSet::from([usize::MAX]);
        let (mut may_apply, mut is_any_for_allowed) = (Vec::new(), false);
        for (at, (policy, meaning)) in
            self.policies.iter().enumerate().filter(|(_, it)| is_host_of(&it.0, call))
        {
            let is_for_allowed = is_for_allowed_origins(policy);
            may_apply.push(meaning);
            is_any_for_allowed |= is_for_allowed;
            if !is_for_allowed || self.page_under(at, call).refusal.is_none() {
                places.insert(at);
            }
            if policy["match"]["paths"].is_null() && !is_for_allowed {
                places.remove(&usize::MAX);
                break;
            }
        }
        let is_vary_due = is_any_for_allowed && is_any_enforced(&may_apply);
        Chosen { places, is_vary_due: (is_vary_due, is_vary_due) }
    }
}

fn is_any_enforced(meanings: &[&Meaning]) -> bool {
    meanings.iter().any(|meaning| meaning.mode == Mode::Enforce)
}

fn is_for_allowed_origins(policy: &Value) -> bool {
    policy["match"]["allowed_origins_only"] == json!(true)
}

fn is_host_of(policy: &Value, call: &Call<'_>) -> bool {
    matches(&policy["match"]["hosts"], |host| is_host(host, call.authority))
}

/// Whether a kind is not given, or one of its entries matches.
fn matches(kind: &Value, is_match: impl Fn(&str) -> bool) -> bool {
    kind.as_array().is_none_or(|entries| entries.iter().filter_map(Value::as_str).any(is_match))
}

fn is_host(entry: &str, authority: &str) -> bool {
    let lower = authority.to_ascii_lowercase();
    let host = match lower.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => &lower,
    };
    match entry.to_ascii_lowercase().strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
        None => host == entry.to_ascii_lowercase(),
    }
}
