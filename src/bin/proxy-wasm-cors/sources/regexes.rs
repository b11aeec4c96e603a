//! What can be told of an expression for origins before the filter reads it.

use regex_lite::Regex;

/// Ways to write `http` and `https` at the beginning of an expression.
const BOTH_SCHEMES: [&str; 8] = [
    "https?",
    "http(s)?",
    "http(?:s)?",
    "http[s]?",
    "(http|https)",
    "(https|http)",
    "(?:http|https)",
    "(?:https|http)",
];

/// Whether an expression lets in everyone in Envoy: one that matches the text `*` does.
pub(crate) fn matches_everyone(regex: &str) -> bool {
    let whole = Regex::new(&format!("^(?:{regex})$"));
    whole.is_ok_and(|whole| whole.is_match("*"))
}

/// The same expression for `https` alone, if it is for `http` too.
pub(crate) fn https_only(regex: &str) -> Option<String> {
    let (anchor, rest) = regex.strip_prefix('^').map_or(("", regex), |rest| ("^", rest));
    let after = BOTH_SCHEMES.iter().find_map(|both| rest.strip_prefix(both))?;
    after.starts_with(':').then(|| format!("{anchor}https{after}"))
}
