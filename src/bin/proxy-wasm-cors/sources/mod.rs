//! The room of other products' CORS settings: what each of them means, as policies of the filter and notes on what
//! differs.
//!
//! A source takes one document, adds a [`Draft`](draft::Draft) for each policy and a note for all that it cannot say,
//! through the words of `origins`, `lists` and `matching`, which hold for all. [`Conversion::finish`] puts the drafts in
//! order. No source panics at anything that a file may hold: what is of a wrong type is asked about, in its place.

mod anywhere;
pub(crate) mod apisix;
pub(crate) mod at;
pub(crate) mod draft;
pub(crate) mod envoy;
pub(crate) mod envoy_gateway;
pub(crate) mod gateway_api;
pub(crate) mod ingress_nginx;
pub(crate) mod istio;
pub(crate) mod kong;
pub(crate) mod lists;
pub(crate) mod matching;
pub(crate) mod note;
pub(crate) mod order;
pub(crate) mod origins;
pub(crate) mod regexes;
pub(crate) mod strangers;
pub(crate) mod string_match;
pub(crate) mod traefik;
mod traefik_rule;

use clap::ValueEnum;
use proxy_wasm_cors::config::Value;

use crate::files::document::Node;
use at::At;
use draft::Draft;
use note::Note;

/// Whose settings they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Annotations of an Ingress, as ingress-nginx reads them
    IngressNginx,
    /// `corsPolicy` of a VirtualService of Istio
    Istio,
    /// The CORS filter of an HTTPRoute of the Gateway API
    GatewayApi,
    /// `cors` of a SecurityPolicy of Envoy Gateway
    EnvoyGateway,
    /// Envoy's own CORS filter
    Envoy,
    /// The plugin `cors` of Kong
    Kong,
    /// The middleware `headers` of Traefik
    Traefik,
    /// The plugin `cors` of APISIX
    Apisix,
}

/// What became of the settings of other products.
#[derive(Default)]
pub(crate) struct Conversion {
    /// The policies, in the order in which the source has them.
    pub(crate) drafts: Vec<Draft>,
    /// What is to be said beside what the drafts say.
    pub(crate) notes: Vec<Note>,
    /// The resources that say for what some policies are, for those platforms where they are the same.
    pub(crate) targets: Vec<Target>,
    /// Whether there were CORS settings at all, even ones that allow nobody.
    pub(crate) is_found: bool,
}

/// A resource that says where a policy is in force.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    /// The fields that say it, such as `targetRefs`, as they are.
    pub(crate) fields: Vec<(String, Value)>,
}

impl Kind {
    /// Reads one document, if it is of this kind or is taken for it.
    fn read(self, document: &At<'_>, conversion: &mut Conversion) {
        match self {
            Self::IngressNginx => ingress_nginx::read(document, conversion),
            Self::Istio => istio::read(document, conversion),
            Self::GatewayApi => gateway_api::read(document, conversion),
            Self::EnvoyGateway => envoy_gateway::read(document, conversion),
            Self::Envoy => envoy::read(document, conversion),
            Self::Kong => kong::read(document, conversion),
            Self::Traefik => traefik::read(document, conversion),
            Self::Apisix => apisix::read(document, conversion),
        }
    }

    /// Whether a document is of this kind. No document is of two.
    fn is_of(self, document: &At<'_>) -> bool {
        match self {
            Self::IngressNginx => ingress_nginx::is_of(document),
            Self::Istio => istio::is_of(document),
            Self::GatewayApi => gateway_api::is_of(document),
            Self::EnvoyGateway => envoy_gateway::is_of(document),
            Self::Envoy => envoy::is_of(document),
            Self::Kong => kong::is_of(document),
            Self::Traefik => traefik::is_of(document),
            Self::Apisix => apisix::is_of(document),
        }
    }
}

impl Conversion {
    /// Reads the documents of a file: those of all kinds, or of one.
    pub(crate) fn read(&mut self, file: usize, documents: &[Node], kind: Option<Kind>) {
        let (drafts, notes) = (self.drafts.len(), self.notes.len());
        self.read_all(documents, kind);
        for draft in self.drafts.iter_mut().skip(drafts) {
            draft.file = file;
            draft.notes.iter_mut().for_each(|note| note.file = file);
        }
        self.notes.iter_mut().skip(notes).for_each(|note| note.file = file);
    }

    fn read_all(&mut self, documents: &[Node], kind: Option<Kind>) {
        for document in documents.iter().flat_map(resources) {
            let kinds = Kind::value_variants().iter().copied();
            let seen = kinds.clone().find(|kind| kind.is_of(&document));
            if let Some(kind) = seen.filter(|seen| kind.is_none_or(|kind| kind == *seen)) {
                kind.read(&document, self);
            }
        }
    }
}

/// The resources of a document: Kubernetes puts them into a `List`.
fn resources(document: &Node) -> Vec<At<'_>> {
    let root = At::root(document);
    let is_list = root.said("kind").is_some_and(|kind| kind.ends_with("List"));
    match root.get("items").filter(|_| is_list) {
        Some(items) => items.items(),
        None => vec![root],
    }
}

/// Whether a document is a resource of Kubernetes of a group and kind, in whatever version.
pub(crate) fn is_resource(document: &At<'_>, group: &str, kind: &str) -> bool {
    let version = document.said("apiVersion").and_then(|version| version.split_once('/'));
    document.said("kind") == Some(kind) && version.is_some_and(|(of, _)| of == group)
}

/// The name of a resource of Kubernetes, and its namespace.
pub(crate) fn names<'a>(document: &At<'a>) -> (&'a str, Option<&'a str>) {
    let metadata = document.get("metadata");
    let said = |name| metadata.as_ref().and_then(|metadata| metadata.said(name));
    (said("name").unwrap_or("cors"), said("namespace"))
}
