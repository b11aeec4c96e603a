//! Who may read responses, and the `Access-Control-Allow-Origin` that says so.

use super::decision::Reason;
use super::response_edits::HeaderValue;
use crate::origin::Origin;
use crate::origin::set::OriginSet;

/// The origins that a policy allows.
#[derive(Debug)]
pub enum AllowOrigin {
    /// Every one, `null` and what is no origin too: the answer is `*` whoever asks.
    Any,
    /// Every one, with credentials, for which Fetch has no `*`, so the answer names who asks.
    AnyWithCredentials,
    /// No one, on a path that does not say which policy applies.
    NobodyOnThisPath,
    /// Those in the set, and `null` if so configured.
    Listed {
        /// The origins.
        set: OriginSet,
        /// Whether `null` is allowed.
        null: bool,
    },
}

impl AllowOrigin {
    /// Why a page of this `Origin` is denied: the first reason that applies, `None` if it is allowed.
    #[must_use]
    pub fn refusal(&self, origin: &[u8]) -> Option<Reason> {
        match self {
            Self::Any => None,
            Self::AnyWithCredentials => refusal_of_text(origin, |_| true, false),
            Self::NobodyOnThisPath => Some(Reason::PathNotNormalized),
            // What most policies and most pages have: it is found without being parsed.
            Self::Listed { set, .. } if set.has_exactly(origin) => None,
            Self::Listed { set, null } => refusal_of_text(origin, |origin| set.contains(origin), *null),
        }
    }

    /// The header value in answer to an origin that is not refused.
    #[must_use]
    pub fn answer(&self, origin: Vec<u8>) -> HeaderValue {
        match self {
            Self::Any => HeaderValue::Static("*"),
            // An origin that is not refused is ASCII; were it not, an empty value would allow no one.
            _ => HeaderValue::Owned(String::from_utf8(origin).unwrap_or_default()),
        }
    }

    /// Whether responses differ by who asks.
    #[must_use]
    pub fn depends_on_origin(&self) -> bool {
        !matches!(self, Self::Any)
    }
}

fn refusal_of_text(origin: &[u8], is_listed: impl Fn(&Origin<'_>) -> bool, null: bool) -> Option<Reason> {
    if origin == b"null" {
        return (!null).then_some(Reason::OriginNull);
    }
    match std::str::from_utf8(origin).ok().and_then(Origin::parse) {
        None => Some(Reason::OriginMalformed),
        Some(origin) => (!is_listed(&origin)).then_some(Reason::OriginNotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::pattern::OriginPattern;

    fn listed(null: bool) -> AllowOrigin {
        let mut set = OriginSet::default();
        set.insert(&OriginPattern::parse("https://example.com").unwrap());
        AllowOrigin::Listed { set, null }
    }

    #[track_caller]
    fn check(allow: &AllowOrigin, origin: &[u8], expected: Option<Reason>) {
        assert_eq!(allow.refusal(origin), expected, "{}", origin.escape_ascii());
    }

    #[test]
    fn listed_origins() {
        check(&listed(false), b"https://example.com", None);
        check(&listed(false), b"https://example.org", Some(Reason::OriginNotAllowed));
        check(&listed(false), b"https://example.com/", Some(Reason::OriginMalformed));
        check(&listed(false), b"", Some(Reason::OriginMalformed));
        check(&listed(false), b"\xff", Some(Reason::OriginMalformed));
        check(&listed(false), b"null", Some(Reason::OriginNull));
        check(&listed(true), b"null", None);
        check(&listed(true), b"https://null", Some(Reason::OriginNotAllowed));
    }

    #[test]
    fn any_origin() {
        for origin in [&b"https://example.com"[..], b"null", b"", b"\xff"] {
            check(&AllowOrigin::Any, origin, None);
        }
        assert_eq!(AllowOrigin::Any.answer(b"null".to_vec()).as_str(), "*");
        check(&AllowOrigin::AnyWithCredentials, b"https://example.com", None);
        check(&AllowOrigin::AnyWithCredentials, b"null", Some(Reason::OriginNull));
        check(&AllowOrigin::AnyWithCredentials, b"garbage", Some(Reason::OriginMalformed));
    }

    #[test]
    fn nobody() {
        check(&AllowOrigin::NobodyOnThisPath, b"https://example.com", Some(Reason::PathNotNormalized));
        check(&AllowOrigin::NobodyOnThisPath, b"\xff", Some(Reason::PathNotNormalized));
    }
}
