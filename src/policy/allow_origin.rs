//! Who may read responses, and the `Access-Control-Allow-Origin` that says so.

use super::decision::Reason;
use super::response_edits::HeaderValue;
use crate::origin::Origin;
use crate::origin::same_site::is_same_site;
use crate::origin::set::OriginSet;

/// The origins that a policy allows.
#[derive(Debug)]
pub enum AllowOrigin {
    /// Every one, `null` and what is not an origin too: the answer is `*` for everyone.
    Any,
    /// Every one, with credentials, for which Fetch has no `*`, so the answer names who asks.
    AnyWithCredentials,
    /// No one, for a reason that has nothing to do with the origin.
    Nobody(Reason),
    /// Those listed.
    Listed(Box<ListedOrigins>),
}

/// The origins that a policy names.
#[derive(Debug, Default)]
pub struct ListedOrigins {
    /// Those by pattern and by regex.
    pub set: OriginSet,
    /// Whether `null` is allowed.
    pub null: bool,
    /// Whether `file://` is allowed, which some app shells send and which is not a tuple origin.
    pub file: bool,
    /// Whether every page of the API's own site is allowed.
    pub same_site: bool,
}

impl AllowOrigin {
    /// Why a page of this `Origin` is denied: the first reason that applies, `None` if it is allowed.
    ///
    /// `host` is asked only if it matters: for the host of the request, in lower case.
    #[must_use]
    pub fn refusal(&self, origin: &[u8], host: impl FnOnce() -> Vec<u8>) -> Option<Reason> {
        match self {
            Self::Any => None,
            Self::AnyWithCredentials => refusal_of_text(origin, |_| true, false),
            Self::Nobody(reason) => Some(*reason),
            // What most policies and most pages have: it is found without being parsed.
            Self::Listed(listed) if listed.set.has_exactly(origin) => None,
            Self::Listed(listed) if listed.file && origin == FILE => None,
            Self::Listed(listed) => {
                let is_listed = |origin: &Origin<'_>| {
                    listed.set.contains(origin) || (listed.same_site && is_same_site(origin, &host()))
                };
                refusal_of_text(origin, is_listed, listed.null)
            }
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

/// The origin of local files in app shells and in Chromium with `--allow-file-access-from-files`.
const FILE: &[u8] = b"file://";

fn refusal_of_text(origin: &[u8], is_listed: impl FnOnce(&Origin<'_>) -> bool, null: bool) -> Option<Reason> {
    if origin == b"null" {
        return (!null).then_some(Reason::OriginNull);
    }
    match std::str::from_utf8(origin).ok().and_then(Origin::parse) {
        // It is not a tuple origin, but one that app shells do send; only its own switch allows it.
        None if origin == FILE => Some(Reason::OriginNotAllowed),
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
        AllowOrigin::Listed(ListedOrigins { set, null, ..ListedOrigins::default() }.into())
    }

    #[track_caller]
    fn check(allow: &AllowOrigin, origin: &[u8], expected: Option<Reason>) {
        assert_eq!(
            allow.refusal(origin, || b"api.example.com".to_vec()),
            expected,
            "{}",
            origin.escape_ascii()
        );
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
        let nobody = AllowOrigin::Nobody(Reason::PathNotNormalized);
        check(&nobody, b"https://example.com", Some(Reason::PathNotNormalized));
        check(&nobody, b"\xff", Some(Reason::PathNotNormalized));
    }

    #[test]
    fn files() {
        let allow = AllowOrigin::Listed(ListedOrigins { file: true, ..ListedOrigins::default() }.into());
        check(&allow, b"file://", None);
        check(&allow, b"file:///x", Some(Reason::OriginMalformed));
        check(&listed(false), b"file://", Some(Reason::OriginNotAllowed));
        check(&AllowOrigin::AnyWithCredentials, b"file://", Some(Reason::OriginNotAllowed));
    }

    #[test]
    fn same_site() {
        let allow = AllowOrigin::Listed(ListedOrigins { same_site: true, ..ListedOrigins::default() }.into());
        check(&allow, b"https://www.example.com:444", None);
        check(&allow, b"https://example.org", Some(Reason::OriginNotAllowed));
        check(&allow, b"null", Some(Reason::OriginNull));
        assert_eq!(allow.refusal(b"https://www.example.com", Vec::new), Some(Reason::OriginNotAllowed));
    }
}
