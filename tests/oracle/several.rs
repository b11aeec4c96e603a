//! Several policies on many hosts and paths, some of which servers read in more than one way.

use serde_json::{Value, json};

use super::call::{Call, Credentials, HeaderSet, Method};
use super::product::{header_sets, methods};
use super::selection::Selection;
use super::servers::CoreServer;
use super::tally::Tally;
use super::{finish, judge};

const AUTHORITIES: [&str; 10] = [
    "api.example.com",
    "API.example.com:8080",
    "api2.example.com",
    "x.admin.example.com",
    "a.b.admin.example.com:1",
    "admin.example.com",
    "xadmin.example.com",
    "x.admin.example.com.evil.example",
    "other.example.com",
    "[::1]:8080",
];

const PATHS: [&str; 36] = [
    "/",
    "/public",
    "/public/x?y=//",
    "/publicx",
    "/PUBLIC",
    "/internal",
    "/internal/",
    "/internal/a",
    "/v1/x",
    "/v1/xy",
    "/public/../internal",
    "/public/./x",
    "/public/..",
    "/public//x",
    "/public/%2E%2e/internal",
    "/public%2finternal",
    "/public/%5cx",
    "/public\\x",
    "//internal",
    "/x//internal",
    "/x/../internal/a",
    "/internal;v=1/a",
    "/public;/../internal",
    "/public/..;/internal",
    "/public/%252e%252e/internal",
    "/public/%25%32%66x",
    "/%69nternal",
    "/%2569nternal",
    "/public/group%2Fproject",
    "/public%252Finternal",
    "/public/%3b/../../internal",
    "\\internal",
    "/v1/x/a%20b",
    "/v1%20x",
    "/x%2F..%2Finternal",
    "/public/%2e",
];

const ORIGINS: [&str; 7] = [
    "https://app.example.com",
    "https://admin.example.com",
    "https://ops.example.com",
    "https://evil.example",
    "https://app.example.com/",
    "file://",
    "null",
];

#[test]
fn the_first_policy_that_matches_applies() {
    let tallies = configurations().into_iter().map(|config| (config.clone(), tally(&config))).collect();
    let total = finish("oracle, several policies", tallies);
    assert!(total.allowed > 2_000 && total.refused > 2_000, "the product has become one-sided");
}

fn tally(config: &Value) -> Tally {
    let (methods, header_sets) = (methods(), header_sets());
    let (selection, mut server) = (Selection::of(config), CoreServer::new(config));
    let mut tally = Tally::default();
    let long = [2047, 2048, 2049]
        .map(|bytes| format!("//public{}", "/x".repeat(bytes)).split_at(bytes).0.to_owned());
    for path in PATHS.into_iter().chain(long.iter().map(String::as_str)) {
        for authority in AUTHORITIES {
            for call in calls(authority, path, &methods, &header_sets) {
                judge(&selection.page(&call), &call, &mut server, &mut tally);
            }
        }
    }
    tally
}

fn calls<'a>(
    authority: &'a str,
    path: &'a str,
    methods: &'a [Method],
    header_sets: &'a [HeaderSet],
) -> impl Iterator<Item = Call<'a>> {
    let of = move |origin: &'a str, method: usize, credentials| Call {
        origin: origin.as_bytes(),
        authority,
        path,
        method: &methods[method],
        headers: &header_sets[0],
        credentials,
        is_into_private_network: false,
    };
    ORIGINS
        .into_iter()
        .flat_map(move |origin| [of(origin, 0, Credentials::Omit), of(origin, 2, Credentials::Include)])
}

/// A policy, with other fields.
fn with(policy: &Value, changes: Value) -> Value {
    let mut policy = policy.clone();
    for (name, value) in changes.as_object().into_iter().flatten() {
        policy[name] = value.clone();
    }
    policy
}

fn app() -> Value {
    json!({ "name": "app", "allow_origins": ["https://app.example.com"] })
}

fn admin() -> Value {
    json!({
        "name": "admin",
        "match": { "hosts": ["*.admin.example.com"] },
        "allow_origins": ["https://admin.example.com"],
        "allow_credentials": true,
        "allow_methods": ["PUT"],
    })
}

fn public() -> Value {
    json!({
        "name": "public",
        "match": { "hosts": ["api.example.com"], "paths": ["/public", "/v1/x/"] },
        "allow_origins": ["*"],
    })
}

fn internal() -> Value {
    json!({
        "name": "internal",
        "match": { "paths": ["/internal"] },
        "allow_origins": ["https://ops.example.com"],
        "block_denied_requests": true,
    })
}

/// Policies that allow one origin and differ also do so in what they say to requests after a preflight.
pub(crate) fn configurations() -> Vec<Value> {
    let (app, admin, public, internal) = (app(), admin(), public(), internal());
    let by_host =
        with(&app, json!({ "match": { "hosts": ["api.example.com", "API2.example.com", "[::1]"] } }));
    // A trial in front must not disarm what is behind it, nor must a path that is left alone.
    let trial = with(&public, json!({ "name": "trial", "mode": "shadow", "match": { "paths": ["/v1"] } }));
    let alone = json!({ "name": "alone", "match": { "paths": ["/public"] }, "mode": "passthrough" });
    let rest =
        with(&app, json!({ "name": "rest", "allow_credentials": true, "block_denied_requests": true }));
    let own = with(
        &admin,
        json!({ "name": "own", "match": { "allowed_origins_only": true, "paths": ["/v1", "/internal"] } }),
    );
    let open = json!({ "name": "open", "allow_origins": ["*"], "allow_timing": true });
    let timed = with(&app, json!({ "match": { "paths": ["/public", "/v1%20x"] }, "allow_timing": true }));
    let same_site =
        json!({ "name": "site", "allow_origins": ["same-site"], "match": { "paths": ["/v1", "/public"] } });
    let trial_of_own = with(&own, json!({ "name": "trial", "mode": "shadow" }));
    vec![
        json!({ "policies": [by_host, admin] }),
        json!({ "policies": [public, admin, internal, app] }),
        json!({ "policies": [trial, rest] }),
        json!({ "policies": [alone, trial, internal] }),
        json!({ "policies": [own, open] }),
        json!({ "policies": [own, public, trial] }),
        json!({ "policies": [alone, own] }),
        json!({ "policies": [trial_of_own, rest] }),
        json!({ "policies": [trial_of_own, public] }),
        json!({ "policies": [timed, internal, same_site] }),
    ]
}
