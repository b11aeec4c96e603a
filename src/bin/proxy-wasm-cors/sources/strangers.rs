//! Parts of origins, which strangers fit too: the filter takes whole hosts only.

use proxy_wasm_cors::origin::host::Host;
use proxy_wasm_cors::origin::pattern::OriginPattern;
use proxy_wasm_cors::origin::public_suffix::registrable_domain;

use crate::sources::at::At;
use crate::sources::draft::{AllowedOrigin, Draft};
use crate::sources::note::NoteKind::{Ask, Narrower, Wider};
use crate::sources::origins::{any_host, everyone};

/// All origins that begin with a text, strangers' too.
pub(crate) fn prefix(draft: &mut Draft, at: &At<'_>, text: &str) {
    if "*".starts_with(text) {
        return everyone(draft, at);
    }
    let lower = text.to_ascii_lowercase();
    let bare = lower.trim_end_matches(':');
    if let Some(scheme) = bare.strip_suffix("://") {
        return any_host(draft, at, scheme);
    }
    let about = draft.next_origin();
    let pattern = match bare.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => bare.to_owned(),
        _ => format!("{bare}:*"),
    };
    if !is_whole_host(&pattern) {
        let shown = text.escape_debug();
        let text = format!(
            "the prefix `{shown}` ends within a name, so strangers match; name the origins that are meant"
        );
        return draft.note(Ask, at, text);
    }
    let text =
        format!("strangers match the prefix too, such as `{bare}.evil.example`; here only this host does");
    draft.note_about(Narrower, at, &about, text);
    if bare != lower {
        draft.note_about(
            Wider,
            at,
            &about,
            "the prefix requires a port; here the default port is allowed too",
        );
    }
    draft.allow(at, AllowedOrigin::Pattern(pattern));
}

/// Whether a pattern names a host that is likely to be one, not the beginning of its name.
fn is_whole_host(pattern: &str) -> bool {
    OriginPattern::parse(pattern).is_ok_and(|pattern| match pattern.host() {
        Host::Name(name) => pattern.host().is_loopback() || registrable_domain(name).is_some(),
        _ => true,
    })
}

/// All origins that end with a text, strangers' too.
pub(crate) fn suffix(draft: &mut Draft, at: &At<'_>, text: &str) {
    if text.is_empty() || text == "*" {
        return everyone(draft, at);
    }
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_prefix("://").unwrap_or(&lower);
    let patterns = match bare.strip_prefix('.') {
        Some(host) => vec![format!("https://*.{host}")],
        None if bare != lower => vec![format!("https://{bare}")],
        None => vec![format!("https://{bare}"), format!("https://*.{bare}")],
    };
    if patterns.iter().any(|pattern| !is_whole_host(pattern)) {
        let shown = text.escape_debug();
        let text = format!(
            "the suffix `{shown}` begins within a name, so strangers match; name the origins that are meant"
        );
        return draft.note(Ask, at, text);
    }
    let about = draft.next_origin();
    let text = "other schemes match the suffix too, and so do strangers with names that end like this; here only \
        `https` and whole labels match";
    draft.note_about(Narrower, at, &about, text);
    patterns.into_iter().for_each(|pattern| draft.allow(at, AllowedOrigin::Pattern(pattern)));
}

/// All origins with a text in them.
pub(crate) fn contains(draft: &mut Draft, at: &At<'_>, text: &str) {
    if "*".contains(text) {
        return everyone(draft, at);
    }
    let text = format!(
        "it allowed every origin that contains `{}`, including those of strangers. It is not clear what was meant, \
            so it was left out: name the origins",
        text.escape_debug()
    );
    draft.note(Ask, at, text);
}
