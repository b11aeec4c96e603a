//! A real Envoy with two listeners for each file: one with the CorsPolicy of the file in Envoy's native filter, one with
//! the conversion in the plugin; their routes are the same.

use serde_json::{Value, json};

use super::super::case::{Case, items};
use super::super::converted::Converted;
use super::super::service;
use super::super::side::Side;
use super::super::support::config::{
    Bootstrap, Configuration, Listener, UPSTREAM, cors_filter, filter, typed,
};
use super::super::support::envoy::{Directory, Envoy};
use super::super::support::upstream::serve;
use super::{envoy_gateway, gateway_api, istio};

/// The key of what is said for a host or route of the native filter.
pub(crate) const NATIVE: &str = "envoy.filters.http.cors";

/// Envoy with the listeners of all cases.
pub(crate) struct Pair(Envoy);

impl Pair {
    /// Starts it.
    #[track_caller]
    pub(crate) fn start(cases: &[Case], conversions: &[Converted]) -> Self {
        let mut bootstrap = Bootstrap::new(serve(service::real));
        for (place, (case, converted)) in cases.iter().zip(conversions).enumerate() {
            let routes = route_config(case);
            let native = vec![filter("cors", "cors.v3.Cors", &json!({}))];
            let plugin =
                converted.accepted().map(|policy| cors_filter(&Configuration::Text(policy.to_string())));
            let plugin = plugin.into_iter().collect();
            let listener = |side: &str, filters, routes: Value| {
                Listener::new(format!("{side} {place}"), filters).manager(json!({ "route_config": routes }))
            };
            bootstrap = bootstrap.listener(&listener("there", native, routes.clone()));
            bootstrap = bootstrap.listener(&listener("here", plugin, without_policies(routes)));
        }
        Self(Envoy::start(Directory::new(), &bootstrap))
    }

    /// Where a file comes from.
    pub(crate) fn there(&self, place: usize) -> Side<'_> {
        Side::proxy(self.0.port(&format!("there {place}")))
    }

    /// Where its conversion is in force.
    pub(crate) fn here(&self, place: usize) -> Side<'_> {
        Side::proxy(self.0.port(&format!("here {place}")))
    }
}

/// The routes that the control plane makes of a file.
fn route_config(case: &Case) -> Value {
    let mut routes = match case.source {
        "envoy" => written(&case.documents),
        "istio-virtualservice" => json!({ "virtual_hosts": istio::virtual_hosts(&case.documents) }),
        "gateway-api-httproute" => json!({ "virtual_hosts": gateway_api::virtual_hosts(&case.documents) }),
        _ => json!({ "virtual_hosts": envoy_gateway::virtual_hosts(&case.documents) }),
    };
    let hosts = routes["virtual_hosts"].as_array_mut().expect("there are virtual hosts");
    // What is asked of other hosts is the service's business.
    if !hosts.iter().any(|host| items(&host["domains"]).any(|domain| domain == "*")) {
        let route = json!({ "match": { "prefix": "/" }, "route": { "cluster": UPSTREAM } });
        hosts.push(json!({ "name": "elsewhere", "domains": ["*"], "routes": [route] }));
    }
    routes
}

/// The routes of a file that is Envoy's own, to the one cluster that there is.
fn written(documents: &[Value]) -> Value {
    let mut found = documents.iter().find_map(holder).cloned().expect("the file has virtual hosts");
    found["name"] = json!("routes");
    to_one_cluster(&mut found);
    found
}

/// What has virtual hosts.
fn holder(node: &Value) -> Option<&Value> {
    match node {
        Value::Object(members) if members.contains_key("virtual_hosts") => Some(node),
        Value::Object(members) => members.values().find_map(holder),
        Value::Array(nodes) => nodes.iter().find_map(holder),
        _ => None,
    }
}

/// Gives every route the one cluster, and the deprecated field `cors`, which has the same message, its present place.
fn to_one_cluster(node: &mut Value) {
    match node {
        Value::Object(members) => {
            // The deprecated field has the same message as its present place.
            let policy = match members.contains_key("domains") {
                true => members.remove("cors"),
                false => members.get_mut("route").and_then(|route| route.as_object_mut()?.remove("cors")),
            };
            if let Some(policy) = policy {
                members.insert("typed_per_filter_config".to_owned(), per_filter(&policy));
            }
            members.values_mut().for_each(to_one_cluster);
            if let Some(cluster) = members.get_mut("cluster") {
                *cluster = json!(UPSTREAM);
            }
            for cluster in members.get_mut("clusters").and_then(Value::as_array_mut).into_iter().flatten() {
                cluster["name"] = json!(UPSTREAM);
            }
        }
        Value::Array(nodes) => nodes.iter_mut().for_each(to_one_cluster),
        _ => {}
    }
}

/// What says a policy of the native filter for a host or route.
pub(crate) fn per_filter(policy: &Value) -> Value {
    json!({ NATIVE: typed("filters.http.cors.v3.CorsPolicy", policy) })
}

/// The same routes without the native filter's policies.
fn without_policies(mut node: Value) -> Value {
    match &mut node {
        Value::Object(members) => {
            members.remove("typed_per_filter_config");
            members.values_mut().for_each(|member| *member = without_policies(member.take()));
        }
        Value::Array(nodes) => nodes.iter_mut().for_each(|item| *item = without_policies(item.take())),
        _ => {}
    }
    node
}
