//! Several policies on many hosts and paths, some of which servers read in more than one way.

use serde_json::{Value, json};

use super::browser::Server;
use super::call::{Call, Credentials, HeaderSet, Method};
use super::product::{header_sets, methods};
use super::selection::Selection;
use super::servers::{CoreServer, Proxy};
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

/// A part of them, with paths that Envoy lets through.
#[test]
fn product_of_several_through_envoy() {
    let configurations = configurations();
    let proxy = Proxy::start(&configurations);
    let (mut next_case, mut tallies) = (0, Vec::new());
    for (place, config) in configurations.into_iter().enumerate() {
        let mut server = proxy.listener(place, next_case);
        let mut number = place;
        let tally = tally_of(&config, &mut server, |call| {
            number += 1;
            number % 19 == 0 && call.path.starts_with('/')
        });
        next_case = server.next_case;
        tallies.push((config, tally));
    }
    let total = finish("oracle, several policies through Envoy", tallies);
    assert!(total.allowed > 300 && total.refused > 300, "the product has become one-sided");
}

fn tally(config: &Value) -> Tally {
    tally_of(config, &mut CoreServer::new(config), |_| true)
}

fn tally_of(config: &Value, server: &mut impl Server, mut is_judged: impl FnMut(&Call<'_>) -> bool) -> Tally {
    let (methods, header_sets, selection) = (methods(), header_sets(), Selection::of(config));
    let mut tally = Tally::default();
    let of_bytes = |bytes| format!("//public{}", "/x".repeat(bytes)).split_at(bytes).0.to_owned();
    let long = [2047, 2048, 2049].map(of_bytes);
    for path in PATHS.into_iter().chain(long.iter().map(String::as_str)) {
        for authority in AUTHORITIES {
            for call in calls(authority, path, &methods, &header_sets).filter(|call| is_judged(call)) {
                judge(&selection.page(&call), &call, server, &mut tally);
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

/// Policies that allow one origin and differ also do so in what they say to requests after a preflight.
fn configurations() -> Vec<Value> {
    let several = [
        &["by-host", "admin"][..],
        &["public", "admin", "internal", "app"],
        // A trial in front must not disarm what is behind it, nor must a path that is left alone.
        &["trial", "rest"],
        &["alone", "trial", "internal"],
        &["own", "open"],
        &["own", "public", "trial"],
        &["alone", "own"],
        &["trial-of-own", "rest"],
        &["trial-of-own", "public"],
        &["timed", "internal", "site"],
    ];
    let configuration = |names: &[&str]| json!({ "policies": names.iter().map(|name| with(&policy(name), json!({ "name": name }))).collect::<Vec<_>>() });
    several.map(configuration).to_vec()
}

fn policy(name: &str) -> Value {
    match name {
        "app" => json!({ "allow_origins": ["https://app.example.com"] }),
        "by-host" => {
            let hosts = json!({ "match": { "hosts": ["api.example.com", "API2.example.com", "[::1]"] } });
            with(&policy("app"), hosts)
        }
        "rest" => with(&policy("app"), json!({ "allow_credentials": true, "block_denied_requests": true })),
        "timed" => {
            let paths = json!({ "match": { "paths": ["/public", "/v1%20x"] }, "allow_timing": true });
            with(&policy("app"), paths)
        }
        "admin" => json!({
            "match": { "hosts": ["*.admin.example.com"] },
            "allow_origins": ["https://admin.example.com"],
            "allow_credentials": true,
            "allow_methods": ["PUT"],
        }),
        "own" => {
            let selector = json!({ "allowed_origins_only": true, "paths": ["/v1", "/internal"] });
            with(&policy("admin"), json!({ "match": selector }))
        }
        "trial-of-own" => with(&policy("own"), json!({ "mode": "shadow" })),
        "public" => json!({
            "match": { "hosts": ["api.example.com"], "paths": ["/public", "/v1/x/"] },
            "allow_origins": ["*"],
        }),
        "trial" => with(&policy("public"), json!({ "mode": "shadow", "match": { "paths": ["/v1"] } })),
        "internal" => json!({
            "match": { "paths": ["/internal"] },
            "allow_origins": ["https://ops.example.com"],
            "block_denied_requests": true,
        }),
        "site" => json!({ "allow_origins": ["same-site"], "match": { "paths": ["/v1", "/public"] } }),
        "open" => json!({ "allow_origins": ["*"], "allow_timing": true }),
        "alone" => json!({ "match": { "paths": ["/public"] }, "mode": "passthrough" }),
        _ => panic!("there is no policy {name}"),
    }
}

fn with(policy: &Value, changes: Value) -> Value {
    let mut policy = policy.clone();
    for (name, value) in changes.as_object().into_iter().flatten() {
        policy[name] = value.clone();
    }
    policy
}
