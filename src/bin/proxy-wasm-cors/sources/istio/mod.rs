//! `corsPolicy` of the routes of a VirtualService:
//! <https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy>.

mod delegation;

use proxy_wasm_cors::config::Value;

use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching::{self, PathKind, all_paths_if_root};
use crate::sources::note::NoteKind::{Ask, Changed, Narrower, Same, Wider};
use crate::sources::origins::{Case, exact, settle};
use crate::sources::{Conversion, Target, is_resource, lists, names, string_match};

const KNOWN: [&str; 8] = [
    "allowOrigins",
    "allowOrigin",
    "allowMethods",
    "allowHeaders",
    "exposeHeaders",
    "maxAge",
    "allowCredentials",
    "unmatchedPreflights",
];

/// What a match can ask for that a policy's cannot.
const NO_EQUIVALENT: [&str; 11] = [
    "method",
    "headers",
    "withoutHeaders",
    "queryParams",
    "authority",
    "scheme",
    "port",
    "gateways",
    "sourceLabels",
    "sourceNamespace",
    "ignoreUriCase",
];

/// Whether a document is a VirtualService.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    is_resource(document, "networking.istio.io", "VirtualService")
}

/// Reads a VirtualService.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    let Some(http) = document.get_path(&["spec", "http"]) else { return };
    let routes = http.items();
    let is_here = routes.iter().any(|route| route.get("corsPolicy").is_some());
    // Another resource may leave alone what a policy would take.
    conversion.is_found |= is_here;
    add_target(document, conversion);
    let mut is_said = false;
    for (number, route) in routes.iter().enumerate() {
        let name = name(document, route, number, routes.len());
        let mut draft = Draft::new(name, route, Standing::Listed);
        if let Some(cors) = route.get("corsPolicy") {
            settings(&mut draft, &cors);
            if !std::mem::replace(&mut is_said, true) {
                say_once(&mut draft, &cors);
            }
        }
        delegation::ask_for_delegate(&mut draft, route);
        let rest = routes.iter().skip(number.saturating_add(1));
        let is_last = !rest.clone().any(|route| route.get("corsPolicy").is_some());
        place(&mut draft, document, route, is_last, conversion);
    }
}

fn name(document: &At<'_>, route: &At<'_>, number: usize, count: usize) -> String {
    let (name, _) = names(document);
    match route.said("name") {
        Some(route) => route.to_owned(),
        None if count == 1 => name.to_owned(),
        None => format!("{name}-{number}"),
    }
}

fn settings(draft: &mut Draft, cors: &At<'_>) {
    let Some(cors) = cors.map(&mut draft.notes) else { return };
    cors.only(&KNOWN, &mut draft.notes);
    if let Some(at) = cors.get("allowCredentials") {
        draft.settings.allow_credentials = at.flag(&mut draft.notes).unwrap_or(false);
    }
    match (cors.get("allowOrigins"), cors.get("allowOrigin")) {
        (Some(at), _) => string_match::origins(draft, &at),
        (None, Some(at)) => {
            let texts = at.texts(&mut draft.notes);
            texts.iter().for_each(|(text, at)| exact(draft, at, text, Case::Kept));
            settle(draft);
        }
        (None, None) => {}
    }
    lists::named(draft, &cors, ["allowMethods", "allowHeaders", "exposeHeaders"]);
    if let Some(at) = cors.get("maxAge") {
        if let Some(text) = at.text(&mut draft.notes) {
            lists::max_age_duration(draft, &at, text);
        }
    }
    unmatched_preflights(draft, &cors);
}

fn unmatched_preflights(draft: &mut Draft, cors: &At<'_>) {
    let Some(at) = cors.get("unmatchedPreflights") else { return };
    match at.text(&mut draft.notes) {
        Some("FORWARD") => {
            draft.note(Changed, &at, "preflights of other origins went to the service; here they get 403")
        }
        Some("IGNORE" | "UNSPECIFIED") | None => {}
        Some(_) => draft.notes.push(at.wrong("`FORWARD` or `IGNORE`")),
    }
}

/// Says for which requests a policy is, and adds it where that can be said.
fn place(draft: &mut Draft, document: &At<'_>, route: &At<'_>, is_last: bool, conversion: &mut Conversion) {
    let has_settings = route.get("corsPolicy").is_some();
    let Some(hosts) = hosts(document, draft) else { return };
    draft.matching.hosts = hosts.names;
    let is_placed = !hosts.is_none && matches(draft, route);
    if has_settings && draft.is_passthrough() {
        draft.note(Same, route, "it allows no origin, so there is no policy: requests pass untouched");
    } else if !has_settings && (is_placed || is_last) {
        draft.note(Same, route, "no `corsPolicy`: requests pass untouched here too");
    } else if !has_settings {
        let text = "no `corsPolicy`, and `match` cannot express for which requests: policies below take them too. \
            Give the route a name";
        draft.note(Ask, route, text);
        draft.note(Wider, route, "pages that a policy below allows can read these answers too");
    }
    if is_placed {
        conversion.drafts.push(draft.clone());
    } else {
        conversion.notes.append(&mut draft.notes);
    }
}

