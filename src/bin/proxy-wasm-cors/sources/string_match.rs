//! The matchers of texts that Envoy has, and Istio hands to it:
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto>.

use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::note::NoteKind::Ask;
use crate::sources::origins::{Case, exact, settle, whole_regex};
use crate::sources::strangers::{contains, prefix, suffix};

const KNOWN: [&str; 9] = [
    "exact",
    "prefix",
    "suffix",
    "contains",
    "regex",
    "safe_regex",
    "safeRegex",
    "ignore_case",
    "ignoreCase",
];

/// Allows the origins that any of the matchers takes.
pub(crate) fn origins(draft: &mut Draft, at: &At<'_>) {
    for matcher in at.list(&mut draft.notes) {
        if let Some(matcher) = matcher.map(&mut draft.notes) {
            origin(draft, &matcher);
        }
    }
    settle(draft);
}

fn origin(draft: &mut Draft, matcher: &At<'_>) {
    matcher.only(&KNOWN, &mut draft.notes);
    let ignored = matcher.get_any(&["ignore_case", "ignoreCase"]);
    let is_ignored = ignored.and_then(|at| at.flag(&mut draft.notes)).unwrap_or(false);
    let case = if is_ignored { Case::Ignored } else { Case::Kept };
    let kinds = ["exact", "prefix", "suffix", "contains", "regex"];
    let given = kinds.iter().find_map(|kind| Some((*kind, matcher.get(kind)?)));
    let nested =
        matcher.get_any(&["safe_regex", "safeRegex"]).map(|at| ("regex", at.get("regex").unwrap_or(at)));
    let Some((kind, value)) = given.or(nested) else {
        return draft.note(Ask, matcher, "nothing here says which origins are meant, so it was left out");
    };
    let Some(text) = value.text(&mut draft.notes) else { return };
    match kind {
        "exact" => exact(draft, matcher, text, case),
        "prefix" => prefix(draft, matcher, text),
        "suffix" => suffix(draft, matcher, text),
        "contains" => contains(draft, matcher, text),
        _ => whole_regex(draft, matcher, text),
    }
}
