//! The plugin `cors` of Kong, in declarative files and in resources of Kubernetes:
//! <https://developer.konghq.com/plugins/cors/reference/>.
//!
//! The plugin of a route takes the place of that of its service, and that one of the global one.

use crate::sources::anywhere::from_the_start;
use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching::{self, PathKind, all_paths_if_root};
use crate::sources::note::NoteKind::{Ask, Changed, Dropped, Narrower, Wider};
use crate::sources::origins::{Case, everyone, null, pattern, settle};
use crate::sources::{Conversion, is_resource, lists, names};

const GROUP: &str = "configuration.konghq.com";

const KNOWN: [&str; 10] = [
    "origins",
    "methods",
    "headers",
    "exposed_headers",
    "max_age",
    "credentials",
    "private_network",
    "preflight_continue",
    "allow_origin_absent",
    "enabled",
];

/// What absent methods stand for, but for those that no script may use.
const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"];

/// What a route can ask for that a policy's `match` cannot.
const NO_EQUIVALENT: [&str; 6] = ["methods", "headers", "snis", "sources", "destinations", "expression"];

/// Whether a document is a plugin's resource or a declarative file.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    is_plugin_resource(document) || is_declarative(document)
}

fn is_plugin_resource(document: &At<'_>) -> bool {
    ["KongPlugin", "KongClusterPlugin"].iter().any(|kind| is_resource(document, GROUP, kind))
}

fn is_declarative(document: &At<'_>) -> bool {
    let lists = ["services", "routes", "plugins"].iter().filter_map(|name| document.get(name));
    let has_lists = lists.clone().any(|list| list.is_list());
    document.get("_format_version").is_some()
        || (has_lists
            && document.get("kind").is_none()
            && lists.flat_map(|list| list.items()).any(|it| is_kongs(&it)))
}

/// Whether an entry has what only Kong's have. (APISIX writes plugins as an object.)
fn is_kongs(entry: &At<'_>) -> bool {
    let is_own = |at: &At<'_>| at.said("name") == Some("cors") && at.get("config").is_some();
    let routes = entries(entry, "routes");
    is_own(entry)
        || entries(entry, "plugins").iter().any(is_own)
        || routes.iter().flat_map(|route| entries(route, "plugins")).any(|plugin| is_own(&plugin))
}

fn entries<'a>(object: &At<'a>, name: &str) -> Vec<At<'a>> {
    object.get(name).map(|list| list.items()).unwrap_or_default()
}

/// Reads a plugin's resource or a declarative file.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    if is_plugin_resource(document) {
        read_resource(document, conversion);
    } else {
        read_declarative(document, conversion);
    }
}

fn read_resource(document: &At<'_>, conversion: &mut Conversion) {
    if document.said("plugin") != Some("cors") {
        return;
    }
    conversion.is_found = true;
    let (name, _) = names(document);
    let mut draft = Draft::new(name, document, Standing::Alone);
    if let Some(at) = document.get_any(&["configFrom", "configPatches"]) {
        draft.note(Ask, &at, "this refers to something that is not in the file, so it was left out");
    }
    plugin(&mut draft, document);
    if let Some(at) = document.get_path(&["metadata", "name"]) {
        let text = "a KongPlugin does not name hosts and paths; the Ingress, Service or consumer that uses it does. \
            Give the policy their `match`";
        draft.note_about(Ask, &at, "match", text);
    }
    conversion.drafts.push(draft);
}

/// What a plugin is, with what stands around its `config`. A resource that is disabled leaves requests alone.
fn plugin(draft: &mut Draft, plugin: &At<'_>) {
    if plugin.get("disabled").is_some_and(|at| at.flag(&mut draft.notes) == Some(true)) {
        return;
    }
    let config =
        plugin.get("config").unwrap_or_else(|| plugin.clone().called(format!("{}.config", plugin.path())));
    if config.is_map() {
        settings(draft, &config, plugin.get("config").is_some());
    } else {
        draft.notes.push(config.wrong("an object"));
    }
}

