//! What to do with a request and its response, as plain data.

use std::fmt;

use super::response_edits::{HeaderValue, ResponseEdits};
use crate::request::header_name::is_token;

/// What the filter does with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was judged, and how.
    pub verdict: Verdict,
    /// What becomes of the request.
    pub action: Action,
    /// What happens to the response, whether it is the upstream's or the filter's own; `None` leaves it untouched.
    pub response: Option<ResponseEdits>,
}

/// How a request was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not a CORS request, or a page's request to its own origin: there is nothing to judge.
    NotCrossOrigin,
    /// The page may do what it asks for.
    Allowed(Kind),
    /// The page may not.
    Denied(Denial),
}

/// The two kinds of request that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// <https://fetch.spec.whatwg.org/#cors-preflight-request>
    Preflight,
    /// <https://fetch.spec.whatwg.org/#cors-request>, any but a preflight.
    Cors,
}

/// What was denied to whom, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The kind of request.
    pub kind: Kind,
    /// The first reason that applies.
    pub reason: Reason,
    /// The `Origin` as received: any bytes.
    pub origin: Vec<u8>,
    /// The method or the first of the headers that were refused, as asked for: any bytes; empty for another reason.
    pub refused: Vec<u8>,
    /// Whether it is a WebSocket handshake that goes on: nothing keeps its page from the connection.
    pub is_open_websocket: bool,
}

impl Denial {
    /// The denial of a page because the response comes by another route than the policy was chosen by.
    #[must_use]
    pub fn by_route(origin: Vec<u8>) -> Self {
        let (kind, reason) = (Kind::Cors, Reason::RouteChanged);
        Self { kind, reason, origin, refused: Vec::new(), is_open_websocket: false }
    }
}

/// Why a request is denied, in the order in which the reasons apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The configuration is refused, and a policy that allows no one stands in for it.
    ConfigInvalid,
    /// The path has several readings, and they choose policies that decide differently.
    PathNotNormalized,
    /// `Origin` is not a serialized origin.
    OriginMalformed,
    /// `Origin` is `null`.
    OriginNull,
    /// The policy does not name the origin.
    OriginNotAllowed,
    /// The policy does not name the method.
    MethodNotAllowed,
    /// The policy does not name one of the request headers.
    HeaderNotAllowed,
    /// The page asks for a private network.
    PrivateNetworkNotAllowed,
    /// The policy was chosen by a route, and the response came by another.
    RouteChanged,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It goes on to the next filter, unchanged.
    Forward,
    /// The filter answers it, and no later filter or upstream sees it.
    Reply {
        /// The HTTP status.
        status: u16,
        /// The body, as `text/plain`.
        body: Option<&'static str>,
    },
}

/// The beginning of a member of `Proxy-Status`: who adds it.
macro_rules! proxy {
    () => {
        "proxy-wasm-cors"
    };
}

/// The texts of reasons are a contract, and joined where they are written.
macro_rules! texts {
    ($($reason:ident = $text:literal),* $(,)?) => {
        impl Reason {
            /// Every reason, in order: `Reason as usize` is its place.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$reason),*];

            /// The reason as logs, metrics, the access log and the bodies of replies name it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => $text),*
                }
            }

            /// The member of `Proxy-Status` for a denial that the filter answers, and for one that it does not.
            fn proxy_status(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$reason => (
                        concat!(proxy!(), "; error=http_request_denied; details=\"", $text, "\""),
                        concat!(proxy!(), "; details=\"", $text, "\""),
                    )),*
                }
            }
        }
    };
}

texts! {
    ConfigInvalid = "config-invalid",
    PathNotNormalized = "path-not-normalized",
    OriginMalformed = "origin-malformed",
    OriginNull = "origin-null",
    OriginNotAllowed = "origin-not-allowed",
    MethodNotAllowed = "method-not-allowed",
    HeaderNotAllowed = "header-not-allowed",
    PrivateNetworkNotAllowed = "private-network-not-allowed",
    RouteChanged = "route-changed",
}

/// The longest name of a method or header that `Proxy-Status` shows, in bytes.
const MAX_SHOWN_BYTES: usize = 64;

impl Reason {
    /// What `Proxy-Status` says of a denial, <https://www.rfc-editor.org/rfc/rfc9209>: that the filter answered with an error,
    /// if it did, the reason, and what was `refused` if that is a token.
    #[must_use]
    pub fn told_to_clients(self, is_answered: bool, refused: &[u8]) -> HeaderValue {
        let (answered, forwarded) = self.proxy_status();
        if refused.is_empty() || !is_token(refused) {
            return HeaderValue::Static(if is_answered { answered } else { forwarded });
        }
        let shown = refused.get(..MAX_SHOWN_BYTES).unwrap_or(refused);
        let (begin, end) = (forwarded.strip_suffix('"').unwrap_or(forwarded), "\"");
        let mut text = String::with_capacity(forwarded.len().saturating_add(shown.len()).saturating_add(2));
        text.push_str(begin);
        text.push_str(": ");
        // A token is ASCII.
        text.push_str(std::str::from_utf8(shown).unwrap_or_default());
        text.push_str(end);
        HeaderValue::Owned(text)
    }
}

impl Kind {
    /// The kind as logs name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::Cors => "request",
        }
    }
}

impl Decision {
    /// The decision where no policy applies.
    #[must_use]
    pub fn untouched() -> Self {
        Self { verdict: Verdict::NotCrossOrigin, action: Action::Forward, response: None }
    }

    /// The same verdict, without any effect on the traffic.
    #[must_use]
    pub fn shadowed(self) -> Self {
        Self { verdict: self.verdict, ..Self::untouched() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_its_place() {
        assert_eq!(Reason::ALL.map(|reason| reason as usize), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[track_caller]
    fn tells(reason: Reason, is_answered: bool, refused: &[u8], expected: &str) {
        assert_eq!(reason.told_to_clients(is_answered, refused).as_str(), expected);
    }

    #[test]
    fn what_clients_are_told() {
        let denied = "proxy-wasm-cors; error=http_request_denied; details=\"origin-not-allowed\"";
        tells(Reason::OriginNotAllowed, true, b"", denied);
        tells(Reason::OriginNotAllowed, false, b"", "proxy-wasm-cors; details=\"origin-not-allowed\"");
        let header = "proxy-wasm-cors; details=\"header-not-allowed: x-a\"";
        tells(Reason::HeaderNotAllowed, false, b"x-a", header);
        tells(Reason::MethodNotAllowed, false, b"a\"b", "proxy-wasm-cors; details=\"method-not-allowed\"");
        let long = format!("proxy-wasm-cors; details=\"method-not-allowed: {}\"", "M".repeat(64));
        tells(Reason::MethodNotAllowed, false, &[b'M'; 65], &long);
    }
}
