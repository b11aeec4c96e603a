//! The room of entries: which entry of `allow_origins` matches a page's origin, or comes nearest to it.
//!
//! The filter compiles the entries into one set, and does not know them any more. Here they are asked one at a time, each
//! as the only one of its policy, by the very code that runs in the filter. `differences` says in what an origin differs
//! from an entry that does not match, and `parts` takes both apart.

mod differences;
mod parts;

use proxy_wasm_cors::config::{Value, camel_case, load_tree, member};
use proxy_wasm_cors::policy::decision::{Reason, Verdict};
use proxy_wasm_cors::policy::set::PolicySet;

use crate::page::call::{Call, Way};
use crate::page::head::{Head, Target};
use differences::differences;

/// What else matters for judging an entry.
const BESIDE: [&str; 2] = ["allow_credentials", "dangerously_allow"];

/// An entry of `allow_origins`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Its path, as findings write it.
    pub(crate) at: String,
    /// What it says.
    pub(crate) text: String,
    value: Value,
}

/// How the entries of a policy relate to an origin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    /// This is the first that matches.
    Matched(Entry),
    /// None does; this is the nearest, and this is how the origin differs.
    Nearest(Entry, String),
    /// None does, and none is near; or the origin was not looked at.
    None,
}

impl Standing {
    /// How the entries of the policy at a place stand to the origin of a page that was judged so.
    pub(crate) fn of(
        tree: &Value,
        place: Option<usize>,
        verdict: &Verdict,
        call: &Call,
        target: &Target,
    ) -> Self {
        let policy = place.and_then(|place| policy_at(tree, place));
        let Some((policy, at)) = policy.filter(|_| is_about_origin(verdict)) else { return Self::None };
        let entries = entries(policy, &at);
        if let Some(entry) = entries.iter().find(|entry| entry.matches(policy, call, target)) {
            return Self::Matched(entry.clone());
        }
        let near = entries.into_iter().filter_map(|entry| {
            let differences = differences(&call.origin, &entry.text)?;
            Some((differences.distance, entry, differences.text))
        });
        let nearest = near.min_by_key(|(distance, ..)| *distance);
        nearest.map_or(Self::None, |(_, entry, text)| Self::Nearest(entry, text))
    }
}

impl Entry {
    /// The entry as people read it.
    pub(crate) fn told(&self) -> String {
        // Backslashes of a regex stand as they are written.
        let text: String =
            self.text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
        format!("{} ({text})", self.at)
    }

    /// Whether the policy would allow the page if this were its only entry.
    fn matches(&self, policy: &Value, call: &Call, target: &Target) -> bool {
        let beside =
            BESIDE.iter().filter_map(|name| Some(((*name).to_owned(), member(policy, name)?.clone())));
        let origins = ("allow_origins".to_owned(), Value::List(vec![self.value.clone()]));
        let alone = load_tree(&Value::Object(beside.chain([origins]).collect()));
        alone.policies.is_some_and(|policies| allows(&policies, call, target))
    }
}

fn allows(policies: &PolicySet, call: &Call, target: &Target) -> bool {
    let plain = Call { method: "GET".to_owned(), headers: Vec::new(), way: Way::Fetch, ..call.clone() };
    matches!(policies.decide(&Head::request(target, &plain)).decision.verdict, Verdict::Allowed(_))
}

/// Whether there was a search for an entry, and there is one to name.
fn is_about_origin(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::NotCrossOrigin => false,
        Verdict::Allowed(_) => true,
        Verdict::Denied(denial) => {
            !matches!(denial.reason, Reason::ConfigInvalid | Reason::PathNotNormalized | Reason::RouteChanged)
        }
    }
}

/// The policy at a place, and the beginning of paths into it.
pub(crate) fn policy_at(tree: &Value, place: usize) -> Option<(&Value, String)> {
    match member(tree, "policies") {
        Some(Value::List(policies)) => Some((policies.get(place)?, format!("policies[{place}]."))),
        _ => Some((tree, String::new())),
    }
}

/// The entries of a policy, to whose paths `at` is the beginning.
pub(crate) fn entries(policy: &Value, at: &str) -> Vec<Entry> {
    const NAME: &str = "allow_origins";
    let Some(Value::List(items)) = member(policy, NAME) else { return Vec::new() };
    let camel = camel_case(NAME);
    let Value::Object(members) = policy else { return Vec::new() };
    let name = members.iter().map(|(name, _)| name).find(|name| **name == NAME || **name == camel);
    let name = name.map_or(NAME, String::as_str);
    let entry = |(number, value): (usize, &Value)| Entry {
        at: format!("{at}{name}[{number}]"),
        text: text(value),
        value: value.clone(),
    };
    items.iter().enumerate().map(entry).collect()
}

/// What an entry says, whatever it is written as.
fn text(entry: &Value) -> String {
    match entry {
        Value::Text(text) => text.clone(),
        Value::Object(members) => match members.as_slice() {
            [(kind, Value::Text(text))] if kind == "exact" => text.clone(),
            [(kind, Value::Text(text))] => format!("{kind}: {text}"),
            _ => entry.to_string(),
        },
        other => other.to_string(),
    }
}
