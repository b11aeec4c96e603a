//! Globs that were pasted as regular expressions: to an expression, `*` repeats what stands before it.

use crate::origin::pattern::OriginPattern;
use crate::origin::split_at_scheme;

/// The pattern that was meant, if the text is a glob: within, none if that cannot be told.
#[must_use]
pub fn meant(source: &str) -> Option<Option<String>> {
    // A star right behind a slash, or at the start, repeats something that nobody wants to repeat.
    let is_glob =
        source.starts_with('*') || split_at_scheme(source).is_some_and(|(_, rest)| rest.starts_with('*'));
    is_glob.then(|| pattern(source))
}

fn pattern(source: &str) -> Option<String> {
    let text: String = source.chars().filter(|c| !matches!(c, '\\' | '^' | '$')).collect();
    let text = text.trim_end_matches(['*', '/']);
    let (scheme, host) = split_at_scheme(text).unwrap_or(("https", text));
    let host = host.trim_start_matches(['*', '.']);
    let pattern = format!("{scheme}://*.{host}");
    OriginPattern::parse(&pattern).is_ok().then_some(pattern)
}
