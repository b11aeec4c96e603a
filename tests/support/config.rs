//! Envoy's configuration, written as JSON, which Envoy reads like YAML.

use std::path::Path;

use serde_json::{Value, json};

use super::certificate::Certificate;
pub(crate) use super::configuration::Configuration;
use super::filter::Filter;

/// The cluster that every bootstrap has.
pub(crate) const UPSTREAM: &str = "upstream";

/// The VM that all plugins of a bootstrap share.
pub(crate) const VM_ID: &str = "shared";

/// The filter under test. All plugins share a `vm_id`, and so one VM on each worker.
pub(crate) fn cors_filter(configuration: &Configuration) -> Value {
    named_cors_filter("cors", configuration)
}

/// The filter under test with a name, which stands before each line that it logs.
pub(crate) fn named_cors_filter(name: &str, configuration: &Configuration) -> Value {
    Filter::under_test().named(name, configuration)
}

/// A filter of any module.
pub(crate) fn wasm_filter(root_id: &str, module: &Path, configuration: &Configuration) -> Value {
    let mut plugin = json!({
        "name": root_id,
        "root_id": root_id,
        "vm_config": {
            "vm_id": VM_ID,
            "runtime": "envoy.wasm.runtime.v8",
            "code": { "local": { "filename": module } },
        },
    });
    if let Some(configuration) = configuration.to_json() {
        plugin["configuration"] = configuration;
    }
    filter("wasm", "wasm.v3.Wasm", &json!({ "config": plugin }))
}

/// An HTTP filter of Envoy, such as `rbac`, of type `rbac.v3.RBAC`.
pub(crate) fn filter(name: &str, kind: &str, fields: &Value) -> Value {
    json!({ "name": format!("envoy.filters.http.{name}"), "typed_config": typed(&format!("filters.http.{kind}"), fields) })
}

/// `fields` as a message of an Envoy extension.
pub(crate) fn typed(kind: &str, fields: &Value) -> Value {
    typed_as(&format!("envoy.extensions.{kind}"), fields)
}

fn typed_as(kind: &str, fields: &Value) -> Value {
    let mut message = json!({ "@type": format!("type.googleapis.com/{kind}") });
    put(fields, &mut message);
    message
}

/// Puts fields into a message, replacing those with the same names.
fn put(fields: &Value, message: &mut Value) {
    for (name, value) in fields.as_object().into_iter().flatten() {
        message[name] = value.clone();
    }
}

/// A bootstrap: loopback listeners on ports that Envoy chooses, and the clusters behind them.
pub(crate) struct Bootstrap {
    listeners: Vec<Value>,
    clusters: Vec<Value>,
    is_dynamic: bool,
}

impl Bootstrap {
    /// No listener yet, and the cluster [`UPSTREAM`].
    pub(crate) fn new(upstream_port: u16) -> Self {
        let bootstrap = Self { listeners: Vec::new(), clusters: Vec::new(), is_dynamic: false };
        bootstrap.cluster(UPSTREAM, upstream_port)
    }

    /// With listeners from a file that Envoy watches: one that is refused does not end Envoy.
    pub(crate) fn dynamic(self) -> Self {
        Self { is_dynamic: true, ..self }
    }

    /// With one more cluster of one loopback port.
    pub(crate) fn cluster(self, name: &str, port: u16) -> Self {
        self.cluster_with(name, port, &json!({}))
    }

    /// The same with these fields.
    pub(crate) fn cluster_with(mut self, name: &str, port: u16, fields: &Value) -> Self {
        let endpoint = json!({ "endpoint": { "address": address(port) } });
        let mut cluster = json!({
            "name": name,
            "connect_timeout": "2s",
            "load_assignment": { "cluster_name": name, "endpoints": [{ "lb_endpoints": [endpoint] }] },
        });
        put(fields, &mut cluster);
        self.clusters.push(cluster);
        self
    }

    /// With one more listener.
    pub(crate) fn listener(mut self, listener: &Listener) -> Self {
        self.listeners.push(listener.to_json());
        self
    }

    /// The bootstrap for Envoy, its listeners in `listeners_file` if they are dynamic.
    pub(crate) fn to_json(&self, listeners_file: &Path) -> Value {
        let mut bootstrap = json!({
            "admin": { "address": address(0) },
            "node": { "id": "test", "cluster": "test" },
            "static_resources": { "clusters": self.clusters },
        });
        if self.is_dynamic {
            let source = json!({ "path_config_source": { "path": listeners_file } });
            bootstrap["dynamic_resources"] = json!({ "lds_config": source });
        } else {
            bootstrap["static_resources"]["listeners"] = json!(self.listeners);
        }
        bootstrap
    }

