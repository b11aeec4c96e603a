//! The plugin `cors` of APISIX, in resources of Kubernetes, in `apisix.yaml` and as the Admin API has it:
//! <https://apisix.apache.org/docs/apisix/plugins/cors/>.

use crate::sources::anywhere::anywhere;
use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching::{self, PathKind, all_paths_if_root};
use crate::sources::note::NoteKind::{Ask, Changed, Dropped, Same, Wider};
use crate::sources::origins::{Case, everyone, exact, null, settle};
use crate::sources::{Conversion, is_resource, lists, names};

const GROUP: &str = "apisix.apache.org";

const KNOWN: [&str; 10] = [
    "allow_origins",
    "allow_origins_by_regex",
    "allow_origins_by_metadata",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "allow_credential",
    "timing_allow_origins",
    "timing_allow_origins_by_regex",
];

/// What `**` stands for, but for those that no script may use.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// How long answers are kept by default, in seconds.
const MAX_AGE: f64 = 5.0;

/// What a route can ask for that a policy's `match` cannot.
const NO_EQUIVALENT: [&str; 8] =
    ["methods", "vars", "exprs", "filter_func", "filterFunc", "remote_addrs", "remoteAddrs", "remote_addr"];

/// Whether a document is of APISIX.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    ["ApisixRoute", "ApisixPluginConfig", "ApisixGlobalRule"]
        .iter()
        .any(|kind| is_resource(document, GROUP, kind))
        || (document.get("kind").is_none() && !objects(document).is_empty())
}

/// What the Admin API or a file has: routes and rules, each with plugins as an object.
fn objects<'a>(document: &At<'a>) -> Vec<At<'a>> {
    let lists = ["list", "routes", "services", "plugin_configs", "global_rules"];
    let entries = lists.iter().filter_map(|name| document.get(name)).flat_map(|list| list.items());
    let all = std::iter::once(document.clone()).chain(entries);
    all.map(|at| at.get("value").filter(At::is_map).unwrap_or(at)).filter(|at| cors(at).is_some()).collect()
}

fn cors<'a>(object: &At<'a>) -> Option<At<'a>> {
    object.get("plugins").filter(At::is_map)?.get("cors")
}

/// Reads a document.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    match document.said("kind") {
        Some("ApisixRoute") => read_route_resource(document, conversion),
        Some(_) => read_plugins_resource(document, conversion),
        None => read_objects(document, conversion),
    }
}

fn read_route_resource(document: &At<'_>, conversion: &mut Conversion) {
    let (name, _) = names(document);
    let http = document.get_path(&["spec", "http"]).map(|list| list.items()).unwrap_or_default();
    for rule in &http {
        let rule_name = rule.said("name").unwrap_or_default();
        let mut draft = Draft::new(format!("{name}-{rule_name}"), rule, Standing::ByLongestPath);
        if let Some(plugin) = listed_plugin(rule, &mut draft) {
            conversion.is_found = true;
            plugin_of_resource(&mut draft, &plugin);
        } else if let Some(at) = rule.get("plugin_config_name") {
            let text =
                "an ApisixPluginConfig lists the plugins: convert it too, and give its policy this `match`";
            draft.note(Ask, &at, text);
        }
        let matching = rule.get("match");
        push(draft, matching.as_ref().unwrap_or(rule), conversion);
    }
}

/// The plugin in a list of them, unless it is switched off.
fn listed_plugin<'a>(object: &At<'a>, draft: &mut Draft) -> Option<At<'a>> {
    let plugins = object.get("plugins").map(|list| list.items()).unwrap_or_default();
    let plugin = plugins.into_iter().find(|plugin| plugin.said("name") == Some("cors"))?;
    let is_on = plugin.get("enable").and_then(|at| at.flag(&mut draft.notes)).unwrap_or(true);
    is_on.then_some(plugin)
}

fn plugin_of_resource(draft: &mut Draft, plugin: &At<'_>) {
    if plugin.get("secretRef").is_some() {
        draft.note(Ask, plugin, "the content of the secret is not in the file, so it was left out");
    }
    let config = plugin.get("config");
    settings(
        draft,
        &config.unwrap_or_else(|| plugin.clone().called(format!("{}.config", plugin.path()))),
        plugin,
    );
}

fn read_plugins_resource(document: &At<'_>, conversion: &mut Conversion) {
    let Some(spec) = document.get("spec") else { return };
    let (name, _) = names(document);
    let mut draft = Draft::new(name, document, Standing::Alone);
    let Some(plugin) = listed_plugin(&spec, &mut draft) else { return };
    conversion.is_found = true;
    plugin_of_resource(&mut draft, &plugin);
    let place = document
        .get_path(&["metadata", "name"])
        .filter(|_| document.said("kind") == Some("ApisixPluginConfig"));
    if let Some(at) = place {
        let text = "an ApisixPluginConfig does not name hosts and paths; the routes that use it do. Give the policy \
            their `match`";
        draft.note_about(Ask, &at, "match", text);
    }
    conversion.drafts.push(draft);
}

