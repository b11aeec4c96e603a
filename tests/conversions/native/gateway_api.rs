//! The routes that Envoy Gateway makes of HTTPRoutes, with the policies of their CORS filters:
//! <https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/filters.go>; the order is the specification's,
//! <https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule>.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::case::{items, texts};
use super::super::support::config::UPSTREAM;
use super::envoy::per_filter;
use super::envoy_gateway;

/// How a route comes before others: an exact path, then the longest path, then a method, then the most headers.
type Rank = (bool, Reverse<usize>, bool, Reverse<usize>);

/// A virtual host for each name, with the routes of all HTTPRoutes in it.
pub(crate) fn virtual_hosts(documents: &[Value]) -> Vec<Value> {
    let mut hosts: BTreeMap<String, Vec<(Rank, Value)>> = BTreeMap::new();
    for route in documents.iter().filter(|document| document["kind"] == "HTTPRoute") {
        let names = texts(&route["spec"]["hostnames"]);
        for host in if names.is_empty() { vec!["*".to_owned()] } else { names } {
            hosts.entry(host.clone()).or_default().extend(routes(route, &host));
        }
    }
    let host = |(name, mut routes): (String, Vec<(Rank, Value)>)| {
        routes.sort_by_key(|(rank, _)| *rank);
        let routes: Vec<Value> = routes.into_iter().map(|(_, route)| route).collect();
        json!({ "name": name, "domains": [name], "routes": routes })
    };
    hosts.into_iter().map(host).collect()
}

fn routes(http_route: &Value, host: &str) -> Vec<(Rank, Value)> {
    let metadata = |field: &str| http_route["metadata"][field].as_str().unwrap_or("default").to_owned();
    let (namespace, name) = (metadata("namespace"), metadata("name"));
    let mut routes = Vec::new();
    for (place, rule) in items(&http_route["spec"]["rules"]).enumerate() {
        let all = [json!({})];
        let matches = rule["matches"].as_array().map_or(&all[..], Vec::as_slice);
        for (number, matched) in matches.iter().enumerate() {
            let host = host.replace('.', "_");
            let name = format!("httproute/{namespace}/{name}/rule/{place}/match/{number}/{host}");
            routes.push((rank(matched), route(rule, matched, &name)));
        }
    }
    routes
}

fn rank(matched: &Value) -> Rank {
    let path = &matched["path"];
    let length = path["value"].as_str().unwrap_or("/").len();
    let headers = items(&matched["headers"]).count();
    (path["type"] != "Exact", Reverse(length), !matched["method"].is_string(), Reverse(headers))
}

fn route(rule: &Value, matched: &Value, name: &str) -> Value {
    let mut route = json!({ "name": name, "match": route_match(matched), "route": { "cluster": UPSTREAM } });
    let filter = items(&rule["filters"]).find(|filter| filter["type"] == "CORS");
    if let Some(cors) = filter.map(|filter| &filter["cors"]) {
        // The CRD's default.
        let age = cors["maxAge"].as_u64().unwrap_or(5);
        route["typed_per_filter_config"] = per_filter(&envoy_gateway::policy(cors, Some(age)));
    }
    route
}

fn route_match(matched: &Value) -> Value {
    let path = matched["path"]["value"].as_str().unwrap_or("/");
    let mut out = match matched["path"]["type"].as_str() {
        Some("Exact") => json!({ "path": path }),
        Some("RegularExpression") => json!({ "safe_regex": { "regex": path } }),
        _ if path == "/" => json!({ "prefix": "/" }),
        _ => json!({ "path_separated_prefix": path.trim_end_matches('/') }),
    };
    let exact = |name: &Value, value: &Value| json!({ "name": name, "string_match": { "exact": value } });
    let mut headers: Vec<Value> =
        items(&matched["headers"]).map(|header| exact(&header["name"], &header["value"])).collect();
    headers.extend(matched["method"].is_string().then(|| exact(&json!(":method"), &matched["method"])));
    out["headers"] = json!(headers);
    out["query_parameters"] =
        items(&matched["queryParams"]).map(|query| exact(&query["name"], &query["value"])).collect();
    out
}
