//! What goes wrong with preflights, which carry no credentials and do not follow redirects.

use crate::page::checks;
use crate::probe::client::Answer;
use crate::probe::inquiry::Exchange;

use super::Found;
use super::Severity::{Note, Warning};

/// Firefox keeps the answer to a preflight for a day at most, Chromium for two hours:
/// <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age>.
const LONGEST_KEPT: u64 = 86_400;

/// What is found.
pub(super) fn found(exchange: &Exchange) -> Vec<Found> {
    let answer = &exchange.answer;
    let content = (answer.body > 0 && (200..300).contains(&answer.status)).then(|| {
        let text =
            "the answer to the preflight has a body, which no browser reads; perhaps the API itself answers preflights";
        (Note, "preflight-with-content", text.to_owned())
    });
    let all = [status(answer), content, max_age(answer), authorization(exchange)];
    all.into_iter().flatten().collect()
}

fn status(answer: &Answer) -> Option<Found> {
    let status = answer.status;
    let (id, why) = match status {
        200..=299 => return None,
        300..=399 => ("preflight-redirected", "browsers do not follow redirects of preflights"),
        401 | 403 | 407 => (
            "preflight-unauthorized",
            "preflights never carry credentials, so something has to answer them before anything asks for credentials",
        ),
        404 | 405 | 501 => ("preflight-not-routed", "nothing there answers `OPTIONS`"),
        _ => ("preflight-fails", "browsers accept only a status from 200 to 299"),
    };
    Some((Warning, id, format!("the answer to the preflight has the status {status}: {why}")))
}

fn max_age(answer: &Answer) -> Option<Found> {
    let value = answer.value("access-control-max-age")?;
    // Two lines are another finding.
    if value.contains(',') {
        return None;
    }
    match value.parse::<u64>() {
        Err(_) => {
            let text = format!("`Access-Control-Max-Age` is `{value}`, not a number of seconds");
            Some((Warning, "max-age-not-seconds", text))
        }
        Ok(seconds) if seconds > LONGEST_KEPT => {
            let text =
                format!("`Access-Control-Max-Age` is {seconds}; Firefox keeps it 86400 s, Chromium 7200 s");
            Some((Note, "max-age-too-long", text))
        }
        Ok(_) => None,
    }
}

/// <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
fn authorization(exchange: &Exchange) -> Option<Found> {
    let is_asked = exchange.request.call.unsafe_header_names().contains(&"authorization");
    let names = checks::list(&exchange.answer.headers, "Access-Control-Allow-Headers").ok()?;
    let has = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    (is_asked && has("*") && !has("authorization")).then(|| {
        let text = "`Access-Control-Allow-Headers: *` does not cover `authorization`; list it";
        (Warning, "wildcard-misses-authorization", text.to_owned())
    })
}
