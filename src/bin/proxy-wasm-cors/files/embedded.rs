//! Files that are embedded as texts in other files: in a ConfigMap, or as the bootstrap of an `EnvoyProxy`.

use super::document::reader::Reader;
use super::document::{Node, Unreadable};

/// Text that occurs only in a file with the filter, or in one that fetches it.
const SIGNS: [&str; 6] = [
    "vm_config",
    "vmConfig",
    "dynamic_module_config",
    "dynamicModuleConfig",
    "proxy-wasm-cors",
    "proxy_wasm_cors",
];

/// The documents of files in the documents of a file, with the lines of the latter.
///
/// # Errors
/// When a text that has the filter in it cannot be read.
pub(crate) fn documents(documents: &[Node]) -> Result<Vec<Node>, Unreadable> {
    let mut all = Vec::new();
    for (field, text, reader) in documents.iter().flat_map(texts) {
        let is_of_interest = text.text().is_some_and(|it| SIGNS.iter().any(|sign| it.contains(sign)));
        if is_of_interest {
            all.extend(text.parsed(reader).map_err(|fault| Unreadable {
                message: format!("{} (in the text of `{}`)", fault.message, field.escape_debug()),
                ..fault
            })?);
        }
    }
    Ok(all)
}

/// The texts that are files, each with its name and who reads it.
fn texts(node: &Node) -> Vec<(&str, &Node, Option<Reader>)> {
    match node.get(&["kind"]).and_then(Node::text) {
        Some("ConfigMap") => {
            let data = node.get(&["data"]).into_iter().flat_map(Node::members);
            let is_json = |name: &str| name.ends_with(".json").then_some(Reader::Json);
            data.map(|(name, text)| (name, text, is_json(name))).collect()
        }
        // Envoy Gateway makes JSON of it, as Kubernetes does:
        // <https://gateway.envoyproxy.io/docs/api/extension_types/#proxybootstrap>
        Some("EnvoyProxy") => {
            let bootstrap = node.get(&["spec"]).and_then(|spec| spec.get(&["bootstrap"]));
            let value = bootstrap.and_then(|bootstrap| bootstrap.get(&["value"]));
            value.map(|value| ("value", value, Some(Reader::Kubernetes))).into_iter().collect()
        }
        _ => node.children().into_iter().flat_map(texts).collect(),
    }
}
