//! The middleware `headers` of Traefik, as a resource of Kubernetes and in files of its file provider:
//! <https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/#cors-headers>.

use crate::sources::anywhere::anywhere;
use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching::{self, all_paths_if_root};
use crate::sources::note::NoteKind::{Ask, Changed, Dropped, Wider};
use crate::sources::origins::{Case, everyone, exact, settle};
use crate::sources::traefik_rule::{Matcher, conjunction};
use crate::sources::{Conversion, is_resource, lists, names};

const ORIGINS: &str = "accessControlAllowOriginList";
const EXPRESSIONS: &str = "accessControlAllowOriginListRegex";

/// The fields of CORS.
const CORS: [&str; 7] = [
    ORIGINS,
    EXPRESSIONS,
    "accessControlAllowMethods",
    "accessControlAllowHeaders",
    "accessControlExposeHeaders",
    "accessControlAllowCredentials",
    "accessControlMaxAge",
];

const VARY: &str = "addVaryHeader";

/// Whether a document is a Middleware or a file of Traefik with middlewares.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    is_middleware(document)
        || (document.get("kind").is_none() && document.get_path(&["http", "middlewares"]).is_some())
}

fn is_middleware(document: &At<'_>) -> bool {
    ["traefik.io", "traefik.containo.us"].iter().any(|group| is_resource(document, group, "Middleware"))
}

/// Reads a document.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    if is_middleware(document) {
        read_resource(document, conversion)
    } else {
        read_file(document, conversion)
    }
}

fn read_resource(document: &At<'_>, conversion: &mut Conversion) {
    let Some(headers) = document.get_path(&["spec", "headers"]).filter(speaks_of_cors) else { return };
    conversion.is_found = true;
    let (name, _) = names(document);
    let mut draft = Draft::new(name, document, Standing::Alone);
    settings(&mut draft, &headers);
    if let Some(at) = document.get_path(&["metadata", "name"]) {
        let text = "a Middleware does not name hosts and paths; the routers that use it do. Give the policy their \
            `match`";
        draft.note_about(Ask, &at, "match", text);
    }
    conversion.drafts.push(draft);
}

fn speaks_of_cors(headers: &At<'_>) -> bool {
    CORS.iter().any(|field| headers.get(field).is_some()) || cors_by_hand(headers).next().is_some()
}

/// `Access-Control-*` among the headers that are set on every response.
fn cors_by_hand<'a>(headers: &At<'a>) -> impl Iterator<Item = At<'a>> + use<'a> {
    let custom = headers.get("customResponseHeaders").map(|at| at.members()).unwrap_or_default();
    let is_cors = |name: &str| name.to_ascii_lowercase().starts_with("access-control-");
    custom.into_iter().filter(move |(name, _)| is_cors(name)).map(|(_, at)| at)
}

fn read_file(document: &At<'_>, conversion: &mut Conversion) {
    let middlewares = document.get_path(&["http", "middlewares"]).map(|at| at.members()).unwrap_or_default();
    let cors =
        middlewares.iter().filter_map(|(name, at)| Some((*name, at.get("headers").filter(speaks_of_cors)?)));
    let cors: Vec<(&str, At<'_>)> = cors.collect();
    if cors.is_empty() {
        return;
    }
    conversion.is_found = true;
    let routers = document.get_path(&["http", "routers"]).map(|at| at.members()).unwrap_or_default();
    let mut used: Vec<&str> = Vec::new();
    for (_, router) in &routers {
        let named = cors.iter().find(|(name, _)| names_middleware(router, name));
        let count = named.map_or(0, |(name, _)| used.iter().filter(|used| *used == name).count());
        read_router(router, named, count, conversion);
        used.extend(named.map(|(name, _)| *name));
    }
    for (name, headers) in cors.iter().filter(|(name, _)| !used.contains(name)) {
        let mut draft = Draft::new(*name, headers, Standing::Alone);
        settings(&mut draft, headers);
        let text =
            "no router in this file uses this middleware. Give the policy the `match` of the routers that do";
        draft.note_about(Ask, headers, "match", text);
        conversion.drafts.push(draft);
    }
}

fn names_middleware(router: &At<'_>, name: &str) -> bool {
    let named = router.get("middlewares").map(|list| list.items()).unwrap_or_default();
    let mut texts = named.iter().filter_map(|at| at.text(&mut Vec::new()));
    texts.any(|text| text == name || text.strip_suffix("@file") == Some(name))
}

fn read_router(router: &At<'_>, cors: Option<&(&str, At<'_>)>, count: usize, conversion: &mut Conversion) {
    let name = match (cors, count) {
        (Some((name, _)), 0) => (*name).to_owned(),
        (Some((name, _)), count) => format!("{name}-{count}"),
        (None, _) => "untouched".to_owned(),
    };
    let mut draft = Draft::new(name, router, Standing::ByLongestPath);
    if let Some((_, headers)) = cors {
        settings(&mut draft, headers);
    }
    let Some(rule) = router.get("rule") else { return conversion.drafts.push(draft) };
    if place(&mut draft, &rule) {
        conversion.drafts.push(draft);
    } else {
        conversion.notes.extend(draft.notes);
    }
}

