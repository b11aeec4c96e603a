//! The request headers that a policy allows, and the `Access-Control-Allow-Headers` that says so.

use super::response_edits::{Answer, HeaderValue};
use crate::request::header_name::{AUTHORIZATION, compare_ignoring_case, is_token};
use crate::request::requested_headers::{all, echo, names};

/// The request headers that a policy allows beyond those that Fetch always does.
#[derive(Debug)]
pub enum AllowHeaders {
    /// Those listed.
    Listed(ListedHeaders),
    /// Every one, `Authorization` by name, without credentials: the answer is `*,authorization`.
    AnyAndAuthorization,
    /// Every one but `Authorization`, without credentials: the answer names what is asked for.
    ///
    /// Deviation: Fetch has `*` for this and says that it does not cover `Authorization`, but shipping browsers let
    /// it: <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>.
    AnyButAuthorization,
    /// Every one, with credentials, where a `*` would be the name of a header, so the answer names what is asked for.
    AnyWithCredentials,
}

/// A list of names, and the header value made of it.
#[derive(Debug, Default)]
pub struct ListedHeaders {
    sorted: Vec<Box<str>>,
    value: Option<HeaderValue>,
}

impl ListedHeaders {
    /// Prepares a list of names in lower case.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let mut sorted: Vec<Box<str>> = Vec::new();
        for name in names {
            if let Err(at) = sorted.binary_search_by(|listed| (**listed).cmp(name)) {
                sorted.insert(at, (*name).into());
            }
        }
        Self { sorted, value: (!names.is_empty()).then(|| HeaderValue::prepared(&names.join(","))) }
    }

    fn contains(&self, name: &[u8]) -> bool {
        // Browsers send names in lower case, as they are here.
        self.sorted.binary_search_by(|listed| listed.as_bytes().cmp(name)).is_ok()
            || self.sorted.binary_search_by(|listed| compare_ignoring_case(listed.as_bytes(), name)).is_ok()
    }
}

impl AllowHeaders {
    /// Judges the value of `Access-Control-Request-Headers`, empty if there is none.
    #[must_use]
    pub fn answer(&self, requested: &[u8]) -> Answer {
        match self {
            // What is listed is a token.
            Self::Listed(list) => {
                Answer { is_allowed: all(requested, |name| list.contains(name)), value: list.value.clone() }
            }
            Self::AnyAndAuthorization => Answer {
                is_allowed: all(requested, is_token),
                value: Some(HeaderValue::Static("*,authorization")),
            },
            Self::AnyButAuthorization => {
                // Sent back, the name `*` would be the wildcard, and let `Authorization` through.
                let is_covered = |name: &[u8]| !is_authorization(name) && name != b"*";
                echo_answer(echo(requested, is_covered), names(requested).all(is_covered))
            }
            Self::AnyWithCredentials => echo_answer(echo(requested, |_| true), true),
        }
    }

    /// Whether answers differ by the headers asked for.
    #[must_use]
    pub fn depends_on_request(&self) -> bool {
        matches!(self, Self::AnyButAuthorization | Self::AnyWithCredentials)
    }
}

fn echo_answer(echoed: Option<String>, covers_all: bool) -> Answer {
    Answer {
        is_allowed: covers_all && echoed.is_some(),
        value: echoed.filter(|names| !names.is_empty()).map(HeaderValue::Owned),
    }
}

fn is_authorization(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(AUTHORIZATION.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::requested_headers::MAX_BYTES;

    #[track_caller]
    fn check(allow: &AllowHeaders, requested: &str, is_allowed: bool, value: Option<&str>) {
        let answer = allow.answer(requested.as_bytes());
        assert_eq!((answer.is_allowed, answer.value.as_ref().map(HeaderValue::as_str)), (is_allowed, value));
    }

    #[test]
    fn listed_headers_go_out_whole() {
        let listed = AllowHeaders::Listed(ListedHeaders::new(&["x-b", "x-a"]));
        check(&listed, "X-A, x-b,x-a", true, Some("x-b,x-a"));
        check(&listed, "", true, Some("x-b,x-a"));
        check(&listed, "x-c", false, Some("x-b,x-a"));
        check(&listed, "x-a x-b", false, Some("x-b,x-a"));
        let long = "x-a,".repeat(MAX_BYTES / 4);
        check(&listed, &long, true, Some("x-b,x-a"));
        check(&listed, &format!("{long},"), false, Some("x-b,x-a"));
        check(&AllowHeaders::Listed(ListedHeaders::default()), "x-a", false, None);
    }

    #[test]
    fn a_wildcard_covers_authorization_only_by_name() {
        check(&AllowHeaders::AnyButAuthorization, "X-A,Authorization", false, Some("x-a"));
        check(&AllowHeaders::AnyButAuthorization, "authorization", false, None);
        check(&AllowHeaders::AnyButAuthorization, "*,authorization,x-a", false, Some("x-a"));
        check(&AllowHeaders::AnyWithCredentials, "*,x-a", true, Some("*,x-a"));
        check(&AllowHeaders::AnyAndAuthorization, "x-a,authorization", true, Some("*,authorization"));
        check(&AllowHeaders::AnyWithCredentials, "x-a,Authorization", true, Some("x-a,authorization"));
    }

    #[test]
    fn what_is_no_name_is_not_sent_back() {
        for allow in [AllowHeaders::AnyButAuthorization, AllowHeaders::AnyWithCredentials] {
            check(&allow, "x-a, b c", false, None);
            check(&allow, "", true, None);
        }
        check(&AllowHeaders::AnyAndAuthorization, "b c", false, Some("*,authorization"));
    }
}
