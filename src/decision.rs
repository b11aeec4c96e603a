//! What to do with a request and its response, as plain data.

use std::fmt;
use std::sync::Arc;

/// What the filter does with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was judged, and how.
    pub verdict: Verdict,
    /// What becomes of the request.
    pub action: Action,
    /// What becomes of the response, be it the upstream's or the filter's own; `None` leaves it untouched.
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
}

/// Why a request is denied, in the order in which the reasons apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The path has several readings, and policies are chosen by path.
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

/// The CORS headers that a response leaves with. Those that are `None` or `false` are removed from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseEdits {
    /// `Access-Control-Allow-Origin`
    pub allow_origin: Option<HeaderValue>,
    /// `Access-Control-Allow-Credentials: true`
    pub allow_credentials: bool,
    /// `Access-Control-Allow-Methods`
    pub allow_methods: Option<HeaderValue>,
    /// `Access-Control-Allow-Headers`
    pub allow_headers: Option<HeaderValue>,
    /// `Access-Control-Allow-Private-Network: true`
    pub allow_private_network: bool,
    /// `Access-Control-Expose-Headers`
    pub expose_headers: Option<HeaderValue>,
    /// `Access-Control-Max-Age`
    pub max_age: Option<HeaderValue>,
    /// The request headers to name in `Vary`.
    pub vary: Vary,
}

/// The request headers that a response depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vary {
    /// `Origin`
    pub origin: bool,
    /// `Access-Control-Request-Method`
    pub request_method: bool,
    /// `Access-Control-Request-Headers`
    pub request_headers: bool,
    /// `Access-Control-Request-Private-Network`
    pub request_private_network: bool,
}

/// The value of a response header. Cloning one that was prepared with the policy copies no text.
#[derive(Clone, Debug)]
pub enum HeaderValue {
    /// A constant.
    Static(&'static str),
    /// Joined when the policy was made.
    Prepared(Arc<str>),
    /// Made for this request.
    Owned(String),
}

/// A policy's answer to one header of a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether what is asked for is allowed.
    pub is_allowed: bool,
    /// The value of the header that says what is.
    pub value: Option<HeaderValue>,
}

impl Reason {
    /// Every reason, in order.
    pub const ALL: [Self; 7] = [
        Self::PathNotNormalized,
        Self::OriginMalformed,
        Self::OriginNull,
        Self::OriginNotAllowed,
        Self::MethodNotAllowed,
        Self::HeaderNotAllowed,
        Self::PrivateNetworkNotAllowed,
    ];

    /// The reason as logs, metrics, the access log and the bodies of replies name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PathNotNormalized => "path-not-normalized",
            Self::OriginMalformed => "origin-malformed",
            Self::OriginNull => "origin-null",
            Self::OriginNotAllowed => "origin-not-allowed",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::HeaderNotAllowed => "header-not-allowed",
            Self::PrivateNetworkNotAllowed => "private-network-not-allowed",
        }
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

impl ResponseEdits {
    /// Each response header of the CORS protocol with the value it leaves with, `None` where it does not leave.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        let flag = |is_set: bool| is_set.then_some("true");
        let value = |value| Option::<&HeaderValue>::map(value, HeaderValue::as_str);
        [
            ("access-control-allow-origin", value(self.allow_origin.as_ref())),
            ("access-control-allow-credentials", flag(self.allow_credentials)),
            ("access-control-allow-methods", value(self.allow_methods.as_ref())),
            ("access-control-allow-headers", value(self.allow_headers.as_ref())),
            ("access-control-allow-private-network", flag(self.allow_private_network)),
            ("access-control-expose-headers", value(self.expose_headers.as_ref())),
            ("access-control-max-age", value(self.max_age.as_ref())),
        ]
        .into_iter()
    }
}

impl Vary {
    /// Whether the response depends on no request header.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (self.origin, "Origin"),
            (self.request_method, "Access-Control-Request-Method"),
            (self.request_headers, "Access-Control-Request-Headers"),
            (self.request_private_network, "Access-Control-Request-Private-Network"),
        ]
        .into_iter()
        .filter_map(|(is_named, name)| is_named.then_some(name))
    }
}

impl HeaderValue {
    /// Prepares a value for many responses.
    #[must_use]
    pub fn prepared(text: &str) -> Self {
        Self::Prepared(text.into())
    }

    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Prepared(text) => text,
            Self::Owned(text) => text,
        }
    }
}

impl PartialEq for HeaderValue {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for HeaderValue {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
