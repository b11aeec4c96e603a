//! What a policy means: who may do what, said of the fields as an operator writes them, by naive work on text. It
//! shares no code with the filter, and knows nothing of response headers but their names.

use serde_json::{Value, json};

use super::call::API_HOST;
use super::origin_list::OriginList;
use super::page::Page;

/// As many names of request headers are sent back.
const MOST_NAMES: usize = 128;
/// As many bytes of them are looked at.
pub(crate) const MOST_BYTES: usize = 4096;

/// A policy's fields as they are written.
pub(crate) struct Meaning {
    pub(crate) allow_credentials: bool,
    pub(crate) blocking: Blocking,
    pub(crate) mode: Mode,
    pub(crate) preflight_status: u16,
    pub(crate) max_age: Option<String>,
    pub(crate) allow_timing: bool,
    pub(crate) allow_private_network: bool,
    pub(crate) allow_methods: Vec<String>,
    pub(crate) allow_headers: Vec<String>,
    allow_origins: OriginList,
    expose_headers: Vec<String>,
}

/// The result of what a policy says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Enforce,
    Shadow,
    Passthrough,
}

/// Which requests of denied pages go nowhere; each more than the one before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Blocking {
    Nothing,
    WebSockets,
    Everything,
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
            blocking: blocking(&policy["block_denied_requests"]),
            mode: mode(&policy["mode"]),
            preflight_status: policy["preflight_status"]
                .as_u64()
                .map_or(204, |it| it.try_into().expect("a status")),
            max_age: seconds(&policy["max_age"]),
            allow_timing: flag("allow_timing"),
            allow_origins: OriginList::of(&policy["allow_origins"]),
            allow_methods: list("allow_methods"),
            allow_headers: list("allow_headers"),
            expose_headers: list("expose_headers"),
            allow_private_network: flag("allow_private_network"),
        }
    }

    /// What it means for a page if no policy mentions it.
    pub(crate) fn none() -> Self {
        Self::of(&json!({ "mode": "passthrough" }))
    }

    /// A page of an origin under the policy, that calls the API.
    pub(crate) fn page<'a>(&'a self, origin: &'a [u8]) -> Page<'a> {
        self.page_at(origin, API_HOST)
    }

    /// A page of an origin under the policy, that calls another host.
    pub(crate) fn page_at<'a>(&'a self, origin: &'a [u8], authority: &str) -> Page<'a> {
        let refusal = self.allow_origins.refusal(origin, self.allow_credentials, authority);
        let (blocking, hides_timing) = (self.blocking, self.allow_timing);
        Page { meaning: self, origin, refusal, blocking, hides_timing, is_vary_due: false }
    }

    /// Whether the answer to an allowed origin is the same for every one.
    pub(crate) fn is_open(&self) -> bool {
        self.allow_origins.is_any() && !self.allow_credentials
    }

    /// Whether a script may use a method.
    pub(crate) fn allows_method(&self, sent: &str) -> bool {
        // In a list the six names that browsers send in upper case may stand in any.
        let six = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
        let is_listed = |listed: &String| {
            listed == sent || (six.contains(&sent) && listed.to_ascii_uppercase() == sent) || listed == "*"
        };
        ["GET", "HEAD", "POST"].contains(&sent) || self.allow_methods.iter().any(is_listed)
    }

    /// Whether a script may send request headers of these names.
    pub(crate) fn allows_headers(&self, names: &[String]) -> bool {
        let is_listed =
            |name: &str| self.allow_headers.iter().any(|listed| listed.to_ascii_lowercase() == name);
        let is_sent_back = names.len() <= MOST_NAMES && joined_bytes(names) <= MOST_BYTES;
        if !is_listed("*") {
            return names.iter().all(|name| is_listed(name) || (is_sent_back && self.has_prefix_of(name)));
        }
        if !self.allow_credentials && is_listed("authorization") {
            return true;
        }
        // What is answered is the names themselves, and a `*` among them would let every other one through.
        let is_covered = |name: &String| self.allow_credentials || (name != "authorization" && name != "*");
        is_sent_back && names.iter().all(is_covered)
    }

    /// Whether a name goes on after one of the entries that end in `*`.
    fn has_prefix_of(&self, name: &str) -> bool {
        let prefixes = self.allow_headers.iter().filter_map(|entry| entry.strip_suffix('*'));
        prefixes
            .map(str::to_ascii_lowercase)
            .any(|prefix| name.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty()))
    }

    /// Whether a script may read a response header that is not CORS-safelisted.
    pub(crate) fn exposes(&self, name: &str) -> bool {
        self.expose_headers.iter().any(|listed| listed == "*" || listed.to_ascii_lowercase() == name)
    }
}

fn blocking(field: &Value) -> Blocking {
    match field {
        Value::Bool(true) => Blocking::Everything,
        Value::String(text) if text == "websockets" => Blocking::WebSockets,
        _ => Blocking::Nothing,
    }
}

fn mode(field: &Value) -> Mode {
    match field.as_str() {
        Some("shadow") => Mode::Shadow,
        Some("passthrough") => Mode::Passthrough,
        _ => Mode::Enforce,
    }
}

/// The bytes of names in one header.
pub(crate) fn joined_bytes(names: &[String]) -> usize {
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
