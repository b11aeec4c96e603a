//! The product: policies × origins × methods × header sets × ways to call.

use serde_json::{Value, json};

use super::call::{Credentials, HeaderSet, Method};

/// The longest origin there is.
pub(crate) fn longest_origin() -> String {
    let label = "a".repeat(63);
    format!("{}://{label}.{label}.{label}.{}:65535", "a".repeat(64), "a".repeat(61))
}

/// Every list of origins with every set of capabilities.
pub(crate) fn policies() -> Vec<Value> {
    let mut policies = Vec::new();
    for (switches, allow_origins) in origin_lists() {
        for capability in capabilities() {
            let mut policy = capability.clone();
            policy["allow_origins"] = allow_origins.clone();
            let with_credentials = policy["allow_credentials"] == true;
            let is_needed = |switch: &&&str| with_credentials || !switch.ends_with("-with-credentials");
            let switches: Vec<&&str> = switches.iter().filter(is_needed).collect();
            if !switches.is_empty() {
                policy["dangerously_allow"] = json!(switches);
            }
            policies.push(policy);
        }
    }
    policies
}

/// Lists of origins, each with the switches that it needs.
fn origin_lists() -> Vec<(&'static [&'static str], Value)> {
    let several = json!([
        "https://app.example.com",
        { "exact": "https://127.0.0.1" },
        "http://localhost:5173",
        "https://[::1]:8443",
        "capacitor://localhost",
        longest_origin(),
    ]);
    vec![
        (&[], several),
        (&[], json!(["https://*.dash.example.com"])),
        (&[], json!(["https://app.example.com:*", "http://localhost:*"])),
        (&[], json!(["https://*.dash.example.com:8443"])),
        (&[], json!(["https://*.dash.example.com:*"])),
        (&[], json!([{ "regex": "https://app\\.example\\.com|https://pr-[0-9]+\\.example\\.com" }])),
        (&["any-origin-with-credentials"], json!(["*"])),
        (
            &["null-origin", "any-origin-with-credentials", "file-origin"],
            json!(["https://app.example.com", "null", "file://"]),
        ),
        (&[], json!(["same-site"])),
    ]
}

fn capabilities() -> [Value; 10] {
    let listed = json!({
        "allow_methods": ["PUT", "delete", "patch"],
        "allow_headers": ["Authorization", "Content-Type", "X-Request-Id"],
        "expose_headers": ["X-Job-Id"],
        "max_age": 600,
        "allow_timing": true,
    });
    let with = |changes: Value| {
        let mut policy = listed.clone();
        for (name, value) in changes.as_object().into_iter().flatten() {
            policy[name] = value.clone();
        }
        policy
    };
    [
        json!({}),
        listed.clone(),
        json!({ "allow_methods": ["*"], "allow_headers": ["*"], "expose_headers": ["*"], "max_age": "10m" }),
        json!({ "allow_methods": ["*"], "allow_headers": ["*", "Authorization"], "max_age": 0, "allow_timing": true }),
        with(json!({ "allow_credentials": true, "preflight_status": 200, "max_age": "24h" })),
        json!({ "allow_credentials": true, "allow_methods": ["*"], "allow_headers": ["*"] }),
        with(json!({ "allow_private_network": true, "block_denied_requests": true })),
        with(json!({ "allow_credentials": true, "mode": "shadow" })),
        json!({ "allow_headers": ["X-*", "Authorization"], "block_denied_requests": "websockets" }),
        json!({ "allow_credentials": true, "allow_headers": ["authorization", "content-*", "X-Request-*"] }),
    ]
}

/// Origins that some policy allows, near misses, and what no browser sends.
pub(crate) fn origins() -> Vec<Vec<u8>> {
    let mut origins: Vec<Vec<u8>> = ORIGINS.iter().map(|text| text.as_bytes().to_vec()).collect();
    let longest = longest_origin();
    origins.extend([longest.clone().into_bytes(), format!("a{longest}").into_bytes()]);
    // A scheme of one letter too many.
    origins.push(format!("{}://localhost", "a".repeat(65)).into_bytes());
    origins.push(b"https://app.example.com\xff".to_vec());
    origins
}