fn settings(draft: &mut Draft, config: &At<'_>, is_given: bool) {
    let get = |name| if is_given { config.get(name) } else { None };
    let absent = |name: &str| config.clone().called(format!("{}.{name}", config.path()));
    if is_given {
        config.only(&KNOWN, &mut draft.notes);
    }
    if let Some(at) = get("credentials") {
        draft.settings.allow_credentials = at.flag(&mut draft.notes).unwrap_or(false);
    }
    origins(draft, get("origins"), &absent("origins"));
    methods(draft, get("methods"), &absent("methods"));
    headers(draft, get("headers"), &absent("headers"));
    if let Some(at) = get("exposed_headers") {
        let entries = at.texts(&mut draft.notes);
        lists::expose_headers(draft, &at, &entries);
    }
    if let Some(at) = get("max_age") {
        if let Some(seconds) = at.number(&mut draft.notes) {
            lists::max_age(draft, &at, seconds);
        }
    }
    if let Some(at) = get("private_network") {
        draft.settings.allow_private_network = at.flag(&mut draft.notes).unwrap_or(false);
    }
    if let Some(at) = get("preflight_continue") {
        if at.flag(&mut draft.notes) == Some(true) {
            let text = "the service answers preflights there; here the filter does. For paths where the service has \
                to answer, put a policy with `mode: passthrough` before this one";
            draft.note(Ask, &at, text);
        }
    }
    let text = "a preflight of another origin got 200 and no Access-Control-Allow-Origin; here it gets 403. \
                From now on the answers have Vary, and the upstream's own Access-Control-* headers are removed";
    draft.note(Changed, config, text);
}

/// Absent or empty means everyone, and so does one `*`.
fn origins(draft: &mut Draft, given: Option<At<'_>>, absent: &At<'_>) {
    let entries = given.as_ref().map(|at| at.texts(&mut draft.notes)).unwrap_or_default();
    let is_unread =
        given.as_ref().is_some_and(|at| !at.is_list() || (!at.items().is_empty() && entries.is_empty()));
    if is_unread {
        return;
    }
    if entries.is_empty() {
        everyone(draft, given.as_ref().unwrap_or(absent));
    }
    match entries.iter().find(|(text, _)| *text == "*") {
        Some((_, at)) => everyone(draft, at),
        None => entries.iter().for_each(|(text, at)| origin(draft, at, text, entries.len() == 1)),
    }
    settle(draft);
}

fn origin(draft: &mut Draft, at: &At<'_>, text: &str, is_single: bool) {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || ".:/-".contains(c));
    if text == "null" && is_single {
        null(draft, at);
    } else if is_plain && text.contains("://") {
        pattern(draft, at, text, Case::Kept);
    } else if is_plain {
        draft.note(
            Dropped,
            at,
            format!("`{text}` has no scheme, so it is not the origin of any page: it allowed nobody"),
        );
    } else if !draft.is_everyone() {
        from_the_start(draft, at, text);
    }
}

fn methods(draft: &mut Draft, given: Option<At<'_>>, absent: &At<'_>) {
    match given {
        Some(at) => {
            let entries = at.texts(&mut draft.notes);
            lists::methods(draft, &at, &entries);
        }
        None => {
            draft.settings.methods = METHODS.map(str::to_owned).to_vec();
            let text = "absent means all nine methods; no script may use TRACE and CONNECT";
            draft.note_about(Dropped, absent, "allow_methods", text);
        }
    }
}

/// Absent means that what is asked for is sent back.
fn headers(draft: &mut Draft, given: Option<At<'_>>, absent: &At<'_>) {
    let Some(at) = given else { return lists::headers(draft, absent, &[("*", absent.clone())]) };
    let mut entries = at.texts(&mut draft.notes);
    if draft.settings.allow_credentials && entries.len() == 1 {
        let before = entries.len();
        entries.retain(|(name, _)| *name != "*");
        if entries.len() < before {
            let text = "`*` is sent as it is there, which is a wildcard for pages that call without credentials; \
                they lose it here";
            draft.note_about(Narrower, &at, "allow_headers", text);
        }
    }
    lists::headers(draft, &at, &entries);
}

