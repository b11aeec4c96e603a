//! Merging names into a response's `Vary`, <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5>.

use std::collections::BTreeSet;

use crate::header_name::ListedName;
use crate::requested_headers::names as elements;

/// The `Vary` that a response needs so that it names `wanted` and no name twice; `None` if it does already.
///
/// `current` is the value that it has, several lines joined with commas; any bytes. A `*` among them says that
/// the response depends on everything, so nothing is added to it.
pub fn merge(current: Option<&[u8]>, wanted: impl Iterator<Item = &'static str>) -> Option<Vec<u8>> {
    // Most responses have none, and to look for repeats costs more than all else here.
    let Some(current) = current else { return listed(wanted) };
    if elements(current).any(|name| name == b"*") {
        return None;
    }
    let mut seen = BTreeSet::new();
    let had = elements(current).count();
    let mut merged: Vec<&[u8]> = elements(current).filter(|name| seen.insert(ListedName(name))).collect();
    let has_repeats = merged.len() < had;
    let before = merged.len();
    for name in wanted {
        if seen.insert(ListedName(name.as_bytes())) {
            merged.push(name.as_bytes());
        }
    }
    (has_repeats || merged.len() > before).then(|| merged.join(&b", "[..]))
}

fn listed(names: impl Iterator<Item = &'static str>) -> Option<Vec<u8>> {
    let mut list = Vec::new();
    for name in names {
        if !list.is_empty() {
            list.extend(b", ");
        }
        list.extend(name.as_bytes());
    }
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(current: Option<&str>, wanted: &[&'static str], expected: Option<&str>) {
        let merged = merge(current.map(str::as_bytes), wanted.iter().copied());
        assert_eq!(merged.as_deref(), expected.map(str::as_bytes));
    }

    #[test]
    fn names_are_added_once() {
        check(None, &["origin", "accept"], Some("origin, accept"));
        check(None, &["origin"], Some("origin"));
        check(Some(""), &["origin"], Some("origin"));
        check(Some("Accept-Encoding"), &["origin"], Some("Accept-Encoding, origin"));
        check(Some("Accept,Cookie"), &["origin", "accept"], Some("Accept, Cookie, origin"));
        check(Some("Accept, ORIGIN"), &["origin"], None);
        check(Some("Accept"), &[], None);
        check(None, &[], None);
    }

    #[test]
    fn repeats_go() {
        check(Some("Origin, origin"), &["origin"], Some("Origin"));
        check(Some("a,, b ,A"), &["origin"], Some("a, b, origin"));
    }

    #[test]
    fn a_star_is_left_alone() {
        check(Some("*"), &["origin"], None);
        check(Some("Accept, *"), &["origin"], None);
        check(Some("x-*"), &["origin"], Some("x-*, origin"));
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        assert_eq!(merge(Some(b"\xff, b"), ["origin"].into_iter()).unwrap(), b"\xff, b, origin");
    }

    #[test]
    fn sixty_kibibytes_of_names_take_no_time_to_speak_of() {
        let many = (0..12_000).map(|i| format!("{i:x}")).collect::<Vec<_>>().join(",");
        let merged = merge(Some(many.as_bytes()), ["origin"].into_iter()).unwrap();
        assert_eq!(elements(&merged).count(), 12_001);
    }
}
