//! The lists and numbers of a source: methods, headers, how long a preflight is kept.

use proxy_wasm_cors::request::header_name::{
    AUTHORIZATION, is_forbidden_request_header, is_forbidden_response_header, is_token,
};
use proxy_wasm_cors::request::method::is_forbidden;

use crate::sources::at::At;
use crate::sources::draft::Draft;
use crate::sources::note::NoteKind::{Ask, Changed, Dropped, Narrower, Same};

/// What browsers keep a preflight for at most, in seconds.
pub(crate) const LONGEST: u32 = 86_400;

/// An entry of a list, and where it stands.
pub(crate) type Entry<'t, 'a> = (&'t str, At<'a>);

/// The entries of a list in one text, with commas.
pub(crate) fn with_commas<'t, 'a>(text: &'t str, at: &At<'a>) -> Vec<Entry<'t, 'a>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| (item, at.clone())).collect()
}

/// What a source has in lists under these names: methods, request headers and response headers. Absent ones are none.
pub(crate) fn named(draft: &mut Draft, cors: &At<'_>, [of_methods, of_headers, exposed]: [&str; 3]) {
    let mut entries = |name: &str| {
        let at = cors.get(name)?;
        let entries = at.texts(&mut draft.notes);
        Some((at, entries))
    };
    let (of_methods, of_headers, exposed) = (entries(of_methods), entries(of_headers), entries(exposed));
    if let Some((at, entries)) = of_methods {
        methods(draft, &at, &entries);
    }
    if let Some((at, entries)) = of_headers {
        headers(draft, &at, &entries);
    }
    if let Some((at, entries)) = exposed {
        expose_headers(draft, &at, &entries);
    }
}

/// Methods that pages may use. A `*` among others is literal to a browser that sends credentials.
pub(crate) fn methods(draft: &mut Draft, at: &At<'_>, entries: &[Entry<'_, '_>]) {
    let about = "allow_methods";
    let mut names = names(draft, about, entries);
    let forbidden = take_out(&mut names, |name| is_forbidden(name.as_bytes()));
    if !forbidden.is_empty() {
        let text = format!("no script may use {}", listed(&forbidden));
        draft.note_about(Dropped, at, about, text);
    }
    let unsent = take_out(&mut names, is_unsent);
    if !unsent.is_empty() {
        let text = format!(
            "browsers send upper case, and methods are compared as they are: {} let in nothing",
            listed(&unsent)
        );
        draft.note_about(Dropped, at, about, text);
    }
    star_among_others(draft, at, about, &mut names);
    draft.settings.methods = names;
}

/// Whether browsers write a method otherwise: <https://fetch.spec.whatwg.org/#concept-method-normalize>.
fn is_unsent(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper != name && ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].contains(&upper.as_str())
}

/// Request headers that scripts may send. `*` alone lets in all that are asked for, `Authorization` too.
pub(crate) fn headers(draft: &mut Draft, at: &At<'_>, entries: &[Entry<'_, '_>]) {
    let about = "allow_headers";
    let mut names = names(draft, about, entries);
    let forbidden = take_out(&mut names, |name| is_forbidden_request_header(&name.to_ascii_lowercase()));
    if !forbidden.is_empty() {
        draft.note_about(Dropped, at, about, format!("no script may set {}", listed(&forbidden)));
    }
    star_among_others(draft, at, about, &mut names);
    if names == ["*"] {
        let has_credentials = draft.settings.allow_credentials;
        let text = match has_credentials {
            true => {
                "`*` with credentials means the same here as there: the answer names what the page asked for"
            }
            false => "`*` covers Authorization there, but not here, so it is listed",
        };
        draft.note_about(if has_credentials { Same } else { Changed }, at, about, text);
        if !has_credentials {
            names.push("Authorization".to_owned());
        }
    }
    draft.settings.headers = names;
}

/// Response headers that scripts may read.
pub(crate) fn expose_headers(draft: &mut Draft, at: &At<'_>, entries: &[Entry<'_, '_>]) {
    let about = "expose_headers";
    let mut names = names(draft, about, entries);
    let forbidden = take_out(&mut names, |name| is_forbidden_response_header(&name.to_ascii_lowercase()));
    if !forbidden.is_empty() {
        draft.note_about(Dropped, at, about, format!("no script may read {}", listed(&forbidden)));
    }
    if draft.settings.allow_credentials && !take_out(&mut names, |name| name == "*").is_empty() {
        let text =
            "with credentials, browsers do not treat `*` as a wildcard; list the headers if pages need them";
        draft.note_about(Dropped, at, about, text);
    }
    star_among_others(draft, at, about, &mut names);
    draft.settings.expose_headers = names;
}

