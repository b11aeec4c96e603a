//! The hosts and paths of an Ingress: each pair is a location, for which the annotations count.

use crate::sources::Conversion;
use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::matching::{self, PathKind};
use crate::sources::note::NoteKind::{Ask, Same, Wider};

/// A rule, and the paths that its hosts share.
struct Group<'a> {
    hosts: Vec<(&'a str, At<'a>)>,
    is_any_host: bool,
    /// The paths with their kinds, by which rules are put together.
    written: Vec<(String, Option<String>)>,
    paths: Vec<At<'a>>,
}

/// Adds a policy for each group of hosts with the same paths.
pub(super) fn place(draft: &Draft, document: &At<'_>, has_regexes: bool, conversion: &mut Conversion) {
    let spec = document.get("spec");
    let rules = spec.as_ref().and_then(|spec| spec.get("rules"));
    let rules = rules.map(|at| at.list(&mut conversion.notes)).unwrap_or_default();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for rule in &rules {
        add(&mut groups, rule, conversion);
    }
    if rules.is_empty() {
        groups.push(Group { hosts: Vec::new(), is_any_host: true, written: Vec::new(), paths: Vec::new() });
    }
    let is_one = groups.len() == 1;
    for (number, group) in groups.iter().enumerate() {
        let mut part = draft.clone();
        if !is_one {
            part.name = format!("{}-{number}", draft.name);
        }
        place_group(part, group, has_regexes, conversion);
    }
}

fn add<'a>(groups: &mut Vec<Group<'a>>, rule: &At<'a>, conversion: &mut Conversion) {
    let host = match rule.get("host") {
        Some(at) => match at.text(&mut conversion.notes) {
            Some(text) => Some((text, at)),
            None => return,
        },
        None => None,
    };
    let paths =
        rule.get_path(&["http", "paths"]).map(|at| at.list(&mut conversion.notes)).unwrap_or_default();
    let said = |at: &At<'_>, name: &str| at.said(name).map(str::to_owned);
    let written: Vec<_> =
        paths.iter().map(|at| (said(at, "path").unwrap_or_default(), said(at, "pathType"))).collect();
    match groups.iter_mut().find(|group| group.written == written && group.is_any_host == host.is_none()) {
        Some(group) => group.hosts.extend(host),
        None => {
            let is_any_host = host.is_none();
            groups.push(Group { hosts: host.into_iter().collect(), is_any_host, written, paths });
        }
    }
}

fn place_group(mut draft: Draft, group: &Group<'_>, has_regexes: bool, conversion: &mut Conversion) {
    let hosts = matching::hosts(&group.hosts, &mut draft);
    draft.matching.hosts = hosts.names;
    let is_left_alone = draft.is_passthrough();
    for (host, at) in group.hosts.iter().filter(|(host, _)| host.starts_with("*.") && !is_left_alone) {
        let text =
            format!("`{host}` stands for one label in an Ingress, but for any number in `match.hosts`");
        draft.note_about(Wider, at, "match.hosts", text);
    }
    let is_placed =
        group.paths.iter().fold(!hosts.is_none, |all, at| path(&mut draft, at, has_regexes) && all);
    let has_paths = group.paths.is_empty() || is_placed || !draft.matching.paths.is_empty();
    if !has_paths || hosts.is_none || (is_left_alone && !is_placed) {
        conversion.notes.append(&mut draft.notes);
        return;
    }
    conversion.drafts.push(draft);
}

/// Adds a path; whether it can be said.
fn path(draft: &mut Draft, at: &At<'_>, has_regexes: bool) -> bool {
    let path = at.get("path").map_or(Some("/"), |path| path.text(&mut draft.notes));
    let Some(path) = path else { return false };
    let kind = match at.said("pathType") {
        Some("Exact") => PathKind::Exact,
        Some("Prefix") => PathKind::Segments,
        _ => PathKind::Characters,
    };
    if has_regexes
        && (kind == PathKind::Characters || path.contains(['(', '*', '[', '$', '\\', '+', '?', '|']))
    {
        let text = format!("`{}` is an expression there, which `match` does not have", path.escape_debug());
        draft.note_about(Ask, at, "match", text);
        return false;
    }
    if path == "/" && kind != PathKind::Exact && !draft.is_passthrough() {
        draft.note_about(Same, at, "match", "the path / is every path");
    }
    matching::path(draft, at, path, kind);
    true
}
