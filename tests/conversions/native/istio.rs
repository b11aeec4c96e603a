//! The routes that Istio makes of VirtualServices: `translateRoute`, `TranslateCORSPolicy` and `TranslateRouteMatch` in
//! <https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go>.

use regex::Regex;
use serde_json::{Value, json};

use super::super::case::{items, texts};
use super::super::support::config::UPSTREAM;
use super::envoy::per_filter;

/// A virtual host for each host of each service.
pub(crate) fn virtual_hosts(documents: &[Value]) -> Vec<Value> {
    let services = documents.iter().filter(|document| document["kind"] == "VirtualService");
    let hosts = services.flat_map(|service| {
        let routes: Vec<Value> = items(&service["spec"]["http"]).flat_map(routes).collect();
        texts(&service["spec"]["hosts"]).into_iter().map(move |host| {
            let domains = if host == "*" { json!(["*"]) } else { json!([host, format!("{host}:*")]) };
            json!({ "name": host, "domains": domains, "routes": routes })
        })
    });
    hosts.collect()
}

fn routes(http: &Value) -> Vec<Value> {
    let all = [json!({})];
    let matches = http["match"].as_array().map_or(&all[..], Vec::as_slice);
    matches.iter().map(|matched| route(http, matched)).collect()
}

fn route(http: &Value, matched: &Value) -> Value {
    let mut route = json!({ "match": route_match(matched), "route": { "cluster": UPSTREAM } });
    if let Some(name) = http["name"].as_str() {
        let of_match = matched["name"].as_str().map(|of_match| format!(".{of_match}")).unwrap_or_default();
        route["name"] = json!(format!("{name}{of_match}"));
    }
    if http["corsPolicy"].is_object() {
        route["typed_per_filter_config"] = per_filter(&policy(&http["corsPolicy"]));
    }
    route
}

fn route_match(matched: &Value) -> Value {
    let uri = &matched["uri"];
    let mut out = match () {
        () if uri["exact"].is_string() => json!({ "path": uri["exact"] }),
        () if uri["regex"].is_string() => json!({ "safe_regex": { "regex": uri["regex"] } }),
        () => json!({ "prefix": uri["prefix"].as_str().unwrap_or("/") }),
    };
    if matched["ignoreUriCase"] == true {
        out["case_sensitive"] = json!(false);
    }
    let mut headers: Vec<Value> = matched["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| header(name, value))
        .collect();
    for (field, name) in [("method", ":method"), ("authority", ":authority"), ("scheme", ":scheme")] {
        headers.extend(matched[field].is_object().then(|| header(name, &matched[field])));
    }
    out["headers"] = json!(headers);
    let parameters = matched["queryParams"].as_object().into_iter().flatten();
    let parameters =
        parameters.map(|(name, value)| json!({ "name": name, "string_match": string_match(value) }));
    out["query_parameters"] = parameters.collect();
    out
}

fn header(name: &str, value: &Value) -> Value {
    json!({ "name": name, "string_match": string_match(value) })
}

/// `ConvertToEnvoyMatch`
fn string_match(text: &Value) -> Value {
    match (&text["prefix"], &text["regex"]) {
        (Value::String(prefix), _) => json!({ "prefix": prefix }),
        (_, Value::String(regex)) => json!({ "safe_regex": { "regex": regex } }),
        _ => json!({ "exact": text["exact"] }),
    }
}

fn policy(cors: &Value) -> Value {
    let origins: Vec<Value> = match cors["allowOrigins"].as_array() {
        Some(origins) => origins.iter().map(string_match).collect(),
        None => texts(&cors["allowOrigin"]).into_iter().map(|text| json!({ "exact": text })).collect(),
    };
    let mut policy = json!({
        "allow_origin_string_match": origins,
        "allow_methods": texts(&cors["allowMethods"]).join(","),
        "allow_headers": texts(&cors["allowHeaders"]).join(","),
        "expose_headers": texts(&cors["exposeHeaders"]).join(","),
        "filter_enabled": { "default_value": { "numerator": 100 } },
    });
    if cors["allowCredentials"].is_boolean() {
        policy["allow_credentials"] = cors["allowCredentials"].clone();
    }
    if let Some(age) = cors["maxAge"].as_str() {
        policy["max_age"] = json!(seconds(age).to_string());
    }
    match cors["unmatchedPreflights"].as_str() {
        Some("IGNORE") => policy["forward_not_matching_preflights"] = json!(false),
        Some("FORWARD") => policy["forward_not_matching_preflights"] = json!(true),
        _ => {}
    }
    policy
}

/// The whole seconds of a duration as Go writes it, `1h30m`.
pub(crate) fn seconds(text: &str) -> u64 {
    let part = Regex::new("([0-9.]+)(h|ms|m|s)").expect("the expression is one of this file");
    let milliseconds = part.captures_iter(text).map(|part| {
        let factor = match &part[2] {
            "h" => 3_600_000.0,
            "m" => 60_000.0,
            "s" => 1_000.0,
            _ => 1.0,
        };
        part[1].parse::<f64>().expect("a number") * factor
    });
    let milliseconds = milliseconds.sum::<f64>().round().to_string();
    milliseconds.parse::<u64>().expect("a whole number") / 1_000
}
