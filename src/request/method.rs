//! Methods, and what the Fetch Standard calls them.

use super::header_name::is_token;

/// Whether Fetch lets every origin use the method without asking:
/// <https://fetch.spec.whatwg.org/#cors-safelisted-method>.
#[must_use]
pub fn is_cors_safelisted(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// Whether no script may use the method: <https://fetch.spec.whatwg.org/#forbidden-method>.
#[must_use]
pub fn is_forbidden(method: &[u8]) -> bool {
    [&b"CONNECT"[..], b"TRACE", b"TRACK"].iter().any(|name| method.eq_ignore_ascii_case(name))
}

/// Whether a browser may ask for the method at all: a token that is not forbidden.
#[must_use]
pub fn is_requestable(method: &[u8]) -> bool {
    is_token(method) && !is_forbidden(method)
}

/// The method as a browser sends it: six names in upper case, others as they are.
/// <https://fetch.spec.whatwg.org/#concept-method-normalize>
#[must_use]
pub fn normalize(method: &str) -> &str {
    ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]
        .into_iter()
        .find(|name| method.eq_ignore_ascii_case(name))
        .unwrap_or(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safelisted_by_exact_bytes() {
        assert!(is_cors_safelisted(b"GET") && is_cors_safelisted(b"HEAD") && is_cors_safelisted(b"POST"));
        assert!(!is_cors_safelisted(b"get") && !is_cors_safelisted(b"PUT") && !is_cors_safelisted(b""));
    }

    #[test]
    fn forbidden_in_any_case() {
        assert!(is_forbidden(b"CONNECT") && is_forbidden(b"trace") && is_forbidden(b"Track"));
        assert!(!is_forbidden(b"TRACER") && !is_forbidden(b"OPTIONS"));
        assert!(is_requestable(b"PURGE") && is_requestable(b"*"));
        assert!(!is_requestable(b"P UT") && !is_requestable(b"") && !is_requestable(b"connect"));
        assert!(!is_requestable(b"\xff"));
    }

    #[test]
    fn only_six_names_are_normalized() {
        assert_eq!(normalize("delete"), "DELETE");
        assert_eq!(normalize("Options"), "OPTIONS");
        assert_eq!(normalize("patch"), "patch");
        assert_eq!(normalize("getaway"), "getaway");
    }
}
