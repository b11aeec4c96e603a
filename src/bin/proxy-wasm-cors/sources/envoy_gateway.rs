//! `cors` of a SecurityPolicy of Envoy Gateway:
//! <https://gateway.envoyproxy.io/docs/api/extension_types/#cors>.
//!
//! Its targets are those of an EnvoyExtensionPolicy too, so the policy needs no `match`.

use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::note::NoteKind::{Ask, Changed, Same};
use crate::sources::origins::of_gateway;
use crate::sources::{Conversion, Target, is_resource, lists, names};

const TARGETS: [&str; 3] = ["targetRefs", "targetRef", "targetSelectors"];

/// Whether a document is a SecurityPolicy.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    is_resource(document, "gateway.envoyproxy.io", "SecurityPolicy")
}

/// Reads a SecurityPolicy.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    let Some(spec) = document.get("spec") else { return };
    let Some(cors) = spec.get("cors") else { return };
    conversion.is_found = true;
    let Some(cors) = cors.map(&mut conversion.notes) else { return };
    let (name, namespace) = names(document);
    let fields = spec.members().into_iter().filter(|(name, _)| TARGETS.contains(name));
    let fields = fields.map(|(name, at)| (name.to_owned(), at.value())).collect();
    let (name, namespace) = (name.to_owned(), namespace.map(str::to_owned));
    let mut draft = Draft::new(name.clone(), &cors, Standing::AloneUnnamed);
    draft.target = Some(conversion.targets.len());
    conversion.targets.push(Target { name, namespace, fields });
    settings(&mut draft, &cors);
    say_once(&mut draft, &spec, &cors);
    if draft.is_passthrough() {
        draft.note(Same, &cors, "it allows no origin, so there is no policy: requests pass untouched");
    }
    conversion.drafts.push(draft);
}

fn settings(draft: &mut Draft, cors: &At<'_>) {
    const KNOWN: [&str; 6] =
        ["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials"];
    cors.only(&KNOWN, &mut draft.notes);
    of_gateway(draft, cors);
    if let Some(at) = cors.get("allowMethods") {
        let entries = star_is_all(draft, &at);
        lists::methods(draft, &at, &entries);
    }
    if let Some(at) = cors.get("allowHeaders") {
        let entries = star_is_all(draft, &at);
        lists::headers(draft, &at, &entries);
    }
    if let Some(at) = cors.get("exposeHeaders") {
        let entries = at.texts(&mut draft.notes);
        lists::expose_headers(draft, &at, &entries);
    }
    if let Some(at) = cors.get("maxAge") {
        if let Some(text) = at.text(&mut draft.notes) {
            lists::max_age_duration(draft, &at, text);
        }
    }
}

/// Envoy Gateway takes a list with `*` in it for `*`.
fn star_is_all<'a>(draft: &mut Draft, at: &At<'a>) -> Vec<lists::Entry<'a, 'a>> {
    let mut entries = at.texts(&mut draft.notes);
    if entries.len() > 1 && entries.iter().any(|(text, _)| *text == "*") {
        draft.note(Same, at, "a list with `*` in it means `*` there");
        entries.retain(|(text, _)| *text == "*");
    }
    entries
}

fn say_once(draft: &mut Draft, spec: &At<'_>, cors: &At<'_>) {
    let targets = TARGETS.iter().find_map(|name| spec.get(name));
    if let Some(targets) = &targets {
        let text = "goes into the config of an EnvoyExtensionPolicy with the same targets, in the same namespace; \
                    `--as envoy-gateway` writes it. If a target already has one, put the wasm entry there: Envoy Gateway uses only one of two";
        draft.note(Ask, targets, text);
    }
    let text = "Envoy Gateway puts its own CORS filter early, but Wasm after authentication, unless \
                EnvoyProxy.spec.filterOrder moves it. From now on the answers have Vary, the upstream's own Access-Control-* headers are removed, and errors and redirects have CORS headers too";
    draft.note(Changed, cors, text);
    draft.note(
        Ask,
        cors,
        "remove `cors` from the SecurityPolicy once the filter is in force; otherwise both decide",
    );
}
