//! Mistakes in the CORS headers of one answer, whatever it answers.

use crate::page::checks;
use crate::probe::client::Answer;
use crate::probe::inquiry::Exchange;

use super::{Found, Severity::Warning};

/// Headers that an answer may contain only once.
const SINGLE: [&str; 3] =
    ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Max-Age"];

/// Those that are lists of names.
const LISTS: [&str; 3] =
    ["Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers"];

/// What is found.
pub(super) fn found(exchange: &Exchange) -> Vec<Found> {
    let answer = &exchange.answer;
    let origin = &exchange.request.call.origin;
    let mut found: Vec<Found> = SINGLE.into_iter().filter_map(|name| twice(answer, name)).collect();
    found.extend(allowed_origin(answer, origin));
    found.extend(credentials(answer));
    found.extend(LISTS.into_iter().filter_map(|name| checks::list(&answer.headers, name).err()).map(|why| {
        (Warning, "list-not-of-names", format!("{why}, and browsers then ignore the list or fail"))
    }));
    found.extend(literal_wildcards(answer, exchange.request.call.credentials));
    found
}

fn twice(answer: &Answer, name: &str) -> Option<Found> {
    let lower = name.to_ascii_lowercase();
    let count = answer.headers.iter().filter(|(known, _)| *known == lower).count();
    (count > 1).then(|| {
        let text =
            format!("`{name}` is sent {count} times: the API and something in front of it both set it");
        (Warning, "header-twice", text)
    })
}

fn allowed_origin(answer: &Answer, origin: &str) -> Option<Found> {
    let allowed = answer.value("access-control-allow-origin")?;
    let lines = answer.headers.iter().filter(|(name, _)| name == "access-control-allow-origin").count();
    if lines > 1 || allowed == *origin || allowed == "*" {
        return None;
    }
    if allowed == "null" {
        let text =
            "`Access-Control-Allow-Origin` is `null`, and every site can make a frame with that origin"
                .to_owned();
        return Some((Warning, "null-named", text));
    }
    if allowed.contains([',', ' ']) {
        let text = format!("`Access-Control-Allow-Origin` is `{allowed}`, and may name only one origin");
        return Some((Warning, "several-origins", text));
    }
    let is_nearly = allowed.trim_end_matches('/').eq_ignore_ascii_case(origin);
    is_nearly.then(|| {
        let text = format!("`Access-Control-Allow-Origin` is `{allowed}`; browsers compare every character");
        (Warning, "origin-written-otherwise", text)
    })
}

fn credentials(answer: &Answer) -> Vec<Found> {
    let Some(value) = answer.value("access-control-allow-credentials") else { return Vec::new() };
    let mut found = Vec::new();
    let is_twice =
        answer.headers.iter().filter(|(name, _)| name == "access-control-allow-credentials").count() > 1;
    if value != "true" && !is_twice {
        let text = format!("`Access-Control-Allow-Credentials` is `{value}`; only `true` counts");
        found.push((Warning, "credentials-not-true", text));
    }
    if value == "true" && answer.value("access-control-allow-origin").as_deref() == Some("*") {
        let text =
            "the answer has `Access-Control-Allow-Origin: *` and `Access-Control-Allow-Credentials: true`: no call \
                with credentials can read it"
                .to_owned();
        found.push((Warning, "wildcard-with-credentials", text));
    }
    found
}

fn literal_wildcards(answer: &Answer, with_credentials: bool) -> Vec<Found> {
    let is_literal =
        |name: &&str| answer.value(&name.to_ascii_lowercase()).is_some_and(|it| it.trim() == "*");
    let lists = LISTS.into_iter().filter(|_| with_credentials).filter(is_literal);
    let literal = lists.map(|name| {
        (Warning, "wildcard-is-literal", format!("`{name}: *` allows nothing for calls with credentials"))
    });
    literal.collect()
}
