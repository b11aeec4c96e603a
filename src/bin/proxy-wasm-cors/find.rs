//! Finding the filter's configuration in the configuration of a whole proxy.

use proxy_wasm_cors::config::{FIELDS, Loaded, Value, load, load_tree};

use crate::document::{Data, Node};

/// A configuration of the filter, and what it stands in.
pub(crate) struct Found<'a> {
    /// What it stands in.
    pub(crate) within: &'static str,
    /// The line where it begins, or where it is missing.
    pub(crate) line: usize,
    source: Source<'a>,
    /// Whether it is surely the filter's and no other plugin's.
    is_ours: bool,
}

/// How a configuration is written down.
enum Source<'a> {
    /// Plain YAML or JSON.
    Tree(&'a Node),
    /// JSON in a text.
    Text(&'a str),
    /// Not at all.
    Missing,
}

impl Found<'_> {
    /// Reads the configuration as the plugin does.
    pub(crate) fn load(&self) -> Loaded {
        match self.source {
            Source::Tree(node) => load_tree(&node.to_value()),
            Source::Text(text) => load(Some(text.as_bytes())),
            Source::Missing => load(None),
        }
    }

    /// The line of a finding's path.
    pub(crate) fn line_of(&self, path: &str) -> usize {
        match self.source {
            Source::Tree(node) => crate::document::line_of(&node.lines(), path).unwrap_or(self.line),
            Source::Text(_) | Source::Missing => self.line,
        }
    }
}

/// All configurations of the filter in the documents of a file.
///
/// A file may configure other Wasm plugins too: where there is more than one, those count whose code or configuration
/// looks like the filter's.
pub(crate) fn configurations(documents: &[Node]) -> Vec<Found<'_>> {
    let mut all = documents.iter().flat_map(in_document).collect::<Vec<_>>();
    if all.len() > 1 {
        all.retain(|found| found.is_ours);
    }
    all
}

fn in_document(document: &Node) -> Vec<Found<'_>> {
    if is_policy(document) {
        let source = Source::Tree(document);
        return vec![Found { within: "policy", line: document.line, source, is_ours: true }];
    }
    let spec = document.get(&["spec"]);
    match document.get(&["kind"]).and_then(Node::text) {
        Some("WasmPlugin") => {
            spec.into_iter().map(|spec| plugin("WasmPlugin", spec, "pluginConfig")).collect()
        }
        Some("TrafficExtension") => {
            let wasm = spec.and_then(|spec| spec.get(&["wasm"]));
            wasm.into_iter().map(|wasm| plugin("TrafficExtension", wasm, "pluginConfig")).collect()
        }
        Some("EnvoyExtensionPolicy") => {
            let wasm = spec.and_then(|spec| spec.get(&["wasm"])).map(Node::children).unwrap_or_default();
            wasm.into_iter().map(|wasm| plugin("EnvoyExtensionPolicy", wasm, "config")).collect()
        }
        _ => in_envoy(document),
    }
}

/// A member of a Kubernetes resource that holds a plugin's code and, under `field`, its configuration.
fn plugin<'a>(within: &'static str, node: &'a Node, field: &str) -> Found<'a> {
    found(within, node, node.get(&[field]))
}

/// Anywhere in Envoy's configuration, the `PluginConfig` of a Wasm filter is what has a `vm_config`.
/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/wasm/v3/wasm.proto>
fn in_envoy(node: &Node) -> Vec<Found<'_>> {
    if node.get(&["vm_config", "vmConfig"]).is_some() {
        return vec![found("Envoy Wasm filter", node, node.get(&["configuration"]).map(unwrapped))];
    }
    node.children().into_iter().flat_map(in_envoy).collect()
}

/// The value of an `Any` that wraps a text or a `google.protobuf.Struct`.
fn unwrapped(any: &Node) -> &Node {
    any.get(&["value"]).filter(|_| any.get(&["@type"]).is_some()).unwrap_or(any)
}

fn found<'a>(within: &'static str, plugin: &'a Node, config: Option<&'a Node>) -> Found<'a> {
    let source = match config {
        None => Source::Missing,
        Some(node) => node.text().map_or(Source::Tree(node), Source::Text),
    };
    let looks_ours = match &source {
        Source::Tree(node) => is_policy(node),
        Source::Text(text) => serde_json::from_str(text).is_ok_and(|value| is_policy_value(&value)),
        Source::Missing => false,
    };
    let is_ours = looks_ours || has_code_of_ours(plugin);
    Found { within, line: config.map_or(plugin.line, |node| node.line), source, is_ours }
}

fn is_policy(node: &Node) -> bool {
    matches!(node.data, Data::Map(_)) && is_policy_value(&node.to_value())
}

/// Whether the object is written for this filter: it has `policies`, or a field that no other plugin is likely to.
fn is_policy_value(value: &Value) -> bool {
    let Value::Object(members) = value else { return false };
    let telling = FIELDS.iter().filter(|field| field.contains('_')).copied().chain(["policies"]);
    let telling: Vec<String> =
        telling.flat_map(|name| [name.to_owned(), crate::schema::camel_case(name)]).collect();
    members.iter().any(|(name, _)| telling.contains(name))
}

fn has_code_of_ours(node: &Node) -> bool {
    let names_filter = |text: &str| text.replace('_', "-").contains("proxy-wasm-cors");
    node.text().is_some_and(names_filter) || node.children().into_iter().any(has_code_of_ours)
}
