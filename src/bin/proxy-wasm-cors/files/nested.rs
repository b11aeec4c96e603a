//! Files in which nothing is a configuration of the filter, but something looks like a policy.

use crate::files::document::{Node, Unreadable};
use crate::files::other;

/// What is wrong with a file without the filter's configuration.
const NOTHING_FOUND: &str = "contains no configuration of the filter; give a policy with `allow_origins`, or a \
    configuration of Envoy, Istio or Envoy Gateway that contains the plugin";

/// What to say of such a file: that its settings are for another product, where in it the field is that every policy has, or
/// that there is none.
pub(crate) fn instead(documents: &[Node], file: &str) -> Unreadable {
    if let Some((line, owner)) = other::settings(documents) {
        let message = format!(
            "has the CORS settings of {owner}, not of this filter; `proxy-wasm-cors convert {}` turns them into a \
                policy",
            file.escape_debug()
        );
        return Unreadable { line: Some(line), message };
    }
    documents
        .iter()
        // The resources of Kubernetes have CORS fields of their own, which are not a policy of this filter.
        .filter(|document| document.get(&["kind"]).is_none())
        .find_map(nested_policy)
        .unwrap_or_else(|| Unreadable { line: None, message: NOTHING_FOUND.to_owned() })
}

fn nested_policy(document: &Node) -> Option<Unreadable> {
    let mut found = None;
    document.walk("", &mut |path, node| {
        let fields = ["allow_origins", "allowOrigins"];
        let field = fields.into_iter().find(|field| node.get(&[field]).is_some());
        if let (None, Some(field)) = (&found, field) {
            let line = node.get(&[field]).map(|node| node.line);
            let message = format!(
                "`{field}` stands below `{path}`, where nothing reads it, as far as `check` knows; put the content \
                    of `{path}` into its own file, or give the manifest that is rendered from this file"
            );
            found = Some(Unreadable { line, message });
        }
    });
    found
}
