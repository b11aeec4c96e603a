//! The result of several levels of `CorsPolicy`: each field comes from the most specific level that has it.

use proxy_wasm_cors::config::Value;

use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::note::Note;
use crate::sources::note::NoteKind::Ask;
use crate::sources::{lists, string_match};

const FILTER: &str = "envoy.filters.http.cors";
const POLICY: &str = "envoy.extensions.filters.http.cors.v3.CorsPolicy";
const FILTER_CONFIG: &str = "envoy.config.route.v3.FilterConfig";

/// The fields of a `CorsPolicy`, each as it is written in YAML and in JSON of protobuf.
const KNOWN: [&str; 21] = [
    "@type",
    "allow_origin_string_match",
    "allowOriginStringMatch",
    "allow_methods",
    "allowMethods",
    "allow_headers",
    "allowHeaders",
    "expose_headers",
    "exposeHeaders",
    "max_age",
    "maxAge",
    "allow_credentials",
    "allowCredentials",
    "filter_enabled",
    "filterEnabled",
    "shadow_enabled",
    "shadowEnabled",
    "allow_private_network_access",
    "allowPrivateNetworkAccess",
    "forward_not_matching_preflights",
    "forwardNotMatchingPreflights",
];

/// The levels that are in force somewhere, the most specific last.
#[derive(Clone)]
pub(super) struct Levels<'a> {
    pub(super) typed: Vec<At<'a>>,
    /// The deprecated field `cors`, which Envoy looks at only where nothing else is.
    pub(super) deprecated: Vec<At<'a>>,
}

/// The policy of a level, in its new place.
pub(super) fn cors_of<'a>(level: &At<'a>, notes: &mut Vec<Note>) -> Option<At<'a>> {
    let config = level.get_any(&["typed_per_filter_config", "typedPerFilterConfig"])?;
    let policy = config.get(FILTER)?.map(notes)?;
    let kind = policy.said("@type").and_then(|kind| kind.rsplit_once('/')).map(|(_, name)| name);
    match kind {
        Some(POLICY | FILTER_CONFIG) => {}
        _ => notes.push(policy.note(Ask, format!("the `@type` is not that of a `CorsPolicy`, {POLICY}"))),
    }
    Some(policy)
}

/// The policy of a level, in its old place.
pub(super) fn deprecated_cors<'a>(level: &At<'a>) -> Option<At<'a>> {
    level.get("cors")
}

/// What a filter's fraction of requests means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fraction {
    None,
    Some,
    All,
}

impl<'a> Levels<'a> {
    /// Whether there is a policy on any level.
    pub(super) fn is_any(&self) -> bool {
        !self.typed.is_empty() || !self.deprecated.is_empty()
    }

    fn in_force(&self) -> &[At<'a>] {
        if self.typed.is_empty() { &self.deprecated } else { &self.typed }
    }

    /// The settings that the levels come to.
    pub(super) fn settle(&self, draft: &mut Draft, at: &At<'_>) {
        let Some(last) = self.in_force().last() else { return };
        for level in self.in_force().iter().filter(|level| !is_filter_config(level)) {
            level.only(&KNOWN, &mut draft.notes);
        }
        if is_disabled(last, &mut draft.notes) || self.is_off(draft, at) {
            draft.settings.is_shadow = false;
            return;
        }
        if let Some(at) = self.field(&["allow_credentials", "allowCredentials"]) {
            draft.settings.allow_credentials = at.flag(&mut draft.notes).unwrap_or(false);
        }
        if let Some(at) = self.field(&["allow_private_network_access", "allowPrivateNetworkAccess"]) {
            draft.settings.allow_private_network = at.flag(&mut draft.notes).unwrap_or(false);
        }
        if let Some(at) = self.field(&["forward_not_matching_preflights", "forwardNotMatchingPreflights"]) {
            at.flag(&mut draft.notes);
        }
        if let Some(at) = self.field(&["allow_origin_string_match", "allowOriginStringMatch"]) {
            string_match::origins(draft, &at);
        }
        self.lists(draft);
    }

    fn lists(&self, draft: &mut Draft) {
        let text = |names: &[&str], draft: &mut Draft| {
            let at = self.field(names)?;
            Some((at.text(&mut draft.notes)?, at))
        };
        if let Some((list, at)) = text(&["allow_methods", "allowMethods"], draft) {
            lists::methods(draft, &at, &lists::with_commas(list, &at));
        }
        if let Some((list, at)) = text(&["allow_headers", "allowHeaders"], draft) {
            lists::headers(draft, &at, &lists::with_commas(list, &at));
        }
        if let Some((list, at)) = text(&["expose_headers", "exposeHeaders"], draft) {
            lists::expose_headers(draft, &at, &lists::with_commas(list, &at));
        }
        if let Some((seconds, at)) = text(&["max_age", "maxAge"], draft) {
            lists::max_age_text(draft, &at, seconds);
        }
    }

    /// A field of the most specific level that has it and does not leave it empty.
    fn field(&self, names: &[&str]) -> Option<At<'a>> {
        let is_empty = |at: &At<'_>| match at.value() {
            Value::Text(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            _ => false,
        };
        let levels = self.in_force().iter().rev().map(inner);
        levels.filter_map(|level| level.get_any(names)).find(|at| !is_empty(at))
    }

    /// Whether the most specific level switches the filter off. Whether it only judges is in the settings.
    fn is_off(&self, draft: &mut Draft, at: &At<'_>) -> bool {
        let Some(last) = self.in_force().last().map(inner) else { return true };
        let mut of = |names: &[&str], otherwise| match last.get_any(names) {
            Some(fraction) => self::fraction(&fraction, &mut draft.notes),
            None => otherwise,
        };
        let enabled = of(&["filter_enabled", "filterEnabled"], Fraction::All);
        let shadow = of(&["shadow_enabled", "shadowEnabled"], Fraction::None);
        if enabled == Fraction::Some || (enabled == Fraction::None && shadow == Fraction::Some) {
            let text = "the filter applies to a fraction of the requests, which has no equivalent; the policy applies to all";
            draft.note_about(Ask, at, "mode", text);
        }
        draft.settings.is_shadow = enabled == Fraction::None && shadow != Fraction::None;
        enabled == Fraction::None && shadow == Fraction::None
    }
}

fn is_filter_config(level: &At<'_>) -> bool {
    level.said("@type").is_some_and(|kind| kind.ends_with(FILTER_CONFIG))
}

/// The policy within a `FilterConfig`, or the policy itself.
fn inner<'a>(level: &At<'a>) -> At<'a> {
    let within = if is_filter_config(level) { level.get("config") } else { None };
    within.unwrap_or_else(|| level.clone())
}

fn is_disabled(level: &At<'_>, notes: &mut Vec<Note>) -> bool {
    let flag = if is_filter_config(level) { level.get("disabled") } else { None };
    flag.and_then(|at| at.flag(notes)).unwrap_or(false)
}

fn fraction(at: &At<'_>, notes: &mut Vec<Note>) -> Fraction {
    let Some(value) = at.get_any(&["default_value", "defaultValue"]) else {
        // A fraction without a value is one of nothing.
        return if at.map(notes).is_some() { Fraction::None } else { Fraction::Some };
    };
    let numerator = value.get("numerator").map_or(Some(0.0), |at| at.number(notes));
    let whole = match value.said("denominator") {
        Some("TEN_THOUSAND") => 10_000.0,
        Some("MILLION") => 1_000_000.0,
        _ => 100.0,
    };
    match numerator {
        Some(0.0) => Fraction::None,
        Some(numerator) if numerator >= whole => Fraction::All,
        _ => Fraction::Some,
    }
}
