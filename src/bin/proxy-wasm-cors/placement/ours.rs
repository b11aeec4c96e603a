//! Telling the places of this filter from those of others.

use std::collections::{BTreeMap, BTreeSet};

use proxy_wasm_cors::config::{Value, member};

use super::filter::{self, DISCOVERY, TYPED_CONFIG};
use super::{any, visit};
use crate::files::document::Node;
use crate::files::find::Found;
use crate::files::module;

/// The filter, wherever it is in a file.
pub(super) struct Ours<'a> {
    /// By the node that was found to be a plugin's.
    plugins: BTreeMap<*const Node, &'a Found<'a>>,
    /// The names under which the file holds the filter for others to fetch.
    names: BTreeSet<&'a str>,
}

impl<'a> Ours<'a> {
    pub(super) fn of(documents: &'a [Node], found: &'a [Found<'a>]) -> Self {
        let plugins = found.iter().map(|found| (std::ptr::from_ref(found.plugin), found)).collect();
        let mut ours = Self { plugins, names: BTreeSet::new() };
        let mut names = BTreeSet::new();
        for document in documents {
            visit(document, &mut |node| {
                if node.get(TYPED_CONFIG).is_some_and(|config| ours.is_in(config)) {
                    names.extend(node.get(&["name"]).and_then(Node::text));
                }
            });
        }
        ours.names = names;
        ours
    }

    /// The plugin that a node is, if it is the filter's.
    pub(super) fn plugin(&self, node: &Node) -> Option<&'a Found<'a>> {
        self.plugins.get(&std::ptr::from_ref(node)).copied()
    }

    /// The filter's plugins at or below a node.
    pub(super) fn plugins(&self, node: &Node) -> Vec<&'a Found<'a>> {
        let mut plugins = Vec::new();
        visit(node, &mut |node| plugins.extend(self.plugin(node)));
        plugins
    }

    fn is_in(&self, node: &Node) -> bool {
        any(node, &|node| self.plugin(node).is_some())
    }

    /// Whether an entry of a list of HTTP filters is the filter, here or fetched from elsewhere.
    pub(super) fn is_filter(&self, entry: &Node) -> bool {
        self.is_in(entry) || self.is_source(entry)
    }

    /// Whether an entry of a list of HTTP filters fetches the filter.
    ///
    /// A source says only that it fetches some Wasm filter, or some dynamic module: nothing but names can tell which.
    pub(super) fn is_source(&self, entry: &Node) -> bool {
        let Some(source) = entry.get(DISCOVERY) else { return false };
        let name = entry.get(&["name"]).and_then(Node::text);
        let says_cors =
            |node: &Node| node.text().is_some_and(|text| text.to_ascii_lowercase().contains("cors"));
        let kinds = filter::fetched_kinds(entry);
        (kinds.contains(&"wasm") || kinds.contains(&filter::MODULE))
            && (self.is_in(source)
                || name.is_some_and(|name| self.names.contains(name))
                || any(entry, &says_cors))
    }

    /// Whether an entry that is the filter is one by a dynamic module.
    pub(super) fn is_module(&self, entry: &Node) -> bool {
        filter::kind(entry) == Some(filter::MODULE)
            || self.plugins(entry).iter().any(|plugin| plugin.within == module::FILTER)
    }

    /// Whether an entry that is the filter does more than watch.
    pub(super) fn acts(&self, entry: &Node) -> bool {
        let plugins = self.plugins(entry);
        plugins.is_empty() && self.is_source(entry) || plugins.into_iter().any(acts)
    }
}

fn acts(found: &Found<'_>) -> bool {
    let Some(config) = found.tree() else { return true };
    match member(&config, "policies") {
        Some(Value::List(policies)) => policies.iter().any(enforces),
        _ => enforces(&config),
    }
}

fn enforces(policy: &Value) -> bool {
    !matches!(member(policy, "mode"), Some(Value::Text(mode)) if mode == "shadow" || mode == "passthrough")
}
