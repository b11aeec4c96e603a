//! The routes of a virtual host: which of them need a policy, and for which requests it is.

use crate::sources::Conversion;
use crate::sources::at::At;
use crate::sources::draft::{Draft, Standing};
use crate::sources::matching::{self, PathKind, all_paths_if_root};
use crate::sources::note::NoteKind::{Ask, Same, Wider};

use super::levels::{Levels, cors_of, deprecated_cors};
use super::{Reading, left_alone};

const PREFIXED: [&str; 2] = ["path_separated_prefix", "pathSeparatedPrefix"];

/// What a match can ask for that a policy's cannot.
const NO_EQUIVALENT: [&str; 12] = [
    "headers",
    "query_parameters",
    "queryParameters",
    "grpc",
    "runtime_fraction",
    "runtimeFraction",
    "tls_context",
    "tlsContext",
    "dynamic_metadata",
    "dynamicMetadata",
    "case_sensitive",
    "caseSensitive",
];

/// Adds the policies of the routes, in their order.
pub(super) fn read(
    reading: &mut Reading<'_>,
    host: &At<'_>,
    levels: &Levels<'_>,
    domains: &[String],
    conversion: &mut Conversion,
) {
    let routes = host.get("routes").map(|at| at.list(&mut conversion.notes)).unwrap_or_default();
    for (number, route) in routes.iter().enumerate() {
        let own = own_levels(route, levels, conversion);
        let is_own = own.is_some();
        let levels = own.as_ref().unwrap_or(levels);
        let standing = if is_own { Standing::Listed } else { Standing::Inherited };
        let name = route.said("name").map_or_else(|| name(host, number), str::to_owned);
        let mut draft = reading.draft(&name, route, levels, standing);
        draft.matching.hosts = domains.to_vec();
        conversion.is_found |= is_own;
        if is_own {
            say_of_own(&mut draft, route);
        } else {
            // What the host's policy says is said there.
            draft.notes.clear();
        }
        let is_needed = is_own || routes.iter().skip(number).any(has_own);
        if !is_needed || !place(&mut draft, route) {
            conversion.notes.append(&mut draft.notes);
            continue;
        }
        if is_own {
            reading.say_once(&mut draft, route);
        }
        conversion.drafts.push(draft);
    }
}

fn name(host: &At<'_>, number: usize) -> String {
    format!("{}-{number}", host.said("name").unwrap_or("host"))
}

fn has_own(route: &At<'_>) -> bool {
    cors_of(route, &mut Vec::new()).is_some()
        || route.get("route").is_some_and(|action| deprecated_cors(&action).is_some())
}

/// The levels of a route that has a policy of its own.
fn own_levels<'a>(route: &At<'a>, host: &Levels<'a>, conversion: &mut Conversion) -> Option<Levels<'a>> {
    let sealed = route.clone().sealed();
    let typed = cors_of(&sealed, &mut conversion.notes);
    let deprecated = sealed.get("route").and_then(|action| deprecated_cors(&action));
    weighted(route, conversion);
    if typed.is_none() && deprecated.is_none() {
        return None;
    }
    let mut levels = host.clone();
    levels.typed.extend(typed);
    levels.deprecated.extend(deprecated);
    Some(levels)
}

/// A weighted cluster can have a policy too, which is for a part of the route's requests.
fn weighted(route: &At<'_>, conversion: &mut Conversion) {
    let action = route.get("route");
    let weighted = action.and_then(|action| action.get_any(&["weighted_clusters", "weightedClusters"]));
    let clusters = weighted.and_then(|weighted| weighted.get("clusters")).map(|at| at.items());
    for cluster in clusters.unwrap_or_default() {
        if let Some(cors) = cors_of(&cluster, &mut conversion.notes) {
            conversion.is_found = true;
            let text = "a policy of a weighted cluster has no equivalent, so it was left out";
            conversion.notes.push(cors.note(Ask, text));
        }
    }
}

fn say_of_own(draft: &mut Draft, route: &At<'_>) {
    if draft.is_passthrough() {
        return left_alone(draft, route);
    }
    let text =
        "a route inherits the fields that it leaves empty from its virtual host, so they are repeated here";
    draft.note(Same, route, text);
}

/// Says which requests a policy applies to; returns whether that can be expressed.
fn place(draft: &mut Draft, route: &At<'_>) -> bool {
    if let Some(name) = route.said("name").filter(|name| !name.is_empty()) {
        draft.matching.routes.push(name.to_owned());
        return true;
    }
    let Some(at) = route.get("match") else { return true };
    let is_left_alone = draft.is_passthrough();
    let mut is_placed = path(draft, &at);
    for condition in NO_EQUIVALENT.iter().filter_map(|name| at.get(name)) {
        is_placed &= !is_left_alone;
        if !is_left_alone {
            let text = "`match` has no equivalent, so the policy also applies to requests without this. Give the \
                route a name";
            draft.note(Wider, &condition, text);
            draft.note(Ask, &condition, "give the route a name, or accept that");
        }
    }
    if !is_placed {
        let text = "`match` cannot express which requests this route takes, so policies below take them. Give the \
            route a name";
        draft.note(Ask, route, text);
        draft.note(Wider, route, "a policy below may allow pages that this route does not");
    }
    all_paths_if_root(draft);
    is_placed
}

fn path(draft: &mut Draft, at: &At<'_>) -> bool {
    let kinds: [(&[&str], PathKind); 3] =
        [(&["prefix"], PathKind::Characters), (&PREFIXED, PathKind::Segments), (&["path"], PathKind::Exact)];
    let given = kinds.iter().find_map(|(names, kind)| Some((at.get_any(names)?, *kind)));
    let Some((at, kind)) = given else { return false };
    let Some(text) = at.text(&mut draft.notes) else { return false };
    matching::path(draft, &at, text, kind);
    true
}
