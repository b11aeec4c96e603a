//! What a policy says, however it is written: its fields in one style, with the defaults of missing ones.

use std::collections::BTreeSet;

use proxy_wasm_cors::config::{DEFAULT_NAME, Value, member};
use proxy_wasm_cors::request::method::normalize;

use crate::entries::{entries, policy_at};

/// Fields that are lists, whose order means nothing.
const LISTS: [&str; 5] =
    ["allow_origins", "allow_methods", "allow_headers", "expose_headers", "dangerously_allow"];
/// Fields with a single value, and their defaults.
const VALUES: [(&str, &str); 7] = [
    ("allow_credentials", "false"),
    ("max_age", "none"),
    ("allow_private_network", "false"),
    ("preflight_status", "204"),
    ("allow_timing", "false"),
    ("block_denied_requests", "false"),
    ("mode", "enforce"),
];
/// Fields of `match` that are lists; if they are missing, everything matches.
const MATCH_LISTS: [(&str, &str); 3] =
    [("hosts", "match.hosts"), ("paths", "match.paths"), ("routes", "match.routes")];
/// The field of `match` that is one value.
const MATCH_FLAG: (&str, &str) = ("allowed_origins_only", "match.allowed_origins_only");
/// What stands for everything.
const ALL: &str = "*";

/// What a policy says: each field, in one order.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) lists: Vec<(&'static str, BTreeSet<String>)>,
    pub(super) values: Vec<(&'static str, String)>,
}

/// The policies of a configuration, in order, each with its name.
pub(super) fn policies(tree: &Value) -> Vec<(String, Settings)> {
    let count = match member(tree, "policies") {
        Some(Value::List(policies)) => policies.len(),
        _ => 1,
    };
    let named = |policy: &Value| match member(policy, "name") {
        Some(Value::Text(name)) => name.clone(),
        _ => DEFAULT_NAME.to_owned(),
    };
    let policies = (0..count).filter_map(|place| policy_at(tree, place));
    policies.map(|(policy, _)| (named(policy), Settings::of(policy))).collect()
}

impl Settings {
    /// The settings of an empty policy.
    pub(super) fn empty() -> Self {
        Self::of(&Value::Object(Vec::new()))
    }

    fn of(policy: &Value) -> Self {
        let matches = member(policy, "match").unwrap_or(&Value::Null);
        let lists = LISTS.map(|name| (name, list(policy, name)));
        let match_lists = MATCH_LISTS.map(|(name, path)| (path, match_list(matches, name)));
        let values = VALUES.map(|(name, otherwise)| (name, value(policy, name, otherwise)));
        let (name, path) = MATCH_FLAG;
        Self {
            lists: lists.into_iter().chain(match_lists).collect(),
            values: values.into_iter().chain([(path, value(matches, name, "false"))]).collect(),
        }
    }

    /// The items of a list of this name.
    pub(super) fn list(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.lists
            .iter()
            .filter(move |(known, _)| *known == name)
            .flat_map(|(_, items)| items)
            .map(String::as_str)
    }
}

fn list(policy: &Value, name: &str) -> BTreeSet<String> {
    if name == "allow_origins" {
        return entries(policy, "").into_iter().map(|entry| entry.text).collect();
    }
    texts(policy, name).into_iter().map(|text| canonical(name, text)).collect()
}

fn match_list(matches: &Value, name: &str) -> BTreeSet<String> {
    let items = texts(matches, name);
    let items = if items.is_empty() { vec![ALL.to_owned()] } else { items };
    items.into_iter().map(|item| canonical(name, item)).collect()
}

fn texts(object: &Value, name: &str) -> Vec<String> {
    let Some(Value::List(items)) = member(object, name) else { return Vec::new() };
    let text = |item: &Value| if let Value::Text(text) = item { Some(text.clone()) } else { None };
    items.iter().filter_map(text).collect()
}

/// An item as the filter compares it.
fn canonical(name: &str, item: String) -> String {
    match name {
        "allow_methods" => normalize(&item).to_owned(),
        "allow_headers" | "expose_headers" | "hosts" => item.to_ascii_lowercase(),
        "paths" if item.trim_end_matches('/').is_empty() => "/".to_owned(),
        "paths" => item.trim_end_matches('/').to_owned(),
        _ => item,
    }
}

fn value(object: &Value, name: &str, otherwise: &str) -> String {
    match member(object, name) {
        None => otherwise.to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Text(text)) if name == "max_age" => seconds(text).unwrap_or_else(|| text.clone()),
        Some(Value::Text(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The seconds of a duration such as `1h30m`.
fn seconds(duration: &str) -> Option<String> {
    let mut sum = 0_u64;
    for part in duration.split_inclusive(['h', 'm', 's']) {
        let unit = match part.chars().next_back()? {
            'h' => 3600,
            'm' => 60,
            _ => 1,
        };
        let number: u64 = part.strip_suffix(['h', 'm', 's'])?.parse().ok()?;
        sum = sum.checked_add(number.checked_mul(unit)?)?;
    }
    Some(sum.to_string())
}

#[cfg(test)]
mod tests {
    use proxy_wasm_cors::config::{FIELDS, MATCH_FIELDS};

    use super::*;

    /// A new field of the configuration has to be added here.
    #[test]
    fn every_field_is_compared() {
        let values = VALUES.map(|(name, _)| name);
        let known: BTreeSet<&str> = LISTS.into_iter().chain(values).chain(["name", "match"]).collect();
        assert_eq!(known, BTreeSet::from(FIELDS));
        assert_eq!(
            BTreeSet::from_iter(MATCH_LISTS.into_iter().chain([MATCH_FLAG]).map(|(name, _)| name)),
            BTreeSet::from(MATCH_FIELDS)
        );
    }

    #[test]
    fn durations() {
        for (text, expected) in [("600s", Some("600")), ("1h30m", Some("5400")), ("x", None), ("5", None)] {
            assert_eq!(seconds(text).as_deref(), expected, "{text}");
        }
    }
}
