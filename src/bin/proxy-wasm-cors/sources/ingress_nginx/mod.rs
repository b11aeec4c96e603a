//! Annotations of an Ingress as ingress-nginx reads them:
//! <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors>.

mod annotations;
mod origins;
mod rules;

use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::note::NoteKind::{Ask, Changed, Same};
use crate::sources::{Conversion, is_resource, names};
use annotations::Annotations;

/// Whether a document is an Ingress.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    is_resource(document, "networking.k8s.io", "Ingress") || is_resource(document, "extensions", "Ingress")
}

/// Reads an Ingress.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    let metadata = document.get("metadata");
    let annotations = metadata.and_then(|metadata| metadata.get("annotations")).map(Annotations::new);
    let (name, _) = names(document);
    let at = annotations.as_ref().map_or_else(|| document.clone(), |annotations| annotations.at.clone());
    let mut draft = Draft::new(name, &at, Standing::ByLongestPath);
    let Some(annotations) = annotations else {
        // Another Ingress may let pages in on paths above these.
        return rules::place(&draft, document, false, conversion);
    };
    snippets(&annotations, conversion);
    let is_enabled = annotations.is_enabled(&mut conversion.notes);
    if is_enabled {
        conversion.is_found = true;
        annotations.settle(&mut draft);
        if draft.is_passthrough() {
            draft.note(
                Same,
                &annotations.at,
                "it allows no origin, so there is no policy: requests pass untouched",
            );
        }
        say_once(&mut draft, &annotations);
    }
    let has_regexes = annotations.has_regexes();
    rules::place(&draft, document, has_regexes, conversion);
}

/// Directives of NGINX can only be pointed at.
fn snippets(annotations: &Annotations<'_>, conversion: &mut Conversion) {
    for name in ["configuration-snippet", "server-snippet"] {
        let Some(at) = annotations.get(name) else { continue };
        let Some(text) = at.text(&mut conversion.notes) else { continue };
        if text.to_ascii_lowercase().contains("access-control-") {
            conversion.is_found = true;
            let text =
                "directives that send CORS headers cannot be converted; write by hand what they are for";
            conversion.notes.push(at.note(Ask, text));
        }
    }
}

fn say_once(draft: &mut Draft, annotations: &Annotations<'_>) {
    let text = "preflights of other origins went to the service; here they get 403. ingress-nginx answers every \
        OPTIONS request with 204, even without Origin; here OPTIONS without Access-Control-Request-Method goes to the service. From now on the answers have Vary, the upstream's own Access-Control-* headers are removed, and errors and redirects have CORS headers too. Remove the annotations once the filter is in force; otherwise both decide";
    draft.note(Changed, &annotations.at, text);
}
