//! Which policy applies: hosts, paths and routes of any bytes choose one as the contract says.
//!
//! The first line is a host pattern, the second a path prefix (either is left out if its line is empty); a request's
//! lines follow.

use proxy_wasm_cors::config;
use serde_json::{Map, Value, json};

use super::naive_set;
use super::request::{Request, lines};

/// Holds the choice, with another policy behind it, in which other pages are allowed, and without.
pub fn check(input: &[u8]) {
    let lines = lines(input);
    let texts: Vec<&str> = lines.iter().take(2).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let [host, path] = texts.as_slice() else { return };
    let request = Request::read(&lines[2..].join(&b"\r\n"[..])).with("origin", Some(b"https://a.example"));
    let rest =
        json!({ "name": "rest", "allow_origins": ["https://b.example"], "block_denied_requests": true });
    let policy = policy(host, path);
    for policies in [json!([policy]), json!([policy, rest])] {
        let config = json!({ "policies": policies });
        if let Some(set) = config::load(Some(config.to_string().as_bytes())).policies {
            naive_set::check(&config, &set, &request);
        }
    }
}

fn policy(host: &str, path: &str) -> Value {
    let mut selector = Map::new();
    selector.extend((!host.is_empty()).then(|| ("hosts".to_owned(), json!([host]))));
    selector.extend((!path.is_empty()).then(|| ("paths".to_owned(), json!([path]))));
    json!({ "name": "a", "match": Value::Object(selector), "allow_origins": ["*"] })
}
