//! For which requests a policy is: the hosts, paths and routes of a source.

use proxy_wasm_cors::config::Value;

use crate::sources::at::At;
use crate::sources::draft::{Draft, texts_of};
use crate::sources::note::NoteKind;

/// What becomes the `match` of a policy; an empty list is for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Match {
    pub(crate) hosts: Vec<String>,
    pub(crate) paths: Vec<String>,
    pub(crate) routes: Vec<String>,
    /// Whether a path stands for one path in the source, and here for all below it too.
    pub(crate) is_widened: bool,
}

/// How a source compares a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathKind {
    /// By whole segments, as the filter does.
    Segments,
    /// By characters.
    Characters,
    /// As a whole.
    Exact,
}

impl Match {
    /// Whether it matches every request.
    pub(crate) fn is_any(&self) -> bool {
        self.hosts.is_empty() && self.paths.is_empty() && self.routes.is_empty()
    }

    /// The object that the filter reads.
    pub(crate) fn to_value(&self) -> Value {
        let kinds = [("hosts", &self.hosts), ("paths", &self.paths), ("routes", &self.routes)];
        let given = kinds.into_iter().filter(|(_, texts)| !texts.is_empty());
        Value::Object(given.map(|(name, texts)| (name.to_owned(), Value::List(texts_of(texts)))).collect())
    }

    /// Whether it matches all that another one matches.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        covers(&self.hosts, &other.hosts, host_covers)
            && covers(&self.paths, &other.paths, path_covers)
            && covers(&self.routes, &other.routes, |own, other| own == other)
    }

    /// Whether some request could match both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        overlaps(&self.hosts, &other.hosts, host_covers)
            && overlaps(&self.paths, &other.paths, path_covers)
            && overlaps(&self.routes, &other.routes, |own, other| own == other)
    }

    /// How far from naming hosts it is: exact ones come first, those with `*` then, and none at all last.
    pub(crate) fn host_rank(&self) -> (u8, usize) {
        let wildcards = self.hosts.iter().filter(|host| host.starts_with("*."));
        match (self.hosts.is_empty(), wildcards.map(String::len).min()) {
            (true, _) => (2, 0),
            (false, None) => (0, 0),
            // The longest end decides.
            (false, Some(length)) => (1, usize::MAX.saturating_sub(length)),
        }
    }
}

fn covers(own: &[String], other: &[String], is_above: fn(&str, &str) -> bool) -> bool {
    let is_covered = |other: &String| own.iter().any(|own| is_above(own, other));
    own.is_empty() || (!other.is_empty() && other.iter().all(is_covered))
}

fn overlaps(own: &[String], other: &[String], is_above: fn(&str, &str) -> bool) -> bool {
    let meets = |a: &String| other.iter().any(|b| is_above(a, b) || is_above(b, a));
    own.is_empty() || other.is_empty() || own.iter().any(meets)
}

fn host_covers(above: &str, host: &str) -> bool {
    match above.strip_prefix('*') {
        Some(end) => above == host || host.strip_prefix('*').unwrap_or(host).ends_with(end),
        None => above == host,
    }
}

/// Whether a path is another or stands above it, by whole segments.
pub(crate) fn path_covers(above: &str, path: &str) -> bool {
    let below = path.strip_prefix(above.trim_end_matches('/'));
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What the hosts of a source come to.
#[derive(Default)]
pub(crate) struct Hosts {
    /// For `match.hosts`; empty is for all.
    pub(crate) names: Vec<String>,
    /// Whether hosts were given of which none can be said.
    pub(crate) is_none: bool,
}

/// Reads the hosts of a source. Notes on them are for whoever needs the hosts.
pub(crate) fn hosts(hosts: &[(&str, At<'_>)], draft: &mut Draft) -> Hosts {
    let mut names: Vec<String> = Vec::new();
    let mut is_any = hosts.is_empty();
    for (text, at) in hosts {
        match host(text) {
            Some(name) if name == "*" => is_any = true,
            Some(name) if names.contains(&name) => {
                let text = format!("`match.hosts` ignores ports, so this is `{name}` again");
                draft.note_about(NoteKind::Same, at, "match.hosts", text);
            }
            Some(name) => names.push(name),
            None => {
                let text = format!("`match.hosts` cannot express `{}`; name the hosts", text.escape_debug());
                draft.note_about(NoteKind::Ask, at, "match.hosts", text);
            }
        }
    }
    let is_none = names.is_empty() && !is_any;
    Hosts { names: if is_any { Vec::new() } else { names }, is_none }
}

/// A host without its port, in lower case; `None` if it has no equivalent.
fn host(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let name = match lower.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') && (port == "*" || port.parse::<u16>().is_ok()) => name,
        _ => lower.as_str(),
    };
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let is_address = bare.starts_with('[') && bare.ends_with(']');
    let is_name = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    (name == "*" || is_address || is_name).then(|| name.to_owned())
}

/// Adds a path of a source.
pub(crate) fn path(draft: &mut Draft, at: &At<'_>, path: &str, kind: PathKind) {
    let bare = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let bare = if bare.is_empty() { "/" } else { bare };
    let about = "match.paths";
    // Where requests are left alone, a policy that takes fewer lets pages do more.
    let (narrower, wider) = match draft.is_passthrough() {
        true => (NoteKind::Wider, NoteKind::Narrower),
        false => (NoteKind::Narrower, NoteKind::Wider),
    };
    match kind {
        PathKind::Exact => {
            draft.matching.is_widened = true;
            let text = format!(
                "there, this is only the path `{path}`; `match.paths` also matches everything below it"
            );
            draft.note_about(wider, at, about, text);
        }
        PathKind::Characters if bare != "/" && bare == path => {
            let text = format!(
                "the prefix `{path}` also matches `{path}es` there; `match.paths` takes whole segments"
            );
            draft.note_about(narrower, at, about, text);
        }
        PathKind::Characters if bare != path => {
            let text =
                format!("the prefix `{path}` does not match `{bare}` itself there; `match.paths` does");
            draft.note_about(wider, at, about, text);
        }
        PathKind::Characters | PathKind::Segments => {}
    }
    if bare == "/" && kind == PathKind::Exact {
        let text = "so the policy is for every path; give it longer paths if other policies come after it";
        draft.note_about(NoteKind::Ask, at, about, text);
    }
    if !draft.matching.paths.iter().any(|known| known == bare) {
        draft.matching.paths.push(bare.to_owned());
    }
}

/// After the last path: one that is every path makes the others superfluous.
pub(crate) fn all_paths_if_root(draft: &mut Draft) {
    if draft.matching.paths.iter().any(|path| path == "/") {
        draft.matching.paths.clear();
    }
}
