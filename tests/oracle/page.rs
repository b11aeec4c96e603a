//! A page under a policy: what it may do, and what others learn of that.

use std::collections::BTreeSet;

use super::call::{API_ORIGIN, Call, Credentials};
use super::meaning::{Blocking, MOST_BYTES, Meaning, Mode, joined_bytes};

/// A page under a policy.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) meaning: &'a Meaning,
    pub(crate) origin: &'a [u8],
    /// Why the origin is denied.
    pub(crate) refusal: Option<&'static str>,
    /// What happens to its requests then.
    pub(crate) blocking: Blocking,
    /// Whether what the upstream says of timing is taken away then.
    pub(crate) hides_timing: bool,
    /// Whether a page of another origin may be under another policy.
    pub(crate) is_vary_due: bool,
}

impl Page<'_> {
    /// Whether anything is done with its requests and their responses.
    pub(crate) fn is_enforced(&self) -> bool {
        self.meaning.mode == Mode::Enforce
    }

    /// Whether the page and the API have the same origin, so that CORS does not matter.
    pub(crate) fn is_own(&self) -> bool {
        self.origin == API_ORIGIN.as_bytes()
    }

    /// Why a preflight for the call is said to be denied, the first reason that applies.
    ///
    /// Beyond the bytes that are looked at it is, though a list that goes out whole may let the page go on.
    pub(crate) fn reason(&self, call: &Call<'_>) -> Option<&'static str> {
        let is_looked_at = joined_bytes(&call.headers.needing_permission) <= MOST_BYTES;
        self.objection(call, is_looked_at && self.meaning.allows_headers(&call.headers.needing_permission))
    }

    fn objection(&self, call: &Call<'_>, headers: bool) -> Option<&'static str> {
        let method = call.method.sent.unwrap_or_default();
        let private_network = !call.is_into_private_network || self.meaning.allow_private_network;
        let others = [
            (self.meaning.allows_method(method), "method-not-allowed"),
            (headers, "header-not-allowed"),
            (private_network, "private-network-not-allowed"),
        ];
        let mut objections = others.into_iter().filter_map(|(is_allowed, it)| (!is_allowed).then_some(it));
        self.refusal.or_else(|| objections.next())
    }

    /// Whether the page may make the call and read the response.
    pub(crate) fn may(&self, call: &Call<'_>) -> bool {
        let credentials = call.credentials != Credentials::Include || self.meaning.allow_credentials;
        let headers = self.meaning.allows_headers(&call.headers.needing_permission);
        self.is_own() || (self.objection(call, headers).is_none() && credentials)
    }

    /// Whether the page needs permission before it may even send the call.
    pub(crate) fn needs_preflight(&self, call: &Call<'_>) -> bool {
        let is_free = call.method.is_free && call.headers.needing_permission.is_empty();
        !self.is_own() && (!is_free || call.is_into_private_network)
    }

    /// Whether the page may read how long a response took that it may read; `None` where the upstream says that.
    pub(crate) fn may_read_timing(&self) -> Option<bool> {
        if self.is_own() {
            return Some(true);
        }
        self.meaning.allow_timing.then_some(self.refusal.is_none())
    }

    /// Which of these response headers the page may read.
    pub(crate) fn readable(&self, names: &[&str]) -> BTreeSet<String> {
        let is_readable = |name: &str| {
            name != "set-cookie" && (name == "content-type" || self.is_own() || self.meaning.exposes(name))
        };
        names.iter().filter(|name| is_readable(name)).map(|name| (*name).to_owned()).collect()
    }

    /// The request headers on which the answer to a preflight depends, in lower case.
    pub(crate) fn preflight_depends_on(&self) -> BTreeSet<&'static str> {
        let Meaning { allow_credentials, allow_methods, allow_headers, .. } = self.meaning;
        if self.refusal.is_some() {
            return BTreeSet::from(["origin"]);
        }
        let has = |list: &[String], name: &str| list.iter().any(|entry| entry.eq_ignore_ascii_case(name));
        let has_prefix = allow_headers.iter().any(|entry| entry.len() > 1 && entry.ends_with('*'));
        let echoes_headers = match has(allow_headers, "*") {
            true => *allow_credentials || !has(allow_headers, "authorization"),
            false => has_prefix,
        };
        let dependencies = [
            (!self.meaning.is_open() || self.is_vary_due, "origin"),
            (has(allow_methods, "*") && *allow_credentials, "access-control-request-method"),
            (echoes_headers, "access-control-request-headers"),
            (self.meaning.allow_private_network, "access-control-request-private-network"),
        ];
        dependencies.into_iter().filter_map(|(depends, name)| depends.then_some(name)).collect()
    }
}
