//! Header names, and what the Fetch Standard calls them.

use std::cmp::Ordering;

/// The one name that a wildcard does not cover:
/// <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>.
pub const AUTHORIZATION: &str = "authorization";

/// <https://fetch.spec.whatwg.org/#forbidden-request-header>, without the names that begin with `proxy-` or `sec-`.
const FORBIDDEN_REQUEST_HEADERS: [&str; 21] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
const SAFELISTED_RESPONSE_HEADERS: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// Whether the bytes are a token, as names of headers and methods are:
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>.
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    let is_other =
        |b| matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
    !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || is_other(*b))
}

/// Whether no script may set the header on a request, so listing it means nothing. The name is in lower case.
#[must_use]
pub fn is_forbidden_request_header(name: &str) -> bool {
    FORBIDDEN_REQUEST_HEADERS.contains(&name) || name.starts_with("proxy-") || name.starts_with("sec-")
}

/// Whether the header is part of the CORS protocol, so that only the filter handles it. The name is in lower case.
#[must_use]
pub fn is_of_the_cors_protocol(name: &str) -> bool {
    name.starts_with("access-control-")
}

/// Whether no script may read the header whatever a response says:
/// <https://fetch.spec.whatwg.org/#forbidden-response-header-name>. The name is in lower case.
#[must_use]
pub fn is_forbidden_response_header(name: &str) -> bool {
    matches!(name, "set-cookie" | "set-cookie2")
}

/// Whether scripts may read the header without it being exposed. The name is in lower case.
#[must_use]
pub fn is_safelisted_response_header(name: &str) -> bool {
    SAFELISTED_RESPONSE_HEADERS.contains(&name)
}

/// Orders names without regard to case, as header names are compared.
#[must_use]
pub fn compare_ignoring_case(a: &[u8], b: &[u8]) -> Ordering {
    a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase))
}

/// The most names that [`SeenNames`] tells apart.
pub const MAX_SEEN_NAMES: usize = 128;

/// The different names of a list that came over the network, without regard to case.
///
/// Each is compared with the first [`MAX_SEEN_NAMES`] before it. So an attacker's list cannot take more time than that,
/// and no real list comes near this limit.
#[derive(Debug, Default)]
pub struct SeenNames<'a>(Vec<&'a [u8]>);

impl<'a> SeenNames<'a> {
    /// Whether the name is new; if there is room, it counts as seen from now on.
    pub fn is_new(&mut self, name: &'a [u8]) -> bool {
        let is_new = !self.0.iter().any(|seen| seen.eq_ignore_ascii_case(name));
        if is_new && self.0.len() < MAX_SEEN_NAMES {
            self.0.push(name);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for byte in u8::MIN..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(is_token(&[byte]), expected, "{}", byte.escape_ascii());
        }
        assert!(is_token(b"X-Request-Id") && is_token(b"x_y!#$%&'*+-.^`|~09"));
        for bytes in [&b""[..], b"a b", b"a:", b"a,b", b"r\xc3\xa9", b"a\0", b":authority", b"a\x7f"] {
            assert!(!is_token(bytes), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn forbidden_names() {
        for name in
            ["host", "dnt", "sec-fetch-mode", "sec-", "proxy-authorization", "access-control-request-method"]
        {
            assert!(is_forbidden_request_header(name), "{name}");
        }
        for name in ["authorization", "user-agent", "content-type", "second", "x-http-method-override"] {
            assert!(!is_forbidden_request_header(name), "{name}");
        }
        assert!(is_forbidden_response_header("set-cookie") && is_forbidden_response_header("set-cookie2"));
        assert!(FORBIDDEN_REQUEST_HEADERS.is_sorted() && SAFELISTED_RESPONSE_HEADERS.is_sorted());
    }

    #[test]
    fn order_without_case() {
        assert_eq!(compare_ignoring_case(b"X-Foo", b"x-foo"), Ordering::Equal);
        assert_eq!(compare_ignoring_case(b"a", b"B"), Ordering::Less);
        assert_eq!(compare_ignoring_case(b"ab", b"A"), Ordering::Greater);
    }
}
