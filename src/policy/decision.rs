//! What to do with a request and its response, as plain data.

use std::fmt;

use super::response_edits::ResponseEdits;

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

impl Reason {
    /// Every reason, in order: `Reason as usize` is its place.
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
        assert_eq!(Reason::ALL.map(|reason| reason as usize), [0, 1, 2, 3, 4, 5, 6]);
    }
}
