//! `cors-allow-origin`, which ingress-nginx makes an expression of, in which `*.` stands for one label.

use crate::sources::at::At;
use crate::sources::draft::{AllowedOrigin, Draft};
use crate::sources::note::NoteKind::{Ask, Dropped, Same};
use crate::sources::origins::{self, Case};

/// What a text has to be made of, or the whole annotation counts as absent.
fn is_valid(entry: &str) -> bool {
    let rest = entry.split_once("://").map_or(entry, |(scheme, rest)| {
        let is_scheme = scheme.chars().all(|c| c.is_ascii_lowercase());
        if is_scheme { rest } else { "/" }
    });
    let name = rest.strip_prefix("*.").unwrap_or(rest);
    let name = match name.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => name,
    };
    entry == "*" || name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// Whether everyone is let in: one `*` among others does, and so does a text that is not such a list.
pub(super) fn is_everyone(text: &str) -> bool {
    entries(text).any(|entry| entry == "*") || !entries(text).all(is_valid) || entries(text).next().is_none()
}

/// `*`, which is sent as it is.
pub(super) fn everyone(draft: &mut Draft, at: &At<'_>) {
    draft.allow(at, AllowedOrigin::everyone());
}

/// Reads the list.
pub(super) fn read(draft: &mut Draft, at: &At<'_>, text: &str) {
    if !is_everyone(text) {
        return entries(text).for_each(|entry| read_entry(draft, at, entry));
    }
    everyone(draft, at);
    if !entries(text).any(|entry| entry == "*") {
        let text = format!(
            "`{}` is not a list of origins to ingress-nginx, so it ignores it and allows everyone. Name the origins \
                that are meant, without a slash at the end",
            text.escape_debug()
        );
        draft.note_about(Ask, at, "allow_origins", text);
    }
}

fn read_entry(draft: &mut Draft, at: &At<'_>, entry: &str) {
    if entry == "null" {
        return origins::null(draft, at);
    }
    let Some((scheme, rest)) = entry.split_once("://") else {
        let text = format!("`{}` has no scheme, so ingress-nginx leaves it out", entry.escape_debug());
        return draft.note(Dropped, at, text);
    };
    let Some(host) = rest.strip_prefix("*.") else {
        return origins::pattern(draft, at, entry, Case::Ignored);
    };
    let host = host.to_ascii_lowercase();
    let about = draft.next_origin();
    let text = format!(
        "the wildcard stands for one label there, so it becomes an expression; write `{scheme}://*.{host}` if deeper \
         ones are meant too"
    );
    draft.note_about(Same, at, &about, text);
    let regex = format!("{scheme}://[a-z0-9-]+\\.{}", host.replace('.', "\\."));
    origins::regex(draft, at, &regex);
}