/// Names that can be sent, each once.
fn names(draft: &mut Draft, about: &str, entries: &[Entry<'_, '_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, at) in entries {
        let is_method = about == "allow_methods";
        let is_known = |known: &String| known == name || (!is_method && known.eq_ignore_ascii_case(name));
        if *name != "*" && name.contains('*') {
            let text = format!(
                "no browser treats the `*` in `{}` as a wildcard; write out the names",
                name.escape_debug()
            );
            draft.note_about(Ask, at, about, text);
        } else if !is_token(name.as_bytes()) {
            let text = format!("`{}` is not a valid name", name.escape_debug());
            draft.note_about(Dropped, at, about, text);
        } else if !names.iter().any(is_known) {
            names.push((*name).to_owned());
        }
    }
    names
}

fn take_out(names: &mut Vec<String>, is_out: impl Fn(&str) -> bool) -> Vec<String> {
    let out: Vec<String> = names.iter().filter(|name| is_out(name)).cloned().collect();
    names.retain(|name| !is_out(name));
    out
}

fn listed(names: &[String]) -> String {
    format!("`{}`", names.join("`, `"))
}

/// A `*` that is sent as it is beside other names: a wildcard without credentials, and only a name with them.
fn star_among_others(draft: &mut Draft, at: &At<'_>, about: &str, names: &mut Vec<String>) {
    if names.len() < 2 || !names.iter().any(|name| name == "*") {
        return;
    }
    if draft.settings.allow_credentials {
        names.retain(|name| name != "*");
        let text = "`*` beside other names is sent as it is there, which is a wildcard for pages that call without \
            credentials; they lose it here";
        return draft.note_about(Narrower, at, about, text);
    }
    let has_authorization = names.iter().any(|name| name.eq_ignore_ascii_case(AUTHORIZATION));
    *names = vec!["*".to_owned()];
    let also = if about == "allow_headers" && has_authorization { ", and Authorization" } else { "" };
    draft.note_about(Same, at, about, format!("without credentials, `*` covers all other names{also}"));
}

/// How long a preflight may be kept, in seconds.
pub(crate) fn max_age(draft: &mut Draft, at: &At<'_>, seconds: f64) {
    let about = "max_age";
    if seconds.fract() != 0.0 {
        draft.note_about(Same, at, about, "browsers count whole seconds");
    }
    if seconds < 0.0 {
        draft.note_about(Same, at, about, "a negative number means that nothing is kept: 0");
    }
    if seconds > f64::from(LONGEST) {
        let text = format!(
            "{seconds} seconds is longer than any browser keeps the answer to a preflight: {LONGEST}"
        );
        draft.note_about(Dropped, at, about, text);
    }
    draft.settings.max_age = Some(whole(seconds.clamp(0.0, f64::from(LONGEST))));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 86400, as it was clamped")]
fn whole(seconds: f64) -> u32 {
    seconds as u32
}

/// The same from a text that is sent as it is.
pub(crate) fn max_age_text(draft: &mut Draft, at: &At<'_>, text: &str) {
    match text.trim().parse::<i64>() {
        #[expect(clippy::cast_precision_loss, reason = "browsers shorten such a long time anyway")]
        Ok(seconds) => max_age(draft, at, seconds as f64),
        Err(_) => {
            let text =
                format!("browsers cannot read `{}` as seconds, so it had no effect", text.escape_debug());
            draft.note_about(Dropped, at, "max_age", text);
        }
    }
}

/// The same from a duration such as `24h`, `1h30m` or `600s`. Only whole seconds count.
pub(crate) fn max_age_duration(draft: &mut Draft, at: &At<'_>, text: &str) {
    match duration(text) {
        Some(seconds) => max_age(draft, at, seconds.trunc()),
        None => {
            let text = format!("`{}` is not a duration, so it was left out", text.escape_debug());
            draft.note(Ask, at, text);
        }
    }
}

/// The seconds of a duration as Go writes it.
fn duration(text: &str) -> Option<f64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    if rest == "0" {
        return Some(0.0);
    }
    let mut sum = 0.0;
    while !rest.is_empty() || sum == 0.0 {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(end)?;
        let units = [("ms", 0.001), ("us", 1e-6), ("ns", 1e-9), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let (seconds, after) =
            units.iter().find_map(|(name, seconds)| Some((seconds, unit.strip_prefix(name)?)))?;
        sum += number.parse::<f64>().ok()? * seconds;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    Some(sign * sum)
}
