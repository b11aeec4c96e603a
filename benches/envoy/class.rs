//! The classes of requests that the benchmark distinguishes: each takes another path through the filter.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::module::Call;
use crate::support::expectation::RESPONSE_HEADERS;

pub(crate) const ORIGIN: &str = "https://app.example.com";
const STRANGER: &str = "https://app.example.com.evil.org";
/// Envoy's own filter must be told of the methods that Fetch always allows.
const NATIVE_METHODS: &str = "GET, HEAD, POST, PUT, DELETE";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    NoOrigin,
    Allowed,
    Denied,
    Preflight,
    Wildcard,
}

impl Class {
    pub(crate) const ALL: [Self; 5] =
        [Self::NoOrigin, Self::Allowed, Self::Denied, Self::Preflight, Self::Wildcard];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoOrigin => "no Origin",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Preflight => "preflight",
            Self::Wildcard => "policy *",
        }
    }

    pub(crate) fn method(self) -> &'static str {
        if self == Self::Preflight { "OPTIONS" } else { "GET" }
    }

    /// The request headers beside those that every request has.
    pub(crate) fn headers(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::NoOrigin => vec![],
            Self::Allowed | Self::Wildcard => vec![("origin", ORIGIN)],
            Self::Denied => vec![("origin", STRANGER)],
            Self::Preflight => vec![
                ("origin", ORIGIN),
                ("access-control-request-method", "PUT"),
                ("access-control-request-headers", "content-type"),
            ],
        }
    }

    /// The configuration of the filter.
    pub(crate) fn policy(self) -> Value {
        if self == Self::Wildcard {
            return json!({ "allow_origins": ["*"], "expose_headers": ["x-request-id"] });
        }
        json!({
            "allow_origins": [ORIGIN, "https://*.apps.example.com"],
            "allow_credentials": true,
            "allow_methods": ["PUT", "DELETE"],
            "allow_headers": ["content-type", "x-request-id"],
            "expose_headers": ["x-request-id"],
            "max_age": 600,
        })
    }

    /// The same for Envoy's own filter.
    pub(crate) fn native_policy(self) -> Value {
        if self == Self::Wildcard {
            return json!({ "allow_origin_string_match": [{ "exact": "*" }], "expose_headers": "x-request-id" });
        }
        json!({
            "allow_origin_string_match": [
                { "exact": ORIGIN },
                { "safe_regex": { "regex": r"https://([a-z0-9_-]+\.)+apps\.example\.com" } },
            ],
            "allow_credentials": true,
            "allow_methods": NATIVE_METHODS,
            "allow_headers": "content-type,x-request-id",
            "expose_headers": "x-request-id",
            "max_age": "600",
        })
    }

    /// The host calls that the filter makes while it has the request. `tests/host_calls.rs` asserts them.
    pub(crate) fn request_calls(self) -> Vec<Call> {
        let mut calls = vec![Call::Read("origin")];
        if self != Self::NoOrigin {
            calls.push(Call::Read("access-control-request-method"));
        }
        match self {
            Self::NoOrigin | Self::Allowed | Self::Wildcard => {}
            Self::Denied => {
                calls.extend([Call::Read(":authority"), Call::Record("denied:origin-not-allowed")])
            }
            Self::Preflight => calls.extend([
                Call::Read(":method"),
                Call::Read("access-control-request-private-network"),
                Call::Read("access-control-request-headers"),
                Call::Record("allowed"),
                Call::Reply(204, self.cors_headers()),
            ]),
        }
        calls
    }

    /// The calls that it makes while it has the response.
    pub(crate) fn response_calls(self) -> Vec<Call> {
        let values = self.cors_headers();
        let edit = |name| match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Call::Set(name, value),
            None => Call::Remove(name),
        };
        let mut calls: Vec<Call> = RESPONSE_HEADERS.into_iter().map(edit).collect();
        if self != Self::Wildcard {
            calls.extend([Call::Read("vary"), Call::Set("vary", "Origin")]);
        }
        calls
    }

    /// The headers that these calls leave, `access-control-*` and `vary`.
    pub(crate) fn edits(self) -> BTreeMap<&'static str, String> {
        let set = |call| match call {
            Call::Set(name, value) => Some((name, value.to_owned())),
            _ => None,
        };
        self.response_calls().into_iter().filter_map(set).collect()
    }

    /// The headers that Envoy's own filter leaves: it sends no `Vary`, and answers `*` with the origin.
    pub(crate) fn native_edits(self) -> BTreeMap<&'static str, String> {
        let mut edits = self.edits();
        edits.remove("vary");
        if self == Self::Wildcard {
            edits.insert("access-control-allow-origin", ORIGIN.to_owned());
        }
        if let Some(methods) = edits.get_mut("access-control-allow-methods") {
            NATIVE_METHODS.clone_into(methods);
        }
        edits
    }

    fn cors_headers(self) -> Vec<(&'static str, &'static str)> {
        let shared = [
            ("access-control-allow-origin", ORIGIN),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "x-request-id"),
        ];
        match self {
            Self::NoOrigin | Self::Denied => vec![],
            Self::Wildcard => vec![("access-control-allow-origin", "*"), shared[2]],
            Self::Allowed => shared.to_vec(),
            Self::Preflight => {
                let lists = [
                    ("access-control-allow-methods", "PUT,DELETE"),
                    ("access-control-allow-headers", "content-type,x-request-id"),
                    ("access-control-max-age", "600"),
                ];
                [shared, lists].concat()
            }
        }
    }
}
