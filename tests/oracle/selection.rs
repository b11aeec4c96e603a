//! Which of several policies a call is under, by host and path.

use serde_json::{Value, json};

use super::call::{Call, Credentials, HeaderSet, Method};
use super::meaning::Meaning;
use super::product::{header_sets, methods};
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

const PATHS: [&str; 18] = [
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
];

const ORIGINS: [&str; 6] = [
    "https://app.example.com",
    "https://admin.example.com",
    "https://ops.example.com",
    "https://evil.example",
    "https://app.example.com/",
    "null",
];

#[test]
fn the_first_policy_that_matches_applies() {
    let tallies = configurations().into_iter().map(|config| (config.clone(), tally(&config))).collect();
    let total = finish("oracle, several policies", tallies);
    assert!(total.allowed > 300 && total.refused > 300, "the product has become one-sided");
}

fn tally(config: &Value) -> Tally {
    let (methods, header_sets) = (methods(), header_sets());
    let mut server = CoreServer::new(config);
    let mut tally = Tally::default();
    for (authority, path) in AUTHORITIES.iter().flat_map(|authority| PATHS.map(|path| (*authority, path))) {
        let selected = selected(config, authority, path);
        for call in calls(authority, path, &methods, &header_sets) {
            let page = selected.as_ref().map(|(meaning, is_ambiguous)| match is_ambiguous {
                true => meaning.page_on_ambiguous_path(call.origin),
                false => meaning.page(call.origin),
            });
            judge(page.as_ref(), &call, &mut server, &mut tally);
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

/// The policy that applies, and whether the path is ambiguous where paths choose; `None` if no policy does.
fn selected(config: &Value, authority: &str, path: &str) -> Option<(Meaning, bool)> {
    let policies = config["policies"].as_array().expect("the configurations have policies");
    let looks_at_path = policies.iter().any(|policy| !policy["match"]["paths"].is_null());
    let is_ambiguous = looks_at_path && is_ambiguous(path_alone(path));
    let applies = |policy: &&Value| {
        matches(&policy["match"]["hosts"], |host| is_host(host, authority))
            && (is_ambiguous
                || matches(&policy["match"]["paths"], |prefix| is_below(path_alone(path), prefix)))
    };
    policies.iter().find(applies).map(|policy| (Meaning::of(policy), is_ambiguous))
}

/// Whether a kind is not given, or one of its entries matches.
fn matches(kind: &Value, is_match: impl Fn(&str) -> bool) -> bool {
    kind.as_array().is_none_or(|entries| entries.iter().filter_map(Value::as_str).any(is_match))
}

fn is_host(entry: &str, authority: &str) -> bool {
    let lower = authority.to_ascii_lowercase();
    let host = match lower.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => &lower,
    };
    match entry.to_ascii_lowercase().strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
        None => host == entry.to_ascii_lowercase(),
    }
}

fn path_alone(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

fn is_below(path: &str, prefix: &str) -> bool {
    let segments = prefix.trim_end_matches('/');
    path == segments || path.starts_with(&format!("{segments}/"))
}

fn is_ambiguous(path: &str) -> bool {
    let whole = format!("{}/", path.to_ascii_lowercase());
    ["/./", "/../", "\\", "%2e", "%2f", "%5c"].iter().any(|part| whole.contains(part)) || path.contains("//")
}

fn configurations() -> [Value; 2] {
    let app = json!({ "name": "app", "allow_origins": ["https://app.example.com"] });
    let admin = json!({
        "name": "admin",
        "match": { "hosts": ["*.admin.example.com"] },
        "allow_origins": ["https://admin.example.com"],
        "allow_credentials": true,
        "allow_methods": ["PUT"],
    });
    let by_host = {
        let mut api = app.clone();
        api["match"] = json!({ "hosts": ["api.example.com", "API2.example.com", "[::1]"] });
        api
    };
    let public = json!({
        "name": "public",
        "match": { "hosts": ["api.example.com"], "paths": ["/public", "/v1/x/"] },
        "allow_origins": ["*"],
    });
    let internal = json!({
        "name": "internal",
        "match": { "paths": ["/internal"] },
        "allow_origins": ["https://ops.example.com"],
        "block_denied_requests": true,
    });
    [json!({ "policies": [by_host, admin] }), json!({ "policies": [public, admin, internal, app] })]
}