fn read_objects(document: &At<'_>, conversion: &mut Conversion) {
    let alone = cors(document).is_some().then(|| document.clone());
    let routes: Vec<At<'_>> =
        ["routes", "list"].iter().flat_map(|name| values(document, name)).chain(alone).collect();
    for route in &routes {
        read_route(document, route, conversion);
    }
    for rule in values(document, "global_rules") {
        let Some(at) = cors(&rule) else { continue };
        conversion.is_found = true;
        let mut draft = Draft::new("global", &rule, Standing::Listed);
        settings(&mut draft, &at, &at);
        conversion.drafts.push(draft);
    }
}

fn values<'a>(document: &At<'a>, name: &str) -> Vec<At<'a>> {
    let entries = document.get(name).map(|list| list.items()).unwrap_or_default();
    entries.into_iter().map(|at| at.get("value").filter(At::is_map).unwrap_or(at)).collect()
}

fn read_route(document: &At<'_>, route: &At<'_>, conversion: &mut Conversion) {
    let name = route.said("name").or_else(|| route.said("id")).unwrap_or("cors");
    let mut draft = Draft::new(name, route, Standing::ByLongestPath);
    if let Some(at) = plugin_of(document, route) {
        conversion.is_found = true;
        let is_off =
            at.get_path(&["_meta", "disable"]).is_some_and(|at| at.flag(&mut draft.notes) == Some(true));
        if !is_off {
            settings(&mut draft, &at, &at);
        }
    }
    push(draft, route, conversion);
}

/// The route's own plugin, else that of its set of plugins, else that of its service.
fn plugin_of<'a>(document: &At<'a>, route: &At<'a>) -> Option<At<'a>> {
    let by_id = |list: &str, field: &str| {
        let id = route.get(field)?.value();
        values(document, list).into_iter().find(|it| it.get("id").is_some_and(|at| at.value() == id))
    };
    cors(route)
        .or_else(|| cors(&by_id("plugin_configs", "plugin_config_id")?))
        .or_else(|| cors(&by_id("services", "service_id")?))
}

/// Gives the policy the hosts and paths, and keeps it if they can be expressed.
fn push(mut draft: Draft, place: &At<'_>, conversion: &mut Conversion) {
    let hosts: Vec<(&str, At<'_>)> =
        ["host", "hosts"].iter().flat_map(|name| texts(&mut draft, place, name)).collect();
    let hosts = matching::hosts(&hosts, &mut draft);
    draft.matching.hosts = hosts.names;
    for name in ["uri", "uris", "path", "paths"] {
        let Some(list) = place.get(name) else { continue };
        for (text, _) in texts(&mut draft, place, name) {
            path(&mut draft, &list, text);
        }
    }
    all_paths_if_root(&mut draft);
    let is_ours = !draft.is_passthrough();
    for at in NO_EQUIVALENT.iter().filter_map(|name| place.get(name)).filter(|_| is_ours) {
        draft.note(
            Ask,
            &at,
            "`match` has no equivalent: the policy applies to all requests to these hosts and paths",
        );
        draft.note(Wider, &at, "the policy also covers requests that this route does not take");
    }
    if hosts.is_none {
        conversion.notes.extend(draft.notes);
    } else {
        conversion.drafts.push(draft);
    }
}

/// A text or a list of them.
fn texts<'a>(draft: &mut Draft, object: &At<'a>, name: &str) -> Vec<(&'a str, At<'a>)> {
    match object.get(name) {
        Some(at) if at.is_list() => at.texts(&mut draft.notes),
        Some(at) => at.text(&mut draft.notes).map(|text| (text, at)).into_iter().collect(),
        None => Vec::new(),
    }
}

/// `/x/*` is a prefix by characters, anything else one path.
fn path(draft: &mut Draft, at: &At<'_>, text: &str) {
    match text.strip_suffix('*') {
        Some("/" | "") => draft.matching.paths.push("/".to_owned()),
        Some(prefix) => matching::path(draft, at, prefix, PathKind::Characters),
        None if text.contains(['*', ':']) => {
            draft.note(
                Ask,
                at,
                format!(
                    "`match.paths` cannot express `{}`; name the prefix that is meant",
                    text.escape_debug()
                ),
            );
        }
        None => matching::path(draft, at, text, PathKind::Exact),
    }
}

