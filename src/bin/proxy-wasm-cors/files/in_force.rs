//! The one configuration of a file that is asked about, as it would be in force.

use std::path::Path;

use proxy_wasm_cors::config::{Fingerprint, Loaded, Value};
use proxy_wasm_cors::policy::set::PolicySet;

use crate::files::document;
use crate::files::find::{Found, POLICY, configurations};
use crate::files::names::Names;

/// Policies, and the configuration that they come from.
pub(crate) struct InForce {
    pub(crate) policies: PolicySet,
    /// Whether they replace a configuration that is refused.
    pub(crate) is_stand_in: bool,
    /// The configuration.
    pub(crate) tree: Value,
    /// The name for it in the filter's log and metrics.
    pub(crate) fingerprint: Option<Fingerprint>,
}

/// Why a file has no configuration that can be asked about.
pub(crate) enum Unusable {
    /// It cannot be read, or its configuration is refused; `check` says what is wrong.
    Refused,
    /// It is not clear which is meant.
    Unclear(String),
}

/// A configuration that was read, and its names.
struct Candidate<'a> {
    found: &'a Found<'a>,
    loaded: Loaded,
    names: Names,
}

impl InForce {
    /// The configuration of a file; if it has several, the one that is named so.
    pub(crate) fn load(file: &Path, filter: Option<&str>) -> Result<Self, Unusable> {
        let documents = document::read(file).map_err(|_| Unusable::Refused)?;
        let found = configurations(&documents);
        let all = found.iter().map(|found| Candidate {
            found,
            loaded: found.load(),
            names: Names::of(&documents, found),
        });
        let mut all = without_equals(all.collect());
        if let Some(filter) = filter.filter(|_| !all.is_empty()) {
            let told = told(&all);
            let is_only = all.len() == 1;
            // A policy by itself is in no filter, and may be compared with one that is.
            let is_meant =
                |it: &Candidate<'_>| it.names.has(filter) || (is_only && it.found.within == POLICY);
            all.retain(is_meant);
            if all.is_empty() {
                let message = format!(
                    "no configuration of the filter has the name `{}`; {told}",
                    filter.escape_debug()
                );
                return Err(Unusable::Unclear(message));
            }
        }
        let told = told(&all);
        let count = all.len();
        match (all.pop(), all.is_empty()) {
            (None, _) => Err(Unusable::Refused),
            (Some(only), true) => only.in_force(),
            (Some(_), false) => {
                let which = filter.map_or(String::new(), |it| format!(" named `{}`", it.escape_debug()));
                let message = format!("holds {count} configurations of the filter{which}; {told}");
                Err(Unusable::Unclear(message))
            }
        }
    }
}

impl Candidate<'_> {
    fn in_force(self) -> Result<InForce, Unusable> {
        let is_stand_in = self.loaded.problems() > 0;
        let policies = self.loaded.policies.ok_or(Unusable::Refused)?;
        let tree = self.found.tree().unwrap_or(Value::Null);
        Ok(InForce { policies, is_stand_in, tree, fingerprint: self.loaded.fingerprint })
    }
}

/// What Envoy shows about itself contains a configuration several times, and for a fetched one also its default.
fn without_equals(candidates: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut all: Vec<Candidate<'_>> = Vec::new();
    for mut candidate in candidates {
        let hash = |it: &Candidate<'_>| it.loaded.fingerprint.map(|it| it.to_string());
        let equal = all.iter_mut().find(|it| hash(it).is_some() && hash(it) == hash(&candidate));
        match equal {
            Some(equal) => {
                equal.names.is_default &= candidate.names.is_default;
                equal.names.all.append(&mut candidate.names.all);
            }
            None => all.push(candidate),
        }
    }
    let fetched: Vec<String> =
        all.iter().filter(|it| !it.names.is_default).flat_map(|it| it.names.all.clone()).collect();
    all.retain(|it| !it.names.is_default || !it.names.all.iter().any(|name| fetched.contains(name)));
    all
}

/// How to say which is meant.
fn told(candidates: &[Candidate<'_>]) -> String {
    let is_alone = |name: &&String| candidates.iter().filter(|it| it.names.has(name)).count() == 1;
    let names: Option<Vec<String>> = candidates
        .iter()
        .map(|it| {
            let name = it.names.all.iter().find(is_alone).or(it.names.all.first())?;
            Some(format!("`{}` (line {})", name.escape_debug(), it.found.line))
        })
        .collect();
    match names {
        Some(names) => format!("choose one with `--filter`: {}", names.join(", ")),
        None => "give a file with only the one that you mean".to_owned(),
    }
}
