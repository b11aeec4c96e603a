//! Finding the filter's configuration in the configuration of a whole proxy.

use proxy_wasm_cors::config::{Loaded, Value, load, load_tree};

use crate::files::any::{self, Any, Fault};
use crate::files::document::{Lines, Node};
use crate::files::likeness::{Likeness, sounds_like_policy};
use crate::files::module;

/// A configuration of the filter, and what it stands in.
pub(crate) struct Found<'a> {
    /// What it stands in.
    pub(crate) within: &'static str,
    /// The line where it begins, or where it is missing.
    pub(crate) line: usize,
    /// What holds the plugin's code and its configuration; of a policy by itself, the policy.
    pub(crate) plugin: &'a Node,
    source: Source<'a>,
    likeness: Likeness,
    /// What keeps Envoy from reading it at all.
    faults: Vec<Fault>,
}

/// What a policy by itself stands in.
pub(crate) const POLICY: &str = "policy";

/// How a configuration is written down.
enum Source<'a> {
    /// Plain YAML or JSON.
    Tree(&'a Node),
    /// JSON in a text.
    Text(&'a Node),
    /// JSON or a binary `google.protobuf.Struct`, in base64.
    Bytes(Vec<u8>),
    /// Not at all.
    Missing,
}

impl Found<'_> {
    /// Reads the configuration as the plugin does.
    pub(crate) fn load(&self) -> Loaded {
        let mut loaded = match &self.source {
            Source::Tree(node) => load_tree(&tree(node)),
            Source::Text(node) => load(node.text().map(str::as_bytes)),
            Source::Bytes(bytes) => load(Some(bytes)),
            // What is wrong with it is why.
            Source::Missing if self.faults.iter().any(Fault::is_problem) => {
                Loaded { policies: None, findings: Vec::new(), fingerprint: None }
            }
            Source::Missing => load(None),
        };
        // What Envoy does not read, the filter does not get.
        if self.faults.iter().any(Fault::is_problem) {
            loaded.policies = None;
        }
        loaded.findings.extend(self.faults.iter().map(|fault| fault.finding.clone()));
        if let Source::Tree(node) = self.source {
            node.explain(&mut loaded);
        }
        loaded
    }

    /// The configuration before it is read, as far as it can be.
    pub(crate) fn tree(&self) -> Option<Value> {
        self.source.tree()
    }

    /// Where in the file the places of the configuration stand.
    pub(crate) fn lines(&self) -> Lines {
        let mut lines = match self.source {
            Source::Tree(node) => node.lines(self.line),
            Source::Text(node) => node.lines_of_json(self.line),
            Source::Bytes(_) | Source::Missing => Lines::all_at(self.line),
        };
        self.faults.iter().for_each(|fault| lines.add(&fault.finding.path, fault.line));
        lines
    }
}

impl Source<'_> {
    fn tree(&self) -> Option<Value> {
        match self {
            Source::Tree(node) => Some(tree(node)),
            Source::Text(node) => node.text().and_then(|text| serde_json::from_str(text).ok()),
            Source::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
            Source::Missing => None,
        }
    }
}

/// All configurations of the filter in the documents of a file.
///
/// A file may configure other plugins and modules too: where some are surely the filter's, only those count.
pub(crate) fn configurations(documents: &[Node]) -> Vec<Found<'_>> {
    let mut all = documents.iter().flat_map(in_document).collect::<Vec<_>>();
    let best = all.iter().map(|found| found.likeness).max();
    all.retain(|found| found.likeness > Likeness::Foreign && Some(found.likeness) == best);
    all
}

fn in_document(document: &Node) -> Vec<Found<'_>> {
    let mut plugins = in_node(document);
    if document.is_unread {
        plugins.iter_mut().for_each(|plugin| plugin.faults.push(Fault::unread(document)));
    }
    let is_whole_proxy = !plugins.is_empty() || document.get(&["kind"]).is_some();
    // Only its fields show that a policy is one, so a misspelled field has to be enough.
    if is_whole_proxy || !sounds_like_policy(&document.to_value()) {
        return plugins;
    }
    vec![Found {
        within: POLICY,
        line: document.line,
        plugin: document,
        source: Source::Tree(document),
        likeness: Likeness::Sure,
        faults: Vec::new(),
    }]
}

