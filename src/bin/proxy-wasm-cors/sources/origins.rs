//! Origins as other products write them, and what the filter has for each.
//!
//! Whether credentials are allowed has to be known before any of these is asked.

use proxy_wasm_cors::config::{Value, load_tree};
use proxy_wasm_cors::origin::default_port;
use proxy_wasm_cors::origin::pattern::OriginPattern;

use crate::sources::at::At;
use crate::sources::draft::{AllowedOrigin, Draft};
use crate::sources::note::NoteKind::{Ask, Changed, Dropped, Narrower, Same, Wider};
use crate::sources::regexes;

/// How a source compares an origin with a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// Byte for byte, so that no browser's origin has an upper-case letter.
    Kept,
    /// Without regard to case.
    Ignored,
}

/// Who may read, as the Gateway API and Envoy Gateway write it: whether with credentials, and a list of origins, each of
/// which may be `*`, a scheme with any host, or a pattern.
pub(crate) fn of_gateway(draft: &mut Draft, cors: &At<'_>) {
    if let Some(at) = cors.get("allowCredentials") {
        draft.settings.allow_credentials = at.flag(&mut draft.notes).unwrap_or(false);
    }
    if let Some(at) = cors.get("allowOrigins") {
        at.texts(&mut draft.notes).iter().for_each(|(text, at)| gateway_origin(draft, at, text));
        settle(draft);
    }
}

fn gateway_origin(draft: &mut Draft, at: &At<'_>, text: &str) {
    match text.strip_suffix("://*") {
        _ if text == "*" => everyone(draft, at),
        _ if text == "null" => null(draft, at),
        Some(scheme) => any_host(draft, at, scheme),
        None => pattern(draft, at, text, Case::Kept),
    }
}

/// An origin that has to be the text. `*` lets in everyone, as in all products.
pub(crate) fn exact(draft: &mut Draft, at: &At<'_>, text: &str, case: Case) {
    if text == "*" {
        return everyone(draft, at);
    }
    if text == "null" {
        return null(draft, at);
    }
    if text.contains('*') {
        let advice = "it is compared literally there, and no origin contains a `*`; write it as a pattern if it was \
            meant as one";
        return draft.note(Dropped, at, advice);
    }
    pattern(draft, at, text, case);
}

/// An origin, or a pattern of them in which a leading `*.` stands for any number of labels.
pub(crate) fn pattern(draft: &mut Draft, at: &At<'_>, text: &str, case: Case) {
    let written = normal(text);
    if OriginPattern::parse(&written).is_err() {
        let text = format!("no page has the origin `{}`, so it allowed nobody", text.escape_debug());
        return draft.note(Dropped, at, text);
    }
    let is_same = written == text || (case == Case::Ignored && written == text.to_ascii_lowercase());
    let about = draft.next_origin();
    if !is_same {
        let text =
            format!("`{text}` is compared literally there, and browsers send `{written}`: it allowed nobody");
        draft.note_about(Wider, at, &about, text);
    } else if written != text {
        draft.note_about(Same, at, &about, "case does not matter there; browsers send lower case");
    }
    draft.allow(at, AllowedOrigin::Pattern(written));
}

/// As browsers write it: lower case, no slash at the end, no default port.
fn normal(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_suffix('/').unwrap_or(&lower);
    let port = bare.split_once("://").and_then(|(scheme, _)| default_port(scheme));
    let without = port.and_then(|port| bare.strip_suffix(&format!(":{port}")));
    without.unwrap_or(bare).to_owned()
}

/// A scheme with any host.
pub(crate) fn any_host(draft: &mut Draft, at: &At<'_>, scheme: &str) {
    let about = draft.next_origin();
    let id = match scheme {
        "moz-extension" => "[0-9a-f-]{36}",
        "chrome-extension" => "[a-p]{32}",
        _ => return any_host_of_the_web(draft, at, scheme),
    };
    let text = "a wildcard for the whole host has no equivalent; the expression matches only the names that browsers \
        give to extensions, but those of every extension: name yours";
    draft.note_about(Narrower, at, &about, text);
    draft.allow(at, AllowedOrigin::Regex(format!("{scheme}://{id}")));
}

