//! The headers that a response leaves with, as plain data.

use std::sync::Arc;

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
    /// What becomes of `Timing-Allow-Origin`.
    pub timing: Timing,
    /// A member to add to `Proxy-Status`.
    pub proxy_status: Option<HeaderValue>,
    /// The request headers to name in `Vary`.
    pub vary: Vary,
    /// Whether `Vary` is all that is edited, and the response keeps whatever other headers it has.
    pub is_vary_alone: bool,
}

/// What becomes of `Timing-Allow-Origin`, <https://w3c.github.io/resource-timing/#sec-timing-allow-origin>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// The policy does not speak of it.
    #[default]
    Untouched,
    /// It is removed.
    Removed,
    /// It says what `Access-Control-Allow-Origin` says.
    Allowed,
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

const TIMING_ALLOW_ORIGIN: &str = "timing-allow-origin";

fn value(value: Option<&HeaderValue>) -> Option<&str> {
    value.map(HeaderValue::as_str)
}

fn flag(is_set: bool) -> Option<&'static str> {
    is_set.then_some("true")
}

impl ResponseEdits {
    /// Edits that only name `Origin` in `Vary`.
    #[must_use]
    pub fn vary_alone() -> Self {
        Self { is_vary_alone: true, vary: Vary { origin: true, ..Vary::default() }, ..Self::default() }
    }

    /// Each response header of the CORS protocol with the value it leaves with, `None` where it does not leave; and
    /// `Timing-Allow-Origin`, if the policy speaks of it.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        let mut headers = Vec::new();
        self.each(|name, value| headers.push((name, value)));
        headers.into_iter()
    }

    /// Calls `edit` with the same, one after the other: what is done with every response needs no iterator to hold them.
    #[inline(always)]
    pub fn each<'a>(&'a self, mut edit: impl FnMut(&'static str, Option<&'a str>)) {
        if self.is_vary_alone {
            return;
        }
        edit("access-control-allow-origin", value(self.allow_origin.as_ref()));
        edit("access-control-allow-credentials", flag(self.allow_credentials));
        edit("access-control-allow-methods", value(self.allow_methods.as_ref()));
        edit("access-control-allow-headers", value(self.allow_headers.as_ref()));
        edit("access-control-allow-private-network", flag(self.allow_private_network));
        edit("access-control-expose-headers", value(self.expose_headers.as_ref()));
        edit("access-control-max-age", value(self.max_age.as_ref()));
        match self.timing {
            Timing::Untouched => {}
            Timing::Removed => edit(TIMING_ALLOW_ORIGIN, None),
            Timing::Allowed => edit(TIMING_ALLOW_ORIGIN, value(self.allow_origin.as_ref())),
        }
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
