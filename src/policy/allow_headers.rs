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
    /// What other names begin with that are allowed too. There is no way to say so to a browser but by the names that it
    /// asks for.
    prefixes: Box<[Box<str>]>,
}

impl ListedHeaders {
    /// Prepares a list of names, and of prefixes of names, in lower case.
    #[must_use]
    pub fn new(names: &[&str], prefixes: &[&str]) -> Self {
        let mut sorted: Vec<Box<str>> = Vec::new();
        for name in names {
            if let Err(at) = sorted.binary_search_by(|listed| (**listed).cmp(name)) {
                sorted.insert(at, (*name).into());
            }
        }
        Self {
            sorted,
            value: (!names.is_empty()).then(|| HeaderValue::prepared(&names.join(","))),
            prefixes: prefixes.iter().map(|prefix| Box::from(*prefix)).collect(),
        }
    }

    /// Inlined into the loop over the names of a preflight under lists, which is most of what that costs.
    #[inline(always)]
    fn contains(&self, name: &[u8]) -> bool {
        // Browsers send names in lower case, as they are here.
        self.sorted.binary_search_by(|listed| listed.as_bytes().cmp(name)).is_ok()
            || self.sorted.binary_search_by(|listed| compare_ignoring_case(listed.as_bytes(), name)).is_ok()
    }

    fn is_listed(&self, name: &[u8]) -> bool {
        self.sorted.iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(name))
    }

    /// Whether the name begins as one of the prefixes, and goes on.
    fn has_prefix_of(&self, name: &[u8]) -> bool {
        self.prefixes.iter().any(|prefix| {
            let (front, rest) = name.split_at_checked(prefix.len()).unwrap_or_default();
            !rest.is_empty() && front.eq_ignore_ascii_case(prefix.as_bytes())
        })
    }

    fn answer(&self, requested: &[u8]) -> Answer {
        if self.prefixes.is_empty() {
            // What is listed is a token.
            return Answer {
                is_allowed: all(requested, |name| self.contains(name)),
                value: self.value.clone(),
            };
        }
        let echoed = echo(requested, |name| self.covers(name) && !self.is_listed(name));
        let is_allowed = echoed.is_some() && names(requested).all(|name| self.covers(name));
        let value = match (&self.value, echoed.filter(|names| !names.is_empty())) {
            (Some(listed), Some(names)) => Some(HeaderValue::Owned([listed.as_str(), ",", &names].concat())),
            (None, Some(names)) => Some(HeaderValue::Owned(names)),
            (listed, None) => listed.clone(),
        };
        Answer { is_allowed, value }
    }

    #[inline(never)]
    fn covers(&self, name: &[u8]) -> bool {
        self.contains(name) || self.has_prefix_of(name)
    }
}

impl AllowHeaders {
    /// Judges the value of `Access-Control-Request-Headers`, empty if there is none.
    #[must_use]
    pub fn answer(&self, requested: &[u8]) -> Answer {
        match self {
            Self::Listed(list) => list.answer(requested),
            Self::AnyAndAuthorization => Answer {
                is_allowed: all(requested, is_token),
                value: Some(HeaderValue::Static("*,authorization")),
            },
            Self::AnyButAuthorization => {
                echo_answer(echo(requested, is_covered_by_any), names(requested).all(is_covered_by_any))
            }
            Self::AnyWithCredentials => echo_answer(echo(requested, |_| true), true),
        }
    }

    /// The first name in the value of `Access-Control-Request-Headers` that is refused.
    #[must_use]
    pub fn first_refused<'a>(&self, requested: &'a [u8]) -> Option<&'a [u8]> {
        let is_covered = |name: &[u8]| match self {
            Self::Listed(list) => list.covers(name),
            Self::AnyButAuthorization => is_covered_by_any(name),
            Self::AnyAndAuthorization | Self::AnyWithCredentials => true,
        };
        names(requested).find(|name| !is_token(name) || !is_covered(name))
    }

    /// Whether answers differ by the headers asked for.
    #[must_use]
    pub fn depends_on_request(&self) -> bool {
        match self {
            Self::Listed(list) => !list.prefixes.is_empty(),
            Self::AnyButAuthorization | Self::AnyWithCredentials => true,
            Self::AnyAndAuthorization => false,
        }
    }
}

/// Sent back, the name `*` would be the wildcard, and let `Authorization` through.
fn is_covered_by_any(name: &[u8]) -> bool {
    !is_authorization(name) && name != b"*"
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
        let listed = AllowHeaders::Listed(ListedHeaders::new(&["x-b", "x-a"], &[]));
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
    fn prefixes_are_answered_with_names() {
        let allow = AllowHeaders::Listed(ListedHeaders::new(&["x-a"], &["x-amz-", "d"]));
        check(&allow, "", true, Some("x-a"));
        check(&allow, "X-AMZ-Date,x-a,x-amz-date,dnt", true, Some("x-a,x-amz-date,dnt"));
        check(&allow, "x-amz-", false, Some("x-a"));
        check(&allow, "x-amz,x-amz-b", false, Some("x-a,x-amz-b"));
        check(&allow, "x-amz-b,x c", false, Some("x-a"));
        let many: Vec<String> = (0..129).map(|number| format!("x-amz-{number}")).collect();
        check(&allow, &many.join(","), false, Some("x-a"));
        let only = AllowHeaders::Listed(ListedHeaders::new(&[], &["x-"]));
        check(&only, "x-b", true, Some("x-b"));
        check(&only, "y", false, None);
        assert_eq!(allow.first_refused(b"x-a, y, z"), Some(&b"y"[..]));
        assert_eq!(allow.first_refused(b"x-a, x-amz-b c, y"), Some(&b"x-amz-b c"[..]));
        assert!(allow.depends_on_request());
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
