//! Filters of the type `CORS` of an HTTPRoute:
//! <https://gateway-api.sigs.k8s.io/reference/spec/#httpcorsfilter>.

use proxy_wasm_cors::config::Value;

use crate::sources::at::At;
use crate::sources::draft::{AllowedOrigin, Draft, Standing};
use crate::sources::matching::{self, PathKind};
use crate::sources::note::NoteKind::{Ask, Changed, Same, Wider};
use crate::sources::origins::of_gateway;
use crate::sources::{Conversion, Target, is_resource, lists, names};

const KNOWN: [&str; 6] =
    ["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials"];

/// What the definition of the resource puts where `maxAge` is absent.
const MAX_AGE: f64 = 5.0;

/// Whether a document is an HTTPRoute.
pub(crate) fn is_of(document: &At<'_>) -> bool {
    is_resource(document, "gateway.networking.k8s.io", "HTTPRoute")
}

/// Reads an HTTPRoute.
pub(crate) fn read(document: &At<'_>, conversion: &mut Conversion) {
    let Some(rules) = document.get_path(&["spec", "rules"]) else { return };
    let rules = rules.items();
    let is_here = rules.iter().any(|rule| filter(rule).is_some());
    // Another route may leave alone what a policy would take.
    conversion.is_found |= is_here;
    add_target(document, conversion);
    let mut is_said = false;
    for (number, rule) in rules.iter().enumerate() {
        let (name, _) = names(document);
        let mut draft = Draft::new(format!("{name}-{number}"), rule, Standing::ByLongestPath);
        if let Some(filter) = filter(rule) {
            read_filter(&mut draft, &filter, std::mem::replace(&mut is_said, true));
        }
        place(&mut draft, document, rule, conversion);
    }
}

fn filter<'a>(rule: &At<'a>) -> Option<At<'a>> {
    let filters = rule.get("filters").map(|at| at.items()).unwrap_or_default();
    filters.into_iter().find(|filter| filter.said("type") == Some("CORS") || filter.get("cors").is_some())
}

fn read_filter(draft: &mut Draft, filter: &At<'_>, is_said: bool) {
    let Some(cors) = filter.get("cors") else {
        return draft.note(Ask, filter, "the filter has no `cors`, so it was left out");
    };
    let Some(cors) = cors.map(&mut draft.notes) else { return };
    settings(draft, &cors);
    if !is_said {
        let text = "from now on preflights of other origins get 403, the answers have Vary, the upstream's own \
            Access-Control-* headers are removed, and errors and redirects have CORS headers too";
        draft.note(Changed, &cors, text);
        draft.note(Ask, filter, "remove the CORS filter once this one is in force; otherwise both decide");
    }
}

fn settings(draft: &mut Draft, cors: &At<'_>) {
    cors.only(&KNOWN, &mut draft.notes);
    of_gateway(draft, cors);
    if draft.settings.origins.iter().any(AllowedOrigin::is_wildcard) {
        draft.note(
            Same,
            cors,
            "the fields mean the same, including the wildcard: any number of labels, but not the domain itself",
        );
    }
    lists::named(draft, cors, ["allowMethods", "allowHeaders", "exposeHeaders"]);
    max_age(draft, cors);
}

fn max_age(draft: &mut Draft, cors: &At<'_>) {
    match cors.get("maxAge") {
        Some(at) => {
            if let Some(seconds) = at.number(&mut draft.notes) {
                lists::max_age(draft, &at, seconds);
            }
        }
        None => {
            lists::max_age(draft, cors, MAX_AGE);
            let at = cors.clone().called(format!("{}.maxAge", cors.path()));
            draft.note_about(
                Same,
                &at,
                "max_age",
                "absent means 5 seconds, according to the definition of the resource",
            );
        }
    }
}

