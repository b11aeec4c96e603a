//! What a policy means: who may do what, said of the fields as an operator writes them, by naive work on text. It
//! shares no code with the filter, and knows nothing of response headers but their names.

use std::collections::BTreeSet;

use serde_json::Value;

use super::call::{API_ORIGIN, Call, Credentials};
use super::origin_list::OriginList;

/// As many names of request headers are sent back.
const MOST_NAMES: usize = 128;
/// As many bytes of them are looked at.
const MOST_BYTES: usize = 4096;

/// A policy's fields as they are written.
pub(crate) struct Meaning {
    pub(crate) allow_credentials: bool,
    pub(crate) blocks_denied_requests: bool,
    pub(crate) is_shadow: bool,
    pub(crate) preflight_status: u16,
    pub(crate) max_age: Option<String>,
    allow_origins: OriginList,
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    allow_private_network: bool,
}

impl Meaning {
    /// Reads the fields.
    pub(crate) fn of(policy: &Value) -> Self {
        let flag = |name: &str| policy[name] == true;
        let list = |name: &str| {
            let entries = policy[name].as_array().into_iter().flatten();
            entries.filter_map(|entry| entry.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        Self {
            allow_credentials: flag("allow_credentials"),
            blocks_denied_requests: flag("block_denied_requests"),
            is_shadow: policy["mode"] == "shadow",
            preflight_status: policy["preflight_status"]
                .as_u64()
                .map_or(204, |it| it.try_into().expect("a status")),
            max_age: seconds(&policy["max_age"]),
            allow_origins: OriginList::of(&policy["allow_origins"]),
            allow_methods: list("allow_methods"),
            allow_headers: list("allow_headers"),
            expose_headers: list("expose_headers"),
            allow_private_network: flag("allow_private_network"),
        }
    }

    /// A page of an origin under the policy.
    pub(crate) fn page<'a>(&'a self, origin: &'a [u8]) -> Page<'a> {
        let refusal = self.allow_origins.refusal(origin, self.allow_credentials);
        Page { meaning: self, origin, refusal }
    }

    /// The same on a path of which nobody knows which policy it asks for: as if no origin were allowed.
    pub(crate) fn page_on_ambiguous_path<'a>(&'a self, origin: &'a [u8]) -> Page<'a> {
        Page { meaning: self, origin, refusal: Some("path-not-normalized") }
    }

    /// Whether the answer to an allowed origin is the same for every one.
    pub(crate) fn is_open(&self) -> bool {
        self.allow_origins.is_any() && !self.allow_credentials
    }

    fn allows_method(&self, sent: &str) -> bool {
        // In a list the six names that browsers send in upper case may stand in any.
        let six = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
        let is_listed = |listed: &String| {
            listed == sent || (six.contains(&sent) && listed.to_ascii_uppercase() == sent) || listed == "*"
        };
        ["GET", "HEAD", "POST"].contains(&sent) || self.allow_methods.iter().any(is_listed)
    }

    fn allows_headers(&self, names: &[String]) -> bool {
        let is_listed =
            |name: &str| self.allow_headers.iter().any(|listed| listed.to_ascii_lowercase() == name);
        if !is_listed("*") {
            return names.iter().all(|name| is_listed(name));
        }
        if !self.allow_credentials && is_listed("authorization") {
            return true;
        }
        // What is answered is the names themselves, and a `*` among them would let every other one through.
        let is_covered = |name: &String| self.allow_credentials || (name != "authorization" && name != "*");
        names.len() <= MOST_NAMES && joined_bytes(names) <= MOST_BYTES && names.iter().all(is_covered)
    }

    /// Whether a script may read a response header that is not CORS-safelisted.
    fn exposes(&self, name: &str) -> bool {
        self.expose_headers.iter().any(|listed| listed == "*" || listed.to_ascii_lowercase() == name)
    }
}

/// A page under a policy.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) meaning: &'a Meaning,
    pub(crate) origin: &'a [u8],
    /// Why the origin is denied.
    pub(crate) refusal: Option<&'static str>,
}

impl Page<'_> {
    /// Whether the page and the API are of one origin, so that CORS is not asked.
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
        let echoes_headers =
            has(allow_headers, "*") && (*allow_credentials || !has(allow_headers, "authorization"));
        let dependencies = [
            (!self.meaning.is_open(), "origin"),
            (has(allow_methods, "*") && *allow_credentials, "access-control-request-method"),
            (echoes_headers, "access-control-request-headers"),
            (self.meaning.allow_private_network, "access-control-request-private-network"),
        ];
        dependencies.into_iter().filter_map(|(depends, name)| depends.then_some(name)).collect()
    }
}

fn joined_bytes(names: &[String]) -> usize {
    names.iter().map(|name| name.len() + 1).sum::<usize>().saturating_sub(1)
}

/// `max_age` in seconds: a number, or a number with its unit.
fn seconds(max_age: &Value) -> Option<String> {
    let Some(text) = max_age.as_str() else { return max_age.as_u64().map(|seconds| seconds.to_string()) };
    let (number, unit) = text.split_at(text.len() - 1);
    let each = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => panic!("the product has no other unit than these"),
    };
    Some((number.parse::<u64>().expect("a number before the unit") * each).to_string())
}
