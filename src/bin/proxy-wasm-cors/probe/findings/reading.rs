//! What goes wrong with the answers that pages read, and that caches keep.

use crate::probe::client::Answer;
use crate::probe::inquiry::{Exchange, Inquiry};
use crate::probe::request::Purpose;

use super::{Found, Severity::Warning};

/// What is found.
pub(super) fn found(exchange: &Exchange, inquiry: &Inquiry) -> Vec<Found> {
    let answer = &exchange.answer;
    let is_bare = answer.status >= 400 && answer.value("access-control-allow-origin").is_none();
    let on_error = is_bare.then(|| {
        let text = format!(
            "the answer {} has no CORS headers, so scripts see a network error and never learn the status",
            answer.status
        );
        (Warning, "no-headers-on-error", text)
    });
    on_error.into_iter().chain(vary(exchange, inquiry)).collect()
}

/// An answer that names an origin, in a cache that does not know that it is for that origin alone:
/// <https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches>.
pub(super) fn vary(exchange: &Exchange, inquiry: &Inquiry) -> Option<Found> {
    let answer = &exchange.answer;
    let allowed = answer.value("access-control-allow-origin")?;
    if exchange.request.is_preflight || allowed != exchange.request.call.origin || is_safe_in_caches(answer) {
        return None;
    }
    if is_same_for_strangers(&allowed, inquiry) {
        return None;
    }
    let text = format!(
        "the answer is only for `{allowed}`, but without `Vary: Origin` caches also give it to pages of other origins"
    );
    Some((Warning, "vary-missing", text))
}

fn is_safe_in_caches(answer: &Answer) -> bool {
    let has = |name: &str, wanted: &[&str]| {
        let value = answer.value(name).unwrap_or_default();
        value.split(',').any(|item| wanted.iter().any(|wanted| item.trim().eq_ignore_ascii_case(wanted)))
    };
    has("vary", &["origin", "*"]) || has("cache-control", &["no-store"])
}

/// Whether strangers get the same origin named, so that the answer does not depend on who asks.
fn is_same_for_strangers(allowed: &str, inquiry: &Inquiry) -> bool {
    inquiry.exchanges.iter().any(|other| {
        let is_stranger = matches!(&other.request.purpose, Purpose::Audit(_));
        is_stranger
            && !other.request.is_preflight
            && other.request.call.origin != allowed
            && other.answer.allows(allowed)
    })
}