/// Gives the policy the `match` of a rule; whether it can be said.
fn place(draft: &mut Draft, rule: &At<'_>) -> bool {
    let Some(text) = rule.text(&mut draft.notes) else { return false };
    let Some(matchers) = conjunction(text) else {
        let text = match draft.is_passthrough() {
            true => {
                "`match` cannot express which requests this router leaves alone: other policies may take them"
            }
            false => {
                "`match` cannot express this rule, so the policy was left out. Write one with its hosts and paths"
            }
        };
        draft.note(Ask, rule, text);
        if draft.is_passthrough() {
            draft.note(Wider, rule, "pages that another policy allows can read these answers too");
        }
        return false;
    };
    for matcher in &matchers {
        match matcher {
            Matcher::Hosts(hosts) => {
                let hosts: Vec<(&str, At<'_>)> = hosts.iter().map(|host| (*host, rule.clone())).collect();
                draft.matching.hosts = matching::hosts(&hosts, draft).names;
            }
            Matcher::Paths(paths, kind) => {
                paths.iter().for_each(|path| matching::path(draft, rule, path, *kind))
            }
        }
    }
    all_paths_if_root(draft);
    if !draft.is_passthrough() && !draft.matching.paths.is_empty() {
        let text = "a router compares characters, and other routers may come before it because of their priority; \
            `match.paths` compares whole segments, and the order of the policies counts";
        draft.note_about(Wider, rule, "match.paths", text);
    }
    true
}

fn settings(draft: &mut Draft, headers: &At<'_>) {
    if let Some(at) = headers.get("accessControlAllowCredentials") {
        draft.settings.allow_credentials = at.flag(&mut draft.notes).unwrap_or(false);
    }
    origins(draft, headers);
    let fields = ["accessControlAllowMethods", "accessControlAllowHeaders", "accessControlExposeHeaders"];
    lists::named(draft, headers, fields);
    if let Some(at) = headers.get("accessControlMaxAge") {
        if let Some(seconds) = at.number(&mut draft.notes) {
            lists::max_age(draft, &at, seconds);
        }
    }
    say_the_rest(draft, headers);
}

/// A `*` anywhere in the list lets in everyone.
fn origins(draft: &mut Draft, headers: &At<'_>) {
    let listed = headers.get(ORIGINS).map(|at| at.texts(&mut draft.notes)).unwrap_or_default();
    match listed.iter().find(|(text, _)| *text == "*") {
        Some((_, at)) => everyone(draft, at),
        None => listed.iter().for_each(|(text, at)| exact(draft, at, text, Case::Kept)),
    }
    let expressions = headers.get(EXPRESSIONS).map(|at| at.texts(&mut draft.notes)).unwrap_or_default();
    expressions.iter().for_each(|(text, at)| anywhere(draft, at, text));
    settle(draft);
}

fn say_the_rest(draft: &mut Draft, headers: &At<'_>) {
    if let Some(at) = headers.get(VARY) {
        draft.note(Dropped, &at, "Vary is always sent here, on preflights too");
    }
    for at in cors_by_hand(headers) {
        let text =
            "this header was on every response, for every page; a policy says who may read: it was left out";
        draft.note(Ask, &at, text);
    }
    let is_other = |name: &str| !CORS.contains(&name) && name != VARY;
    for (name, at) in headers.members().into_iter().filter(|(name, _)| is_other(name)) {
        let by_hand = name == "customResponseHeaders" && at.members().len() == cors_by_hand(headers).count();
        if !by_hand {
            draft.note(Ask, &at, "this is not CORS: keep it elsewhere");
        }
    }
    if draft.is_passthrough() {
        let text =
            "it allows no origin, but answers preflights; here they go to the service, which may allow pages";
        return draft.note(Wider, headers, text);
    }
    let text = "Traefik also sends Access-Control-Allow-Credentials and the lists to origins that are not allowed; \
        here those get nothing, and their preflights get 403";
    draft.note(Changed, headers, text);
}
