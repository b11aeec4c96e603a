//! The policy that Envoy Gateway makes of a SecurityPolicy, for whatever it is attached to: `buildCORS` in
//! <https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/securitypolicy.go> and `xds/translator/cors.go`.

use serde_json::{Value, json};

use super::super::case::texts;
use super::super::support::config::UPSTREAM;
use super::envoy::per_filter;
use super::istio::seconds;

/// One host with one route, to which the policy is attached.
pub(crate) fn virtual_hosts(documents: &[Value]) -> Vec<Value> {
    let security = documents.iter().find(|document| document["kind"] == "SecurityPolicy");
    let cors = &security.expect("the file has a SecurityPolicy")["spec"]["cors"];
    let age = cors["maxAge"].as_str().map(seconds);
    let route = json!({
        "match": { "prefix": "/" },
        "route": { "cluster": UPSTREAM },
        "typed_per_filter_config": per_filter(&policy(cors, age)),
    });
    vec![json!({ "name": "all", "domains": ["*"], "routes": [route] })]
}

/// The CorsPolicy of fields that the Gateway API and Envoy Gateway call the same.
pub(crate) fn policy(cors: &Value, max_age: Option<u64>) -> Value {
    let origins = texts(&cors["allowOrigins"]).into_iter().map(|origin| match origin.contains('*') {
        // `wildcard2regex`
        true => json!({ "safe_regex": { "regex": origin.replace('.', "\\.").replace('*', ".*") } }),
        false => json!({ "exact": origin }),
    });
    let listed = |field: &str| {
        let items = texts(&cors[field]);
        if items.iter().any(|item| item == "*") { "*".to_owned() } else { items.join(", ") }
    };
    let mut policy = json!({
        "allow_origin_string_match": origins.collect::<Vec<_>>(),
        "allow_methods": listed("allowMethods"),
        "allow_headers": listed("allowHeaders"),
        "expose_headers": texts(&cors["exposeHeaders"]).join(", "),
        "allow_credentials": cors["allowCredentials"] == true,
        "forward_not_matching_preflights": false,
    });
    if let Some(age) = max_age {
        policy["max_age"] = json!(age.to_string());
    }
    policy
}
