//! `match.paths`: entries that are not a path that a browser could ask for, and entries that would not be compared as
//! intended.

use std::fmt::Write as _;

use super::finding::{Findings, Path, also};
use super::value::Quoted;
use crate::policy::selector::PathPrefix;
use crate::request::path::is_normalized;
use crate::request::readings;

/// Characters that show that somebody took `match.paths` for regexes or templates. They need not be encoded, but here
/// they only stand for themselves.
const LOOKS_LIKE_REGEX: [char; 7] = ['[', ']', '(', ')', '|', '+', '$'];

/// Reads an entry.
pub fn read(path: &Path<'_>, text: &str, findings: &mut Findings) -> Option<PathPrefix> {
    let faults = faults(text);
    if !faults.is_empty() {
        findings.problem(path, format_args!("{} {}", Quoted(text), also(&faults)));
        return None;
    }
    let prefix = PathPrefix::new(text);
    let doubts = doubts(text, &prefix);
    if !doubts.is_empty() {
        findings.warning(path, format_args!("{} {}", Quoted(text), also(&doubts)));
    }
    Some(prefix)
}

fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |is_there: bool, words: &str| {
        if is_there {
            faults.push(words.to_owned());
        }
    };
    fault(
        !text.starts_with('/'),
        "does not begin with `/`; write whole segments from the start of the path, such as `/api`",
    );
    fault(text.contains(['?', '#']), "has a query or a fragment; write the path alone, such as `/api`");
    fault(text.contains('*'), "has a `*`; a path also matches what is below it: write `/api` for `/api/...`");
    fault(
        !is_normalized(text.as_bytes()),
        "can be written in a simpler way; write it without `//`, `.`, `..`, `\\`, `%2e`, `%2f` and `%5c`",
    );
    if text.contains(is_encoded) {
        faults.push(encoding(text));
    }
    faults
}

/// The path percent-encode set, without `?` and `#`, which end a path: <https://url.spec.whatwg.org/#path-percent-encode-set>.
fn is_encoded(c: char) -> bool {
    c > '~' || c <= ' ' || matches!(c, '"' | '<' | '>' | '^' | '`' | '{' | '}')
}

/// What to write instead of a path with characters that no request has.
fn encoding(text: &str) -> String {
    let mut encoded = String::new();
    for c in text.chars() {
        let mut bytes = [0; 4];
        match is_encoded(c) {
            true => c.encode_utf8(&mut bytes).bytes().for_each(|byte| encode(byte, &mut encoded)),
            false => encoded.push(c),
        }
    }
    let mut said = format!(
        "has a character that browsers percent-encode, so it never matches; write {}",
        Quoted(&encoded)
    );
    if let Some((before, _)) = text.split_once('{') {
        let above = parent(before);
        let _ = write!(said, ", or {} if a placeholder was meant", Quoted(above));
    }
    said
}

fn encode(byte: u8, to: &mut String) {
    let _ = write!(to, "%{byte:02X}");
}

/// The whole segments of what comes before a segment that means nothing.
fn parent(before: &str) -> &str {
    match before.rsplit_once('/') {
        Some((above, _)) if !above.is_empty() => above,
        _ => "/",
    }
}

fn doubts(text: &str, prefix: &PathPrefix) -> Vec<String> {
    let mut doubts = Vec::new();
    let tidy = tidy(text);
    if tidy != text {
        doubts.push(format!(
            "has a percent-encoding that browsers do not write, so it may never match; write {}",
            Quoted(&tidy)
        ));
    }
    if let Some(other) = other_reading(text, prefix) {
        doubts.push(format!(
            "is {} to some servers, so a request for it is denied where the two choose policies that decide differently; write a path that is read in one way",
            Quoted(&other)
        ));
    }
    if let Some((before, c)) = pattern_character(text) {
        doubts.push(format!(
            "is compared as text, in which `{c}` is only a character; write whole segments, such as {}, which also matches what is below",
            Quoted(parent(before))
        ));
    }
    doubts
}

/// A reading of the path that the prefix does not match.
fn other_reading(text: &str, prefix: &PathPrefix) -> Option<String> {
    let is_short = text.len() <= readings::MAX_BYTES;
    let readings = if is_short { readings::of(text.as_bytes()) } else { Vec::new() };
    let other = readings.into_iter().find(|reading| !prefix.matches(reading))?;
    Some(String::from_utf8_lossy(&other).into_owned())
}

/// The path as browsers write it: what need not be encoded as it is, and digits in upper case.
/// <https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2>
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        tidy.push_str(before);
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    true => tidy.push(char::from(byte)),
                    false => encode(byte, &mut tidy),
                }
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                tidy.push('%');
                rest = after;
            }
        }
    }
    tidy.push_str(rest);
    tidy
}

/// A character that only makes sense in a regex or a template, and what stands before it.
fn pattern_character(text: &str) -> Option<(&str, char)> {
    let mut before = '/';
    for (at, c) in text.char_indices() {
        let after = text.get(at..).and_then(|rest| rest.chars().nth(1));
        let is_in_front = before == '/' && after.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_found = match c {
            // `/:id` is a template; OData has `/$metadata`.
            ':' => is_in_front,
            '$' => !is_in_front,
            _ => LOOKS_LIKE_REGEX.contains(&c),
        };
        if is_found {
            return text.get(..at).map(|before| (before, c));
        }
        before = c;
    }
    None
}
