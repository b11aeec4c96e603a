//! CORS settings of other products, which `convert` turns into policies.

use crate::files::document::Node;

/// The first of them: the line where it stands, and whose it is.
pub(crate) fn settings(documents: &[Node]) -> Option<(usize, &'static str)> {
    documents.iter().find_map(|document| in_document(document, kind_of(document)))
}

fn kind_of(node: &Node) -> &str {
    node.get(&["kind"]).and_then(Node::text).unwrap_or_default()
}

/// At whatever depth: a `List` of Kubernetes holds resources of several kinds.
fn in_document(node: &Node, kind: &str) -> Option<(usize, &'static str)> {
    let inner = kind_of(node);
    let kind = if inner.is_empty() { kind } else { inner };
    let here = node.members().find_map(|(name, value)| Some((value.line, owner(node, kind, name, value)?)));
    here.or_else(|| node.children().into_iter().find_map(|child| in_document(child, kind)))
}

/// Which product a member belongs to. If the name alone does not tell, the kind of the resource does.
fn owner(node: &Node, kind: &str, name: &str, value: &Node) -> Option<&'static str> {
    let is_cors = |member: &str| node.get(&[member]).and_then(Node::text) == Some("cors");
    match (kind, name) {
        (_, name) if is_annotation(name) => Some("ingress-nginx"),
        ("VirtualService", "corsPolicy") => Some("an Istio VirtualService"),
        ("HTTPRoute" | "GRPCRoute", "cors") => Some("the Gateway API"),
        ("SecurityPolicy", "cors") => Some("an Envoy Gateway SecurityPolicy"),
        ("KongPlugin" | "KongClusterPlugin", "plugin") if is_cors("plugin") => Some("Kong"),
        (_, "cors") if value.get(&["allow_origin_string_match", "allowOriginStringMatch"]).is_some() => {
            Some("Envoy's own CORS filter")
        }
        (_, "@type") if value.text().is_some_and(|url| url.ends_with(".cors.v3.CorsPolicy")) => {
            Some("Envoy's own CORS filter")
        }
        (_, "config") if is_cors("name") && value.get(&["origins"]).is_some() => Some("Kong"),
        (_, "config") if is_cors("name") && value.get(&["allow_origins"]).is_some() => Some("APISIX"),
        (_, "plugins") if value.get(&["cors"]).is_some() => Some("APISIX"),
        (_, name) if name.to_ascii_lowercase().starts_with("accesscontrolalloworiginlist") => Some("Traefik"),
        _ => None,
    }
}

fn is_annotation(name: &str) -> bool {
    let setting = name.strip_prefix("nginx.ingress.kubernetes.io/");
    setting.is_some_and(|setting| setting == "enable-cors" || setting.starts_with("cors-"))
}
