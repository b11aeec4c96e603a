//! The value of `Access-Control-Request-Headers`: the names that a script wants to send.
//!
//! A browser sends CORS-unsafe request-header names, sorted, in lower case, without repeats:
//! <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>. Proxies in between may split them into lines or add spaces,
//! and an attacker may send anything, so the value is read tolerantly but within limits.

use super::header_name::{MAX_SEEN_NAMES, SeenNames, is_token};

/// The longest value that is read, in bytes.
pub const MAX_BYTES: usize = 4096;
/// The largest number of different names that is sent back.
pub const MAX_NAMES: usize = MAX_SEEN_NAMES;

/// The names in a value, without spaces around them and without empty elements.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1.2>
pub fn names(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b',').map(trim_blanks).filter(|name| !name.is_empty())
}

/// Whether the value is within [`MAX_BYTES`] and each name in it `is_allowed`.
pub fn all(value: &[u8], is_allowed: impl Fn(&[u8]) -> bool) -> bool {
    value.len() <= MAX_BYTES && names(value).all(is_allowed)
}

/// The different names in the value that `is_allowed`, in their order, in lower case, joined with commas.
///
/// `None` if the value is beyond [`MAX_BYTES`], holds more than [`MAX_NAMES`], or holds something that is not a token.
pub fn echo(value: &[u8], is_allowed: impl Fn(&[u8]) -> bool) -> Option<String> {
    if value.len() > MAX_BYTES {
        return None;
    }
    let mut seen = SeenNames::default();
    let mut count = 0_usize;
    let mut joined = String::new();
    for name in names(value) {
        if !is_token(name) {
            return None;
        }
        if !seen.is_new(name) {
            continue;
        }
        count = count.saturating_add(1);
        if count > MAX_NAMES {
            return None;
        }
        if is_allowed(name) {
            push_lower_case(&mut joined, name);
        }
    }
    Some(joined)
}

fn push_lower_case(joined: &mut String, name: &[u8]) {
    if !joined.is_empty() {
        joined.push(',');
    }
    joined.extend(name.iter().map(|b| char::from(b.to_ascii_lowercase())));
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3>
fn trim_blanks(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echoed(value: &[u8]) -> Option<String> {
        echo(value, |_| true)
    }

    #[test]
    fn names_come_in_lower_case_without_repeats() {
        assert_eq!(echoed(b"X-B, x-a,X-b,x-A").as_deref(), Some("x-b,x-a"));
        assert_eq!(echoed(b" \t, ,a \t,, b,").as_deref(), Some("a,b"));
        assert_eq!(echoed(b"*").as_deref(), Some("*"));
        assert_eq!(echoed(b"").as_deref(), Some(""));
        assert_eq!(echo(b"a,Authorization,b", |name| name.len() == 1).as_deref(), Some("a,b"));
    }

    #[test]
    fn what_is_no_name_gives_none() {
        for value in [&b"a b"[..], b"a,b:", b"\xff", b"a\0", b"a;b", b"a\x0bb"] {
            assert_eq!(echoed(value), None, "{}", value.escape_ascii());
            assert!(!all(value, is_token));
        }
    }

    #[test]
    fn limits_and_one_past_them() {
        let many = |count: usize| (0..count).map(|i| format!("x{i}")).collect::<Vec<_>>().join(",");
        assert_eq!(echoed(many(MAX_NAMES).as_bytes()), Some(many(MAX_NAMES)));
        assert_eq!(echoed(many(MAX_NAMES + 1).as_bytes()), None);
        let long = vec![b'x'; MAX_BYTES + 1];
        assert!(echoed(&long[1..]).is_some() && all(&long[1..], |_| true));
        assert!(echoed(&long).is_none() && !all(&long, |_| true));
    }

    #[test]
    fn all_asks_for_each_name() {
        assert!(all(b"a,,A , a", |name| name.eq_ignore_ascii_case(b"a")));
        assert!(!all(b"a,b", |name| name == b"a"));
        assert!(all(b"", |_| false) && all(b" ,, ", |_| false));
        assert!(!all(b"a,b c", is_token) && !all(b"\xff,a", is_token));
    }
}