const ORIGINS: [&str; 50] = [
    "https://app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com:443",
    "https://app.example.com:65536",
    "https://app.example.com:08443",
    "https://app.example.com.",
    "https://app.example.com/",
    "https://App.example.com",
    "HTTPS://app.example.com",
    "https://user@app.example.com",
    "https://evilapp.example.com",
    "https://appxexample.com",
    "https://app.example.com.evil.example",
    "https://app.example.com,https://evil.example",
    "https://a.dash.example.com",
    "https://b.a.dash.example.com",
    "https://a.dash.example.com:8443",
    "https://a.dash.example.com:8444",
    "http://a.dash.example.com",
    "https://dash.example.com",
    "https://evildash.example.com",
    "https://evildash.example.com:8443",
    "https://a.dash.example.com.evil.example",
    "https://evil.example,.dash.example.com",
    "https://.dash.example.com",
    "https://a..dash.example.com",
    "http://localhost",
    "http://localhost:5173",
    "https://localhost:5173",
    "http://localhost:5173.evil.example",
    "https://pr-7.example.com",
    "https://pr-7.example.com.evil.example",
    "https://pr-.example.com",
    "https://evil.example?https://pr-7.example.com",
    "https://127.0.0.1",
    "https://[::1]:8443",
    "https://[0:0:0:0:0:0:0:1]:8443",
    "capacitor://localhost",
    "file://",
    "file:///",
    "https://example.com",
    "https://example.org",
    "https://notexample.com",
    "null",
    "*",
    "",
    "http://api.example.com",
    "https://api.example.com",
    "http://api.example.com.evil.example",
];

/// Paths, most of which have several readings.
pub(crate) const PATHS: [&str; 5] = ["/", "/a%2Fb", "//a", "/a/../b", "/a;x"];

/// The methods.
pub(crate) fn methods() -> Vec<Method> {
    let of = |written, sent, is_free, passes_envoy| Method { written, sent, is_free, passes_envoy };
    vec![
        of("GET", Some("GET"), true, true),
        of("post", Some("POST"), true, true),
        of("put", Some("PUT"), false, true),
        of("DELETE", Some("DELETE"), false, true),
        of("patch", Some("patch"), false, false),
        of("PATCH", Some("PATCH"), false, true),
        of("OPTIONS", Some("OPTIONS"), false, true),
        of("trace", None, false, true),
    ]
}

/// The header sets.
pub(crate) fn header_sets() -> Vec<HeaderSet> {
    let of = |lines: &[(&str, &str)], needing_permission: &[&str]| HeaderSet {
        lines: lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        needing_permission: needing_permission.iter().map(|name| (*name).to_owned()).collect(),
    };
    vec![
        of(&[], &[]),
        of(&[("Accept", "text/html"), ("Content-Type", "text/plain;charset=utf-8"), ("Cookie", "a")], &[]),
        of(&[("X-Request-Id", "1")], &["x-request-id"]),
        of(
            &[("X-REQUEST-ID", "1"), ("Content-Type", "application/json"), ("Authorization", "Bearer x")],
            &["authorization", "content-type", "x-request-id"],
        ),
        of(&[("Accept", "a:b"), ("X-Other", "1"), ("Sec-X", "1")], &["accept", "x-other"]),
        of(&[("*", "1"), ("AUTHORIZATION", "Bearer x")], &["*", "authorization"]),
        // A name that is a prefix and no more.
        of(&[("X-", "1"), ("X-Other", "1")], &["x-", "x-other"]),
    ]
}

/// Header sets at the limits of what is sent back, and one past each.
pub(crate) fn large_header_sets() -> Vec<HeaderSet> {
    let of = |count: usize, width: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("x-{number:0width$}")).collect();
        let lines = names.iter().map(|name| (name.clone(), String::new()));
        HeaderSet { lines: lines.collect(), needing_permission: names }
    };
    // The last two are joined to 4095 and 4159 bytes.
    vec![of(128, 3), of(129, 3), of(64, 61), of(65, 61)]
}

/// Credentials modes, and whether the call is into a private network.
pub(crate) const WAYS: [(Credentials, bool); 3] =
    [(Credentials::Omit, false), (Credentials::Include, false), (Credentials::SameOrigin, true)];