fn place(draft: &mut Draft, document: &At<'_>, rule: &At<'_>, conversion: &mut Conversion) {
    let hostnames = document.get_path(&["spec", "hostnames"]);
    let texts = hostnames.map(|at| at.texts(&mut draft.notes)).unwrap_or_default();
    if texts.is_empty() && !draft.is_passthrough() {
        if let Some(spec) = document.get("spec") {
            let text = "there are no `hostnames`, so those of the listener apply; give the policy's `match` these \
                hosts";
            draft.note_about(Ask, &spec, "match", text);
        }
    }
    let hosts = matching::hosts(&texts, draft);
    draft.matching.hosts = hosts.names;
    let is_placed = !hosts.is_none && paths(draft, rule);
    match filter(rule) {
        None if is_placed => draft.note(Same, rule, "no filter: requests pass untouched here too"),
        None => {
            let text = "no filter, and `match` cannot say for which requests: policies for shorter paths take these \
                too";
            draft.note(Ask, rule, text);
            draft.note(Wider, rule, "pages that such a policy allows can read these answers too");
        }
        Some(_) if draft.is_passthrough() => {
            draft.note(Same, rule, "it allows no origin, so there is no policy: requests pass untouched");
        }
        Some(_) => {}
    }
    match is_placed {
        true => conversion.drafts.push(draft.clone()),
        false => conversion.notes.append(&mut draft.notes),
    }
}

/// The paths of a policy; returns whether they can be expressed.
fn paths(draft: &mut Draft, rule: &At<'_>) -> bool {
    let matches = rule.get("matches").map(|at| at.list(&mut draft.notes)).unwrap_or_default();
    let mut is_every = matches.is_empty();
    for one in &matches {
        if !without_equivalent(draft, one) {
            return false;
        }
        match one.get("path") {
            None => is_every = true,
            Some(at) => {
                if !path(draft, &at) {
                    return false;
                }
            }
        }
    }
    // A longer one beside it still counts where paths compete.
    if is_every && !draft.matching.paths.is_empty() {
        draft.matching.paths.push("/".to_owned());
    }
    true
}

fn path(draft: &mut Draft, at: &At<'_>) -> bool {
    let value = at.get("value").map_or(Some("/"), |value| value.text(&mut draft.notes));
    let Some(value) = value else { return false };
    match at.said("type") {
        Some("Exact") => matching::path(draft, at, value, PathKind::Exact),
        None | Some("PathPrefix") => matching::path(draft, at, value, PathKind::Segments),
        Some(_) => {
            let text =
                "`match` has no expressions for paths, so it was left out; write the paths as prefixes";
            draft.note(Ask, at, text);
            return false;
        }
    }
    true
}

/// Whether a policy can be for what a match asks for beside the path.
fn without_equivalent(draft: &mut Draft, one: &At<'_>) -> bool {
    let is_left_alone = draft.is_passthrough();
    let given: Vec<At<'_>> =
        ["method", "headers", "queryParams"].iter().filter_map(|name| one.get(name)).collect();
    for at in &given {
        if !is_left_alone {
            draft.note(
                Wider,
                at,
                "`match` has no equivalent, so the policy also applies to requests without this",
            );
            draft.note(Ask, at, "accept that, or give these requests their own path");
        }
    }
    given.is_empty() || !is_left_alone
}

fn add_target(document: &At<'_>, conversion: &mut Conversion) {
    let (name, namespace) = names(document);
    let refs = document.get_path(&["spec", "parentRefs"]).map(|at| at.items()).unwrap_or_default();
    let gateway = |at: &At<'_>| {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut members = vec![
            ("group".to_owned(), text("gateway.networking.k8s.io")),
            ("kind".to_owned(), text("Gateway")),
            ("name".to_owned(), text(at.said("name")?)),
        ];
        members.extend(at.said("sectionName").map(|name| ("sectionName".to_owned(), text(name))));
        at.said("kind").is_none_or(|kind| kind == "Gateway").then_some(Value::Object(members))
    };
    let gateways: Vec<Value> = refs.iter().filter_map(gateway).collect();
    let fields =
        if gateways.is_empty() { Vec::new() } else { vec![("targetRefs".to_owned(), Value::List(gateways))] };
    let namespace = refs.iter().find_map(|at| at.said("namespace")).or(namespace).map(str::to_owned);
    conversion.targets.push(Target { name: name.to_owned(), namespace, fields });
}
