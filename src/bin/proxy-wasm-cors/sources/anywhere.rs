//! Expressions that a product matches anywhere in an origin, or anchors only at the end. Strangers match them, so they
//! were meant for the whole origin.

use regex_lite::Regex;

use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::note::NoteKind::{Ask, Narrower, Same};
use crate::sources::origins::{any_host, everyone, regex, whole_regex};
use crate::sources::regexes;

/// What an expression begins with that names schemes: letters, and ways to write `http` and `https` in one.
const SCHEMES: &str =
    r"^(?:\(\?:|\()?[a-z][a-z0-9+\-]*(?:\?|\(s\)\?|\(\?:s\)\?|\[s\]\?|\|https?)?\)?:(?://|\\/\\/)";

/// What is left of one that takes every host.
const EVERY_HOST: [&str; 8] = [".*", ".+", "(.*)", "(.+)", "[^/]+", "[^/]*", ".*(:[0-9]+)?", ".+(:[0-9]+)?"];

/// An expression that may match anywhere in the origin.
pub(crate) fn anywhere(draft: &mut Draft, at: &At<'_>, expression: &str) {
    // What matches in any text matches in every origin.
    if Regex::new(expression).is_ok_and(|regex| regex.is_match("*")) {
        return everyone(draft, at);
    }
    let bare = without_anchors(expression);
    let Some(host) = after_scheme(bare) else {
        let text = format!(
            "`{}` matches anywhere in an origin, so strangers match too. It is not clear what was meant, so it was \
                left out: name the origins",
            expression.escape_debug()
        );
        return draft.note(Ask, at, text);
    };
    if EVERY_HOST.contains(&host) {
        return any_host(draft, at, scheme_of(bare));
    }
    if !is_closed(expression) {
        let about = draft.next_origin();
        let text = "without `^` and `$` it matches anywhere, so strangers match that begin with it and end, for \
            example, in `.evil.example`; here it has to match the whole origin";
        draft.note_about(Narrower, at, &about, text);
    }
    regex(draft, at, expression);
}

/// An expression that has to be found at the start, and that has a `$` put after its text.
///
/// One without a colon is compared with the host alone.
pub(crate) fn from_the_start(draft: &mut Draft, at: &At<'_>, expression: &str) {
    if regexes::matches_everyone(expression) {
        return whole_regex(draft, at, expression);
    }
    let bare = without_anchors(expression);
    if after_scheme(bare).is_some_and(|host| EVERY_HOST.contains(&host)) {
        return any_host(draft, at, scheme_of(bare));
    }
    let about = draft.next_origin();
    if has_alternatives(expression) {
        let text = "the `$` that is added to the text belongs only to the last alternative, so strangers match the \
            others; here the whole expression has to match";
        draft.note_about(Narrower, at, &about, text);
    }
    if expression.contains(':') {
        return regex(draft, at, expression);
    }
    let has_credentials = draft.settings.allow_credentials;
    let text = "an expression without a colon is compared only with the host: any scheme, any port";
    draft.note_about(Same, at, &about, text);
    if has_credentials {
        let text =
            "narrowed to `https`: anyone on the network can alter an `http` page, and credentials are sent";
        draft.note_about(Narrower, at, &about, text);
    }
    let scheme = if has_credentials { "https" } else { "[a-z][a-z0-9+.-]*" };
    regex(draft, at, &format!("{scheme}://(?:{bare})(:[0-9]+)?"));
}

fn without_anchors(expression: &str) -> &str {
    let bare = expression.strip_prefix('^').unwrap_or(expression);
    if ends_in_dollar(bare) { bare.strip_suffix('$').unwrap_or(bare) } else { bare }
}

/// A `\$` is the character.
fn ends_in_dollar(expression: &str) -> bool {
    expression.strip_suffix('$').is_some_and(|rest| {
        let backslashes = rest.len().saturating_sub(rest.trim_end_matches('\\').len());
        backslashes.checked_rem(2) == Some(0)
    })
}

fn is_closed(expression: &str) -> bool {
    ends_in_dollar(expression) && !has_alternatives(expression)
}

/// Whether there is a `|` that stands in no group or class.
fn has_alternatives(expression: &str) -> bool {
    let (mut depth, mut is_class, mut is_escaped) = (0_usize, false, false);
    for c in expression.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '(' if !is_class => depth = depth.saturating_add(1),
            ')' if !is_class => depth = depth.saturating_sub(1),
            '|' if !is_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// What comes after the scheme, if the expression begins with one.
fn after_scheme(expression: &str) -> Option<&str> {
    let schemes = Regex::new(SCHEMES).ok()?;
    expression.get(schemes.find(expression)?.end()..)
}

/// The scheme to name in notes.
fn scheme_of(expression: &str) -> &str {
    match expression.find(|c: char| !c.is_ascii_alphanumeric()) {
        Some(end) => expression.get(..end).unwrap_or(expression),
        None => expression,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_begin_with_a_scheme() {
        for (expression, rest) in [
            (r"https://a\.b", Some(r"a\.b")),
            (r"https?://a", Some("a")),
            (r"(http|https)://a", Some("a")),
            (r"http(s)?:\/\/a", Some("a")),
            (r"a\.b", None),
            (r".*://a", None),
        ] {
            assert_eq!(after_scheme(expression), rest, "{expression}");
        }
    }

    #[test]
    fn expressions_that_are_closed() {
        for (expression, closed) in [
            (r"^https://a$", true),
            (r"https://a", false),
            (r"https://a\$", false),
            (r"https://a\\$", true),
            (r"^https://a|https://b$", false),
            (r"^https://(a|b)$", true),
            (r"^https://[a|b]$", true),
        ] {
            assert_eq!(is_closed(expression), closed, "{expression}");
        }
    }
}
