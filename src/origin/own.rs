//! Whether a request comes from a page of the same origin that it goes to.
//!
//! Such a request does not need CORS, but browsers send `Origin` with it unless it is GET or HEAD:
//! <https://fetch.spec.whatwg.org/#append-a-request-origin-header>.

/// Whether `origin` is the origin of `scheme` and `authority`, case and the scheme's own port aside.
#[must_use]
pub fn is_own_origin(origin: &[u8], scheme: &[u8], authority: &[u8]) -> bool {
    scheme_if_at(origin, authority).is_some_and(|own| own.eq_ignore_ascii_case(scheme))
}

/// The scheme of `origin`, if it is at `authority`, case and the scheme's own port aside.
///
/// Compares the bytes as they are, not as a parsed origin: a page can have a host that no policy could name.
#[must_use]
pub fn scheme_if_at<'a>(origin: &'a [u8], authority: &[u8]) -> Option<&'a [u8]> {
    let (scheme, rest) = origin.split_at_checked(origin.iter().position(|b| *b == b':')?)?;
    let there = rest.strip_prefix(b"://")?;
    let default_port: &[u8] = if scheme.eq_ignore_ascii_case(b"https") { b":443" } else { b":80" };
    let without_port = |authority| <[u8]>::strip_suffix(authority, default_port).unwrap_or(authority);
    let is_there = without_port(there).eq_ignore_ascii_case(without_port(authority));
    (is_there && !authority.is_empty() && !scheme.is_empty()).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(origin: &str, scheme: &str, authority: &str, expected: bool) {
        assert_eq!(is_own_origin(origin.as_bytes(), scheme.as_bytes(), authority.as_bytes()), expected);
    }

    #[test]
    fn own() {
        check("https://api.example.com", "https", "api.example.com", true);
        check("https://api.example.com", "HTTPS", "API.example.com:443", true);
        check("http://api.example.com", "http", "api.example.com:80", true);
        check("https://api.example.com:8443", "https", "api.example.com:8443", true);
        check("https://a,b.example", "https", "a,b.example", true);
        check("http://[::1]:8080", "http", "[::1]:8080", true);
    }

    #[test]
    fn not_own() {
        check("http://api.example.com", "https", "api.example.com", false);
        check("https://api.example.com", "https", "api.example.com:8443", false);
        check("https://api.example.com:80", "https", "api.example.com", false);
        check("https://evil.example", "https", "api.example.com", false);
        check("null", "https", "null", false);
        check("", "https", "api.example.com", false);
        check("https://", "https", "", false);
        check("://a", "", "a", false);
        check("a:b://x", "a:b", "x", false);
    }
}
