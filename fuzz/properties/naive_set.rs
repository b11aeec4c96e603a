//! Which of several policies a request is under, and what becomes of it, by the contract's text: each reading of the path
//! is enumerated and chooses, and no choice may give a page more than the outcome does.

use std::borrow::Cow;

use proxy_wasm_cors::policy::set::PolicySet;
use serde_json::Value;

use super::decide;
use super::naive_policy::NaivePolicy;
use super::request::Request;
use super::rewrites;
use super::told::{Strictness, Told};

/// The policies of a configuration as they are written.
pub struct NaiveSet<'a> {
    policies: Vec<NaivePolicy<'a>>,
    request: &'a Request,
}

/// The place of the policy that a reading chooses, if any, and whether another origin could have chosen another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice(Option<usize>, bool);

/// Holds what the filter makes of a request against the second implementation, as far as that knows the configuration.
pub fn check(config: &Value, set: &PolicySet, request: &Request) {
    let policies = match config.get("policies").and_then(Value::as_array) {
        Some(policies) => policies.iter().map(NaivePolicy).collect(),
        None => vec![NaivePolicy(config)],
    };
    let naive = NaiveSet { policies, request };
    let outcome = set.decide(request);
    let told = Told::of(&outcome.decision);
    let (Some(choices), shown) = (naive.choices(), format!("{request:?} under {config}")) else { return };
    let Some(tolds) = choices.iter().map(|choice| naive.tell(*choice)).collect::<Option<Vec<Told>>>() else {
        return;
    };
    for (choice, other) in choices.iter().zip(&tolds) {
        let surplus = told.surplus_over(other);
        assert_eq!(surplus, None, "more than by {choice:?}: {told:?} and {other:?}, {shown}");
    }
    let Some((place, expected)) = naive.outcome(&choices, &tolds) else { return };
    assert_eq!((outcome.place, told), (place, expected), "of {choices:?}: {shown}");
    let has_routes = place.is_some_and(|at| naive.is_given(at, "routes"));
    let grants = outcome.decision.response.is_some_and(|edits| edits.allow_origin.is_some());
    // Only what a page is given has to be withheld from it where the route becomes another.
    let is_known = outcome.route.is_some();
    assert!(is_known == has_routes || (!grants && !is_known), "the route that is asked for again: {shown}");
}