    /// The file of dynamic listeners.
    pub(crate) fn listeners_to_json(&self) -> Value {
        let resource = |listener: &Value| typed_as("envoy.config.listener.v3.Listener", listener);
        json!({ "resources": self.listeners.iter().map(resource).collect::<Vec<_>>() })
    }
}

/// A listener with its own filters and routes.
pub(crate) struct Listener {
    name: String,
    filters: Vec<Value>,
    routes: Vec<Value>,
    access_log: Option<Value>,
    certificate: Option<Certificate>,
    manager: Value,
    chain: Value,
}

impl Listener {
    /// A listener that sends everything to [`UPSTREAM`].
    pub(crate) fn new(name: impl Into<String>, filters: Vec<Value>) -> Self {
        let routes = vec![json!({ "match": { "prefix": "/" }, "route": { "cluster": UPSTREAM } })];
        Self {
            name: name.into(),
            filters,
            routes,
            access_log: None,
            certificate: None,
            manager: json!({}),
            chain: json!({}),
        }
    }

    /// With these routes instead.
    pub(crate) fn routes(mut self, routes: Vec<Value>) -> Self {
        self.routes = routes;
        self
    }

    /// With an access log of each case and what the filter recorded for it.
    pub(crate) fn access_log(self, path: &Path) -> Self {
        let format = "%REQ(X-CASE)% %FILTER_STATE(wasm.cors:PLAIN)%\n";
        self.access_log_as(path, &json!({ "text_format_source": { "inline_string": format } }))
    }

    /// With an access log of these fields, a JSON object a line.
    pub(crate) fn access_log_of(self, path: &Path, fields: &Value) -> Self {
        self.access_log_as(path, &json!({ "json_format": fields }))
    }

    /// Over TLS, with a certificate: HTTP/2, with WebSockets in it, and HTTP/1.1.
    pub(crate) fn secure(self, certificate: Certificate) -> Self {
        Self { certificate: Some(certificate), ..self }
    }

    /// With these fields of the connection manager.
    pub(crate) fn manager(self, manager: Value) -> Self {
        Self { manager, ..self }
    }

    /// With these fields of the filter chain.
    pub(crate) fn chain(self, chain: Value) -> Self {
        Self { chain, ..self }
    }

    fn access_log_as(mut self, path: &Path, format: &Value) -> Self {
        let log =
            typed("access_loggers.file.v3.FileAccessLog", &json!({ "path": path, "log_format": format }));
        self.access_log = Some(json!({ "name": "file", "typed_config": log }));
        self
    }

    fn to_json(&self) -> Value {
        let mut filters = self.filters.clone();
        filters.push(filter("router", "router.v3.Router", &json!({})));
        let mut manager = json!({
            "stat_prefix": "test",
            "http_filters": filters,
            "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": self.routes }] },
            "access_log": self.access_log.iter().collect::<Vec<_>>(),
            "upgrade_configs": [{ "upgrade_type": "websocket" }],
            // What the upstream sees is compared: nothing random, and no path rewritten before the filter sees it.
            "generate_request_id": false,
            "normalize_path": false,
            // The longest and most numerous header lines that Envoy can be told to pass.
            "max_request_headers_kb": 8192,
            "common_http_protocol_options": { "max_headers_count": 20000 },
            // As over HTTP/1.1, a request that Envoy does not take has nothing to do with the others.
            "http2_protocol_options": {
                "override_stream_error_on_invalid_http_message": true,
                // WebSockets too: <https://www.rfc-editor.org/rfc/rfc8441>
                "allow_connect": self.certificate.is_some(),
            },
        });
        put(&self.manager, &mut manager);
        let kind = "filters.network.http_connection_manager.v3.HttpConnectionManager";
        let network = json!({ "name": "http", "typed_config": typed(kind, &manager) });
        let mut chain = json!({ "filters": [network] });
        if let Some(certificate) = &self.certificate {
            chain["transport_socket"] = certificate.to_json();
        }
        put(&self.chain, &mut chain);
        json!({ "name": self.name, "address": address(0), "filter_chains": [chain] })
    }
}

fn address(port: u16) -> Value {
    json!({ "socket_address": { "address": "127.0.0.1", "port_value": port } })
}