fn any_host_of_the_web(draft: &mut Draft, at: &At<'_>, scheme: &str) {
    let about = "allow_origins";
    let text = format!(
        "every host of `{scheme}://` has no equivalent except `*`, which also allows other schemes{}",
        if draft.settings.allow_credentials {
            ""
        } else {
            "; without credentials this gives away nothing more"
        }
    );
    draft.note_about(Wider, at, about, text);
    if draft.settings.allow_credentials {
        draft.note_about(Ask, at, about, EVERYONE_WITH_CREDENTIALS);
    }
    draft.allow(at, AllowedOrigin::everyone());
}

const EVERYONE_WITH_CREDENTIALS: &str = "every website can act as the user there, because the server echoes any \
    origin and allows credentials. `check` refuses that; name the origins, or remove credentials";

/// Every origin, by a product that sends back whoever asks.
pub(crate) fn everyone(draft: &mut Draft, at: &At<'_>) {
    if draft.settings.allow_credentials {
        draft.note_about(Ask, at, "allow_origins", EVERYONE_WITH_CREDENTIALS);
        let text = "with credentials, `*` never includes `null` here, because any website can have it";
        draft.note_about(Narrower, at, "allow_origins", text);
    }
    draft.allow(at, AllowedOrigin::everyone());
}

/// `null`, which the filter takes only where a person adds a switch.
pub(crate) fn null(draft: &mut Draft, at: &At<'_>) {
    let about = draft.next_origin();
    let text = "`null` is the origin of every sandboxed frame, so any website can have it. `check` refuses it; \
        remove it, or add `null-origin` to `dangerously_allow`";
    draft.note_about(Ask, at, &about, text);
    draft.allow(at, AllowedOrigin::Pattern("null".to_owned()));
}

/// An expression that has to match the whole origin.
pub(crate) fn whole_regex(draft: &mut Draft, at: &At<'_>, regex: &str) {
    if regexes::matches_everyone(regex) {
        everyone(draft, at);
        if !draft.settings.allow_credentials {
            let text = format!(
                "`{}` becomes `*`: there, the server echoed the origin that asked; here it gets a literal `*`. \
                    Without credentials this is the same to a page",
                regex.escape_debug()
            );
            draft.note_about(Changed, at, "allow_origins", text);
        }
        return;
    }
    self::regex(draft, at, regex);
}

/// An expression that the filter can hold, narrowed to `https` where credentials are sent.
pub(crate) fn regex(draft: &mut Draft, at: &At<'_>, regex: &str) {
    if let Some(why) = not_an_expression(regex) {
        let regex = regex.escape_debug();
        let text = format!("`{regex}` was left out: {why}. Write patterns for the origins that are meant");
        return draft.note(Ask, at, text);
    }
    let narrowed = regexes::https_only(regex).filter(|_| draft.settings.allow_credentials);
    if narrowed.is_some() {
        let about = draft.next_origin();
        let text =
            "narrowed to `https`: anyone on the network can change an `http` page, and credentials are sent";
        draft.note_about(Narrower, at, &about, text);
    }
    draft.allow(at, AllowedOrigin::Regex(narrowed.unwrap_or_else(|| regex.to_owned())));
}

/// Why the filter cannot compile an expression.
fn not_an_expression(regex: &str) -> Option<String> {
    let origin = Value::Object(vec![("regex".to_owned(), Value::Text(regex.to_owned()))]);
    let policy = Value::Object(vec![("allow_origins".to_owned(), Value::List(vec![origin]))]);
    let findings = load_tree(&policy).findings;
    let invalid = findings.iter().find(|finding| finding.message.contains(" is not a regular expression"))?;
    let message = invalid.message.split("; ").next().unwrap_or_default();
    Some(message.rsplit_once(" is ").map_or(message, |(_, what)| what).to_owned())
}

/// After the last origin: everyone makes all others superfluous.
pub(crate) fn settle(draft: &mut Draft) {
    if !draft.is_everyone() {
        return;
    }
    let everyone = AllowedOrigin::everyone();
    let Some(place) = draft.settings.origins.iter().position(|origin| *origin == everyone) else { return };
    draft.origin_places = draft.origin_places.get(place).cloned().into_iter().collect();
    draft.settings.origins = vec![everyone];
    let is_of_one = |about: &str| about.starts_with("allow_origins[");
    let notes = draft.notes.iter_mut().filter(|note| is_of_one(&note.about));
    notes.for_each(|note| note.about = "allow_origins".to_owned());
}
