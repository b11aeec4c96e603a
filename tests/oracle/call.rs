//! What a page's script asks for.

use std::fmt;

/// The origin of the API that all calls go to.
pub(crate) const API_ORIGIN: &str = "http://api.example.com";
pub(crate) const API_HOST: &str = "api.example.com";

/// A call of `fetch()`.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The page's origin as its browser serializes it; any bytes, for what claims to be a browser.
    pub(crate) origin: &'a [u8],
    /// Where it goes.
    pub(crate) authority: &'a str,
    pub(crate) path: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderSet,
    pub(crate) credentials: Credentials,
    /// Whether the page came from a public network and the API is in a private one.
    pub(crate) is_into_private_network: bool,
}

/// <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// `omit`
    Omit,
    /// `same-origin`
    SameOrigin,
    /// `include`
    Include,
}

/// A method of the product, and what is known of it by hand.
pub(crate) struct Method {
    /// As the script writes it.
    pub(crate) written: &'static str,
    /// As it is sent; `None` if it cannot be.
    pub(crate) sent: Option<&'static str>,
    /// Whether it needs no permission.
    pub(crate) is_free: bool,
    /// Whether Envoy's parser knows it.
    pub(crate) passes_envoy: bool,
}

/// Request headers of the product, and what is known of them by hand.
pub(crate) struct HeaderSet {
    /// As the script writes them.
    pub(crate) lines: Vec<(String, String)>,
    /// The names that need permission, in lower case.
    pub(crate) needing_permission: Vec<String>,
}

/// The call in short, for a person.
impl fmt::Display for Call<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.lines.iter().map(|(name, _)| name.as_str()).collect();
        let names = if names.len() > 5 { vec!["many names"] } else { names };
        let Self { authority, path, credentials, .. } = self;
        let network = if self.is_into_private_network { ", private network" } else { "" };
        let origin = self.origin.escape_ascii();
        write!(out, "`{origin}` {} {authority}{path} {names:?} {credentials:?}{network}", self.method.written)
    }
}