/// The plugins at whatever depth: Kubernetes puts resources into a `List`, Envoy filters into listeners and much else.
fn in_node(node: &Node) -> Vec<Found<'_>> {
    let wasm = node.get(&["spec"]).and_then(|spec| spec.get(&["wasm"]));
    match node.get(&["kind"]).and_then(Node::text) {
        Some("WasmPlugin") => {
            let spec = node.get(&["spec"]).into_iter();
            spec.map(|spec| in_resource("WasmPlugin", spec, "pluginConfig")).collect()
        }
        Some("TrafficExtension") => {
            wasm.into_iter().map(|wasm| in_resource("TrafficExtension", wasm, "pluginConfig")).collect()
        }
        Some("EnvoyExtensionPolicy") => {
            let modules = node.get(&["spec"]).and_then(|spec| spec.get(&["dynamicModule"]));
            let lists = [wasm, modules].into_iter().flatten().flat_map(Node::children);
            lists.map(|plugin| in_resource("EnvoyExtensionPolicy", plugin, "config")).collect()
        }
        // What has a `vm_config` is the `PluginConfig` of a Wasm filter:
        // <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/wasm/v3/wasm.proto>
        _ if node.get(&["vm_config", "vmConfig"]).is_some() => {
            let any = node.get(&["configuration"]);
            vec![in_any("Envoy Wasm filter", "configuration", node, any)]
        }
        _ if node.get(&module::CONFIG).is_some() => vec![in_module(node)],
        _ => node.children().into_iter().flat_map(in_node).collect(),
    }
}

/// The part of a Kubernetes resource that holds a plugin's code and, under `field`, its configuration.
fn in_resource<'a>(within: &'static str, plugin: &'a Node, field: &str) -> Found<'a> {
    match plugin.get(&[field]) {
        // Also a text, which would not be read as JSON but reach the filter as a text.
        Some(config) => found(within, plugin, config.line, Source::Tree(config)),
        None => found(within, plugin, plugin.line, Source::Missing),
    }
}

/// A filter by a dynamic module, or what a route has for one. A module has a name, so that it is the filter's if the name
/// says so, or fields of the configuration do.
fn in_module(filter: &Node) -> Found<'_> {
    let within = if module::is_of_route(filter) { module::ROUTE } else { module::FILTER };
    let found = in_any(within, "filter_config", filter, filter.get(&["filter_config", "filterConfig"]));
    let is_other = found.likeness < Likeness::Sure;
    Found { likeness: if is_other { Likeness::Foreign } else { found.likeness }, ..found }
}

fn in_any<'a>(
    within: &'static str,
    place: &'static str,
    plugin: &'a Node,
    any: Option<&'a Node>,
) -> Found<'a> {
    let Some(any) = any else { return found(within, plugin, plugin.line, Source::Missing) };
    let (value, faults) = any::read(any, place);
    let (line, source) = match value {
        Any::Tree(node) => (node.line, Source::Tree(node)),
        Any::Text(node) => (node.line, Source::Text(node)),
        Any::Bytes(bytes) => (any.get(&["value"]).unwrap_or(any).line, Source::Bytes(bytes)),
        Any::Nothing => (any.line, Source::Missing),
    };
    Found { faults, ..found(within, plugin, line, source) }
}

/// What an object says, but for the `@type` that stands among its fields by mistake.
fn tree(node: &Node) -> Value {
    let mut value = node.to_value();
    if let Value::Object(members) = &mut value {
        members.retain(|(name, _)| name != "@type");
    }
    value
}

fn found<'a>(within: &'static str, plugin: &'a Node, line: usize, source: Source<'a>) -> Found<'a> {
    let likeness =
        if has_code_of_ours(plugin) { Likeness::Sure } else { Likeness::of(source.tree().as_ref()) };
    Found { within, line, plugin, source, likeness, faults: Vec::new() }
}

fn has_code_of_ours(plugin: &Node) -> bool {
    let names_filter = |text: &str| text.replace('_', "-").contains("proxy-wasm-cors");
    plugin.text().is_some_and(names_filter) || plugin.children().into_iter().any(has_code_of_ours)
}