fn read_declarative(document: &At<'_>, conversion: &mut Conversion) {
    let global = own_plugin(document, None);
    let services = entries(document, "services");
    for service in &services {
        let name = service.said("name");
        let plugin = own_plugin(service, None).or_else(|| named_plugin(document, "service", name));
        let routes = entries(service, "routes");
        routes
            .iter()
            .for_each(|route| read_route(document, route, plugin.as_ref().or(global.as_ref()), conversion));
    }
    let routes = entries(document, "routes");
    for route in &routes {
        let service = route.get("service").and_then(|at| at.said("name"));
        let at = services.iter().find(|at| service.is_some() && at.said("name") == service);
        let plugin =
            at.and_then(|at| own_plugin(at, None)).or_else(|| named_plugin(document, "service", service));
        read_route(document, route, plugin.as_ref().or(global.as_ref()), conversion);
    }
    if let Some(global) = global {
        conversion.is_found = true;
        let mut draft = Draft::new("cors", &global, Standing::Listed);
        plugin(&mut draft, &global);
        conversion.drafts.push(draft);
    }
    for consumer in entries(document, "consumers") {
        if let Some(at) = own_plugin(&consumer, None) {
            conversion.is_found = true;
            let text = "a policy cannot apply to a consumer, who is known only after authentication: it was left out";
            conversion.notes.push(at.note(Ask, text));
        }
    }
}

/// The plugin in an object's own list. One that names what it is for belongs to that.
fn own_plugin<'a>(object: &At<'a>, target: Option<(&str, &str)>) -> Option<At<'a>> {
    let plugins = entries(object, "plugins");
    let is_for = |plugin: &At<'_>| match target {
        Some((kind, name)) => {
            let named = plugin.get(kind);
            let by_object = named.as_ref().and_then(|at| at.said("name"));
            plugin.said(kind).or(by_object) == Some(name)
        }
        None => ["service", "route", "consumer"].iter().all(|kind| plugin.get(kind).is_none()),
    };
    // Kong passes over what is disabled: the plugin of the next level counts then.
    let is_on =
        |plugin: &At<'_>| plugin.get("enabled").is_none_or(|at| at.flag(&mut Vec::new()) != Some(false));
    let is_ours = |plugin: &At<'_>| plugin.said("name") == Some("cors") && is_for(plugin) && is_on(plugin);
    plugins.into_iter().find(is_ours)
}

fn named_plugin<'a>(document: &At<'a>, kind: &str, name: Option<&str>) -> Option<At<'a>> {
    name.and_then(|name| own_plugin(document, Some((kind, name))))
}

fn read_route(document: &At<'_>, route: &At<'_>, inherited: Option<&At<'_>>, conversion: &mut Conversion) {
    let name = route.said("name");
    let own = own_plugin(route, None).or_else(|| named_plugin(document, "route", name));
    let mut draft = Draft::new(name.unwrap_or("cors"), route, Standing::ByLongestPath);
    if let Some(at) = own.as_ref().or(inherited) {
        conversion.is_found = true;
        plugin(&mut draft, at);
    }
    if place(&mut draft, route) {
        conversion.drafts.push(draft);
    } else {
        conversion.notes.extend(draft.notes);
    }
}

/// Gives the policy the route's `match`; whether it can be said.
fn place(draft: &mut Draft, route: &At<'_>) -> bool {
    let texts =
        |draft: &mut Draft, name| route.get(name).map(|at| at.texts(&mut draft.notes)).unwrap_or_default();
    let hosts = texts(draft, "hosts");
    let hosts = matching::hosts(&hosts, draft);
    draft.matching.hosts = hosts.names;
    let paths = texts(draft, "paths");
    for (text, at) in &paths {
        match text.strip_prefix('~') {
            Some(_) => {
                draft.note(Ask, at, "`match.paths` cannot have expressions; name the prefixes that are meant")
            }
            None => matching::path(draft, at, text, PathKind::Characters),
        }
    }
    let is_unsaid = hosts.is_none || (!paths.is_empty() && draft.matching.paths.is_empty());
    all_paths_if_root(draft);
    for at in NO_EQUIVALENT.iter().filter_map(|name| route.get(name)) {
        let text = "`match` has no equivalent: the policy applies to all requests to these hosts and paths";
        draft.note(Ask, &at, text);
        draft.note(Wider, &at, "the policy also covers requests that this route does not take");
    }
    !is_unsaid
}
