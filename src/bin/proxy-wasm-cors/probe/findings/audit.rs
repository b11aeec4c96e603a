//! Strangers that are accepted: any site, or anyone who registers a name that looks like the page's.

use crate::probe::inquiry::{Exchange, Inquiry};
use crate::probe::request::Purpose;
use crate::probe::strangers::Stranger;

use super::{Found, Severity};

/// What it means that a stranger is accepted.
pub(super) fn found(exchange: &Exchange, stranger: &Stranger, inquiry: &Inquiry) -> Option<Found> {
    let Exchange { request, answer } = exchange;
    if !answer.allows(&stranger.origin) || is_explained(stranger, inquiry) {
        return None;
    }
    let with_credentials =
        answer.value("access-control-allow-credentials").is_some_and(|value| value == "true");
    let severity = match stranger.id {
        "siblings-accepted" => Severity::Note,
        _ if with_credentials => Severity::Severe,
        _ => Severity::Warning,
    };
    let to = if request.is_preflight { "may send such calls" } else { "may read answers" };
    let with = if with_credentials { " with the user's cookies" } else { "" };
    Some((severity, stranger.id, format!("`{}` {to}{with}: {}", stranger.origin, meaning(stranger))))
}

/// Whether a name that ends like the page's is accepted only because all names below the domain are.
fn is_explained(stranger: &Stranger, inquiry: &Inquiry) -> bool {
    let accepted = inquiry.exchanges.iter().filter_map(|exchange| match &exchange.request.purpose {
        Purpose::Audit(stranger) if exchange.answer.allows(&stranger.origin) => Some(stranger),
        _ => None,
    });
    let sibling = accepted.into_iter().find(|accepted| accepted.id == "siblings-accepted");
    let domain = sibling.and_then(|sibling| sibling.origin.split_once('.')).map(|(_, domain)| domain);
    let ends_below = |domain: &str| stranger.origin.ends_with(&format!(".{domain}"));
    stranger.id == "suffix-accepted" && domain.is_some_and(ends_below)
}

fn meaning(stranger: &Stranger) -> &'static str {
    match stranger.id {
        "any-origin-reflected" => "the server allows every origin that asks",
        "null-accepted" => "every site can make a frame with that origin",
        "prefix-accepted" => {
            "the server compares only the beginning of an origin, and anyone can register such a name"
        }
        "suffix-accepted" => {
            "the server compares only the end of an origin, and anyone can register such a name"
        }
        "dot-accepted" => {
            "the server's regex has a dot that matches any character, and anyone can register such a name"
        }
        "siblings-accepted" => "anyone who takes over a single name below that domain is allowed",
        "scheme-accepted" => "anyone who controls the user's network can act as that origin",
        _ => "other services on that host are allowed too",
    }
}