fn settings(draft: &mut Draft, config: &At<'_>, plugin: &At<'_>) {
    config.only(&[KNOWN.as_slice(), &["_meta", "config", "name", "enable"]].concat(), &mut draft.notes);
    if let Some(at) = config.get("allow_credential") {
        draft.settings.allow_credentials = at.flag(&mut draft.notes).unwrap_or(false);
    }
    origins(draft, config);
    methods(draft, config);
    headers(draft, config);
    if let Some(at) = config.get("expose_headers") {
        let text = at.text(&mut draft.notes).unwrap_or_default();
        lists::expose_headers(draft, &at, &lists::with_commas(text, &at));
    }
    max_age(draft, config);
    for at in
        ["timing_allow_origins", "timing_allow_origins_by_regex"].iter().filter_map(|name| config.get(name))
    {
        let text = "`allow_timing` sends Timing-Allow-Origin only to the origins of the policy: add it if that is \
            meant";
        draft.note(Ask, &at, text);
    }
    let text = "APISIX answers every OPTIONS request with 200 itself; here one that is not a preflight goes to the \
        service, \
                and a preflight of another origin gets 403. From now on the answers have Vary";
    draft.note(Changed, plugin, text);
}

fn absent<'a>(config: &At<'a>, name: &str) -> At<'a> {
    config.clone().called(format!("{}.{name}", config.path()))
}

/// Where there are expressions, the list is not looked at.
fn origins(draft: &mut Draft, config: &At<'_>) {
    let listed = config.get("allow_origins");
    if let Some(at) = config.get("allow_origins_by_metadata") {
        draft.note(Ask, &at, "the lists are in the plugin's metadata, not in the file: they were left out");
    }
    match config.get("allow_origins_by_regex") {
        Some(at) => {
            at.texts(&mut draft.notes).iter().for_each(|(text, at)| anywhere(draft, at, text));
            if let Some(listed) = listed {
                draft.note(Dropped, &listed, "it is ignored beside `allow_origins_by_regex`");
            }
        }
        None => {
            let text = listed.as_ref().map_or(Some("*"), |at| at.text(&mut draft.notes));
            let at = listed.unwrap_or_else(|| absent(config, "allow_origins"));
            text.into_iter().for_each(|text| named_origins(draft, &at, text));
        }
    }
    settle(draft);
}

fn named_origins(draft: &mut Draft, at: &At<'_>, text: &str) {
    for origin in text.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
        match origin {
            "**" => {
                everyone(draft, at);
                if !draft.settings.allow_credentials {
                    let text =
                        "`**` allows every origin that asks; without credentials this is `*` to a page";
                    draft.note_about(Same, at, "allow_origins", text);
                }
            }
            "null" => null(draft, at),
            origin => exact(draft, at, origin, Case::Kept),
        }
    }
}

fn methods(draft: &mut Draft, config: &At<'_>) {
    let given = config.get("allow_methods");
    let text = given.as_ref().map_or(Some("*"), |at| at.text(&mut draft.notes)).unwrap_or_default();
    let at = given.unwrap_or_else(|| absent(config, "allow_methods"));
    if text.trim() == "**" {
        draft.settings.methods = METHODS.map(str::to_owned).to_vec();
        let text = "`**` stands for nine methods; no script may use CONNECT and TRACE";
        return draft.note_about(Dropped, &at, "allow_methods", text);
    }
    let mut entries = lists::with_commas(text, &at);
    literal_star(draft, &at, "allow_methods", &mut entries);
    lists::methods(draft, &at, &entries);
}

fn headers(draft: &mut Draft, config: &At<'_>) {
    let given = config.get("allow_headers");
    let text = given.as_ref().map_or(Some("*"), |at| at.text(&mut draft.notes)).unwrap_or_default();
    let at = given.unwrap_or_else(|| absent(config, "allow_headers"));
    if text.trim() == "**" {
        let all = if draft.settings.allow_credentials { vec!["*"] } else { vec!["*", "Authorization"] };
        draft.settings.headers = all.into_iter().map(str::to_owned).collect();
        let text = "`**` allows every header that a page asks for, including Authorization";
        return draft.note_about(Same, &at, "allow_headers", text);
    }
    let mut entries = lists::with_commas(text, &at);
    literal_star(draft, &at, "allow_headers", &mut entries);
    lists::headers(draft, &at, &entries);
}

/// APISIX refuses `*` with credentials; a browser would treat a literal one as a name.
fn literal_star(draft: &mut Draft, at: &At<'_>, about: &str, entries: &mut Vec<lists::Entry<'_, '_>>) {
    let count = entries.len();
    if draft.settings.allow_credentials {
        entries.retain(|(name, _)| *name != "*");
    }
    if entries.len() < count {
        let text = "`*` is sent as it is, but with credentials browsers do not treat it as a wildcard";
        draft.note_about(Dropped, at, about, text);
    }
}

/// `-1` means that nothing is kept.
fn max_age(draft: &mut Draft, config: &At<'_>) {
    let Some(at) = config.get("max_age") else {
        let at = absent(config, "max_age");
        lists::max_age(draft, &at, MAX_AGE);
        return draft.note_about(Same, &at, "max_age", "absent means 5 seconds");
    };
    if let Some(seconds) = at.number(&mut draft.notes) {
        lists::max_age(draft, &at, seconds);
    }
}