impl NaiveSet<'_> {
    /// What the readings choose, each choice once; `None` where that is not known.
    fn choices(&self) -> Option<Vec<Choice>> {
        let path = self.path();
        let mut readings = vec![Cow::Borrowed(path)];
        if (0..self.policies.len()).any(|at| self.is_given(at, "paths")) {
            readings = rewrites::readings(path).into_iter().map(Cow::Owned).collect();
        }
        if path.len() > rewrites::MAX_BYTES && readings.iter().any(|reading| **reading != *path) {
            return self.choices_of_any_path();
        }
        let mut choices = readings.iter().map(|it| self.choose(it)).collect::<Option<Vec<Choice>>>()?;
        // A cache knows the path as it came, whatever it is read as; but what no policy is enforced for is untouched.
        let is_due_by_one = choices.iter().any(|Choice(_, is_due)| *is_due);
        let is_due_by_all = choices.iter().all(|Choice(_, is_due)| *is_due);
        for Choice(place, is_due) in &mut choices {
            let is_enforced = place.is_some_and(|at| self.is_enforced(at));
            *is_due = if is_enforced { is_due_by_one } else { is_due_by_all };
        }
        choices.sort_by_key(|Choice(place, _)| place.unwrap_or(usize::MAX));
        choices.dedup();
        Some(choices)
    }

    /// The first policy that matches.
    fn choose(&self, reading: &[u8]) -> Option<Choice> {
        let mut passed_over = Vec::new();
        for at in (0..self.policies.len()).filter(|at| self.matches_but_for_path(*at)) {
            let prefixes = self.entries(at, "paths");
            if prefixes.is_some_and(|all| !all.iter().any(|entry| rewrites::is_below(reading, entry))) {
                continue;
            }
            let is_for_some = self.is_for_allowed_origins(at);
            if is_for_some {
                passed_over.push(at);
            }
            if !is_for_some || self.allows(at)? {
                let is_due =
                    !passed_over.is_empty() && (self.is_enforced(at) || self.is_any_enforced(&passed_over));
                return Some(Choice(Some(at), is_due));
            }
        }
        Some(Choice(None, self.is_any_enforced(&passed_over)))
    }

    /// A path that is too long is taken for any: what every policy says whose other kinds match, and where none of these
    /// takes every path, what none says.
    fn choices_of_any_path(&self) -> Option<Vec<Choice>> {
        let all: Vec<usize> = (0..self.policies.len()).filter(|at| self.matches_but_for_path(*at)).collect();
        // Every reading of a path that begins with a slash does.
        let is_rooted = self.path().starts_with(b"/");
        let is_root = |at: &usize| {
            self.entries(*at, "paths")
                .is_some_and(|all| all.iter().any(|entry| rewrites::is_below(b"/", entry)))
        };
        let takes_all = |at: &usize| {
            (!self.is_given(*at, "paths") || (is_rooted && is_root(at))) && !self.is_for_allowed_origins(*at)
        };
        let last = all.iter().position(takes_all);
        let reachable = &all[..last.map_or(all.len(), |last| last + 1)];
        if reachable.iter().all(|at| !self.is_given(*at, "paths")) {
            return Some(vec![self.choose(self.path())?]);
        }
        let is_due =
            reachable.iter().any(|at| self.is_for_allowed_origins(*at)) && self.is_any_enforced(reachable);
        let mut choices = Vec::new();
        for at in reachable {
            if !self.is_for_allowed_origins(*at) || self.allows(*at)? {
                choices.push(Choice(Some(*at), is_due));
            }
        }
        choices.extend(last.is_none().then_some(Choice(None, is_due)));
        Some(choices)
    }

    /// What a choice comes to.
    fn tell(&self, Choice(place, is_due): Choice) -> Option<Told> {
        let mut told = match place {
            Some(at) => self.policies[at].tell(self.request)?,
            None => Told::default(),
        };
        told.vary.extend(is_due.then(|| "origin".to_owned()));
        Some(told)
    }

    /// The policy in whose name the request is judged, and what becomes of it.
    fn outcome(&self, choices: &[Choice], tolds: &[Told]) -> Option<(Option<usize>, Told)> {
        let places = || choices.iter().filter_map(|Choice(place, _)| *place);
        if tolds.iter().all(|told| *told == tolds[0]) {
            return Some((choices[0].0, tolds[0].clone()));
        }
        let enforced: Vec<usize> = places().filter(|at| self.is_enforced(*at)).collect();
        let strictness = enforced.iter().map(|at| self.policies[*at].strictness());
        let strictest = strictness.fold(Strictness::default(), |one, other| Strictness {
            blocking: one.blocking.max(other.blocking),
            // The contract does not say so; but a page would get more than by that reading.
            timing: one.timing || other.timing,
        });
        let shadow = places().find(|at| self.policies[*at].is_shadow());
        let place = enforced.first().copied().or(shadow);
        let mut told = match place {
            Some(at) => self.policies[at].tell_as(self.request, Some("path-not-normalized"), strictest)?,
            None => Told::default(),
        };
        let is_due = choices.iter().all(|Choice(_, is_due)| *is_due);
        told.vary.extend(is_due.then(|| "origin".to_owned()));
        Some((place, told))
    }

    fn matches_but_for_path(&self, at: usize) -> bool {
        let authority = self.request.value(":authority").unwrap_or_default();
        let route = self.request.value("(route)").unwrap_or_default();
        let is_host = |entry: &&str| is_host(entry, authority);
        let is_route = |entry: &&str| match entry.strip_suffix('*') {
            Some(prefix) => route.starts_with(prefix.as_bytes()),
            None => route == entry.as_bytes(),
        };
        self.entries(at, "hosts").is_none_or(|all| all.iter().any(is_host))
            && self.entries(at, "routes").is_none_or(|all| all.iter().any(is_route))
    }

    /// The entries of a kind of `match`; `None` if it is not given.
    fn entries(&self, at: usize, kind: &str) -> Option<Vec<&str>> {
        let entries = self.policies[at].field("match").get(kind)?.as_array()?;
        Some(entries.iter().filter_map(Value::as_str).collect())
    }

    fn is_given(&self, at: usize, kind: &str) -> bool {
        self.entries(at, kind).is_some()
    }

    fn is_for_allowed_origins(&self, at: usize) -> bool {
        let selector = self.policies[at].field("match");
        [selector.get("allowed_origins_only"), selector.get("allowedOriginsOnly")]
            .contains(&Some(&Value::Bool(true)))
    }

    fn allows(&self, at: usize) -> Option<bool> {
        match decide::kind_of(self.request) {
            Some(_) => self.policies[at].refusal(self.request).map(|refusal| refusal.is_none()),
            None => Some(false),
        }
    }

    fn is_enforced(&self, at: usize) -> bool {
        self.policies[at].is_enforced()
    }

    fn is_any_enforced(&self, places: &[usize]) -> bool {
        places.iter().any(|at| self.is_enforced(*at))
    }

    fn path(&self) -> &[u8] {
        let path = self.request.value(":path").unwrap_or_default();
        path.split(|byte| *byte == b'?').next().unwrap_or_default()
    }
}

fn is_host(entry: &str, authority: &[u8]) -> bool {
    let host = host_of(authority).to_ascii_lowercase();
    let wanted = entry.to_ascii_lowercase();
    match wanted.strip_prefix("*.") {
        // One byte of a label at least, then the dot.
        Some(base) => host.ends_with(format!(".{base}").as_bytes()) && host.len() > base.len() + 1,
        None => host == wanted.as_bytes(),
    }
}

/// The authority without its port and without one dot at its end.
pub fn host_of(authority: &[u8]) -> &[u8] {
    let colon = authority.iter().rposition(|byte| *byte == b':');
    let host = match colon.map(|at| (&authority[..at], &authority[at + 1..])) {
        Some((host, port)) if is_port(port) && (host.ends_with(b"]") || !host.contains(&b':')) => host,
        _ => authority,
    };
    host.strip_suffix(b".").unwrap_or(host)
}

fn is_port(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}