fn hosts(document: &At<'_>, draft: &mut Draft) -> Option<matching::Hosts> {
    let Some(at) = document.get_path(&["spec", "hosts"]) else {
        if !draft.is_passthrough() {
            delegation::ask_for_root(draft, document);
        }
        return Some(matching::Hosts::default());
    };
    let texts = at.texts(&mut draft.notes);
    for (host, at) in texts.iter().filter(|(host, _)| !host.contains(['.', '*'])) {
        let text =
            format!("`{host}` also has longer names within the mesh, which `match.hosts` does not know");
        draft.note_about(Narrower, at, "match.hosts", text);
    }
    Some(matching::hosts(&texts, draft))
}

/// The routes or paths of a policy; whether they can be said.
fn matches(draft: &mut Draft, route: &At<'_>) -> bool {
    let list = route.get("match").map(|at| at.list(&mut draft.notes)).unwrap_or_default();
    if let Some(name) = route.said("name") {
        for part in list.iter().map(|one| one.said("name")).chain(list.is_empty().then_some(None)) {
            let route = part.map_or_else(|| name.to_owned(), |part| format!("{name}.{part}"));
            if !draft.matching.routes.contains(&route) {
                draft.matching.routes.push(route);
            }
        }
        if !draft.is_passthrough() {
            let text = "the policy is chosen by the name that Istio gives to Envoy's route";
            draft.note_about(Same, route, "match.routes", text);
        }
        return true;
    }
    // Each is read, also after one that cannot be said, for the notes.
    let said: Vec<bool> = list.iter().map(|one| path(draft, one)).collect();
    let is_placed = !said.contains(&false);
    if list.iter().any(|one| one.get("uri").is_none()) {
        draft.matching.paths.clear();
    }
    all_paths_if_root(draft);
    is_placed && (list.is_empty() || !draft.matching.paths.is_empty() || list.iter().any(is_all))
}

/// Whether a match is for every path.
fn is_all(one: &At<'_>) -> bool {
    let uri = one.get("uri");
    uri.is_none_or(|uri| uri.get("regex").is_none())
}

/// The path of a match that is one of a route without a name; whether it can be said.
fn path(draft: &mut Draft, one: &At<'_>) -> bool {
    let is_left_alone = draft.is_passthrough();
    for at in NO_EQUIVALENT.iter().filter_map(|name| one.get(name)) {
        if is_left_alone {
            return false;
        }
        let text = "`match` has no equivalent, so the policy also applies to requests without this. Give the route a \
            name";
        draft.note(Wider, &at, text);
        draft.note(Ask, &at, "give the route a name, or accept that");
    }
    let Some(uri) = one.get("uri") else { return true };
    let kinds = [("prefix", PathKind::Characters), ("exact", PathKind::Exact)];
    let given = kinds.iter().find_map(|(name, kind)| Some((uri.get(name)?, *kind)));
    let Some((at, kind)) = given else {
        let text = "`match` has no expressions for paths, so it was left out. Give the route a name";
        draft.note(Ask, &uri, text);
        return false;
    };
    let Some(text) = at.text(&mut draft.notes) else { return false };
    matching::path(draft, &uri, text, kind);
    true
}

fn say_once(draft: &mut Draft, cors: &At<'_>) {
    let text = "Istio's filter runs last. With phase AUTHN this one runs before JWT and RBAC: they no longer refuse \
        preflights, and allowed pages can read their 401 and 403, and errors and redirects too. From now on the answers have Vary, and the upstream's own Access-Control-* headers are removed";
    draft.note(Changed, cors, text);
    if cors.get("unmatchedPreflights").is_none() {
        let text = "`unmatchedPreflights` is absent, so preflights of other origins went to the service; here they \
            get 403";
        draft.note(Changed, cors, text);
    }
    draft.note(Ask, cors, "remove `corsPolicy` once the filter is in force; otherwise both decide");
}

/// A plugin stands in the namespace of the gateway.
fn add_target(document: &At<'_>, conversion: &mut Conversion) {
    let gateways = document.get_path(&["spec", "gateways"]).map(|at| at.items()).unwrap_or_default();
    let namespace = gateways.iter().find_map(|gateway| match gateway.value() {
        Value::Text(text) => text.split_once('/').map(|(namespace, _)| namespace.to_owned()),
        _ => None,
    });
    let (name, own) = names(document);
    let namespace = namespace.or_else(|| own.map(str::to_owned));
    conversion.targets.push(Target { name: name.to_owned(), namespace, fields: Vec::new() });
}
