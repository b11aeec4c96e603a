//! Merging names into a response's `Vary`, <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5>.

use std::borrow::Cow;

use crate::request::header_name::SeenNames;
use crate::request::requested_headers::names as elements;

/// The `Vary` that a response needs so that it names `wanted` and no name twice; `None` if it does already.
///
/// `current` is the value that it has, several lines joined with commas; any bytes. A `*` among them says that
/// the response depends on everything, so nothing is added to it.
///
/// Deviation: of what it names, only repeats of the first
/// [`MAX_SEEN_NAMES`](crate::request::header_name::MAX_SEEN_NAMES) names go, so that no upstream makes this slow.
pub fn merge(
    current: Option<&[u8]>,
    wanted: impl Iterator<Item = &'static str>,
) -> Option<Cow<'static, [u8]>> {
    let current = current.unwrap_or_default();
    let mut wanted = wanted.peekable();
    let first = wanted.next();
    // Most responses have no `Vary`, and most policies add one name: nothing to join, nothing to allocate.
    if elements(current).next().is_none() && wanted.peek().is_none() {
        return first.map(|name| Cow::Borrowed(name.as_bytes()));
    }
    if elements(current).any(|name| name == b"*") {
        return None;
    }
    let mut seen = SeenNames::default();
    let had = elements(current).count();
    let mut merged: Vec<&[u8]> = elements(current).filter(|name| seen.is_new(name)).collect();
    let has_repeats = merged.len() < had;
    let before = merged.len();
    for name in first.into_iter().chain(wanted).map(str::as_bytes) {
        if !merged.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            merged.push(name);
        }
    }
    (has_repeats || merged.len() > before).then(|| Cow::Owned(merged.join(&b", "[..])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::header_name::MAX_SEEN_NAMES;

    #[track_caller]
    fn check(current: Option<&str>, wanted: &[&'static str], expected: Option<&str>) {
        let merged = merge(current.map(str::as_bytes), wanted.iter().copied());
        assert_eq!(merged.as_deref(), expected.map(str::as_bytes));
    }

    #[test]
    fn names_are_added_once() {
        check(None, &["origin", "accept"], Some("origin, accept"));
        check(None, &["origin"], Some("origin"));
        check(Some(" ,"), &["origin", "accept"], Some("origin, accept"));
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
        let merged = merge(Some(b"\xff, b"), ["origin"].into_iter());
        assert_eq!(merged.as_deref(), Some(&b"\xff, b, origin"[..]));
    }

    #[test]
    fn repeats_after_many_names_stay() {
        let many = |count: usize| (0..count).map(|i| format!("x{i}")).collect::<Vec<_>>().join(", ");
        let (all, one_more) = (many(MAX_SEEN_NAMES), many(MAX_SEEN_NAMES + 1));
        check(Some(&format!("{all}, X127, x0")), &["origin"], Some(&format!("{all}, origin")));
        check(
            Some(&format!("{one_more}, X128, x0, Origin")),
            &["origin"],
            Some(&format!("{one_more}, X128, Origin")),
        );
        check(Some(&format!("{one_more}, X128, Origin")), &["origin"], None);
    }

    #[test]
    fn sixty_kibibytes_of_names_take_no_time_to_speak_of() {
        let many = (0..12_000).map(|i| format!("{i:x}")).collect::<Vec<_>>().join(",");
        let merged = merge(Some(many.as_bytes()), ["origin"].into_iter()).unwrap();
        assert_eq!(elements(&merged).count(), 12_001);
    }
}
