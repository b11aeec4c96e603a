//! Telling the filter's configuration from that of other plugins.

use proxy_wasm_cors::config::{FIELDS, ON_INVALID, Value};

/// How likely a configuration belongs to this filter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// It has fields, and none that sounds like one of the filter's.
    Foreign,
    /// Nothing speaks against it.
    Likely,
    /// A field is named as one of the filter's, or the plugin's code as the filter.
    Sure,
}

impl Likeness {
    /// Judges a configuration by its names; there may be none, or none that can be read.
    pub(crate) fn of(config: Option<&Value>) -> Self {
        let names = config.map(names).unwrap_or_default();
        if names.iter().any(|name| fields().any(|field| field == *name)) {
            Self::Sure
        } else if names.is_empty() || names.iter().any(|name| sounds_known(name)) {
            Self::Likely
        } else {
            Self::Foreign
        }
    }
}

/// Whether a name in the configuration is at least nearly one of the filter's.
pub(crate) fn sounds_like_policy(config: &Value) -> bool {
    names(config).iter().any(|name| sounds_known(name))
}

/// The names of an object's members, including those in `policies`: only letters, in lower case.
fn names(value: &Value) -> Vec<String> {
    let Value::Object(members) = value else { return Vec::new() };
    let mut all: Vec<String> = members.iter().map(|(name, _)| letters(name)).collect();
    for (name, value) in members {
        if let ("policies", Value::List(policies)) = (name.as_str(), value) {
            all.extend(policies.iter().flat_map(names));
        }
    }
    all
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// The fields that hardly any other plugin has: those with several words.
fn fields() -> impl Iterator<Item = String> {
    FIELDS.into_iter().chain([ON_INVALID]).filter(|field| field.contains('_')).map(letters)
}

/// Whether a name begins or ends like a known one.
fn sounds_known(name: &str) -> bool {
    /// As long as the first word of most fields.
    const ENOUGH: usize = 5;
    fields().chain(["policies".to_owned()]).any(|field| {
        let same_start = field.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        let same_end = field.chars().rev().zip(name.chars().rev()).take_while(|(a, b)| a == b).count();
        same_start.max(same_end) >= ENOUGH
    })
}
