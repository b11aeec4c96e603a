//! `max_age` and `preflight_status`.

use super::finding::Findings;
use super::object::Object;
use super::value::{Quoted, Value};
use crate::policy::response_edits::HeaderValue;

/// The most seconds that `Access-Control-Max-Age` can hold in browsers that store them in 32 bits.
const MAX_MAX_AGE: u32 = 2_147_483_647;
/// The most seconds for which any browser keeps the answer to a preflight.
const BROWSER_CAP: u32 = 86_400;
/// The status of an answered preflight if none is configured: No Content.
const DEFAULT_PREFLIGHT_STATUS: u16 = 204;

/// Reads `max_age`, a number of seconds or a duration text.
pub fn max_age(object: &Object<'_>, findings: &mut Findings) -> Option<HeaderValue> {
    let expected =
        "whole seconds from 0 to 2147483647, or a duration such as `\"600s\"`, `\"10m\"` or `\"24h\"`";
    let (_, value) = object.get("max_age")?;
    let place = object.place("max_age");
    let seconds = match value {
        Value::Number(number) => whole(*number, 0, MAX_MAX_AGE),
        Value::Text(text) => seconds_of(text).filter(|seconds| *seconds <= MAX_MAX_AGE),
        _ => {
            object.wrong_type("max_age", expected, findings);
            return None;
        }
    };
    let Some(seconds) = seconds else {
        match number_in_quotes(value) {
            Some(meant) => findings.problem(&place, format_args!("is {value}; write {meant}")),
            None => findings.problem(&place, format_args!("is {value}; write {expected}")),
        }
        return None;
    };
    if seconds > BROWSER_CAP {
        let message = format!(
            "{} seconds is more than any browser keeps a preflight for; write at most `86400`",
            Quoted(&seconds.to_string())
        );
        findings.warning(&place, message);
    }
    Some(HeaderValue::prepared(&seconds.to_string()))
}

/// What to write instead of a text of digits, as some gateways have it.
fn number_in_quotes(value: &Value) -> Option<String> {
    let Value::Text(text) = value else { return None };
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // A number that does not fit is also more than any browser keeps.
    let seconds: u32 = text.parse().unwrap_or(u32::MAX);
    Some(match seconds > BROWSER_CAP {
        true => format!(
            "`{BROWSER_CAP}` without quotes, the most seconds for which any browser keeps a preflight"
        ),
        false => format!("`{seconds}` without quotes"),
    })
}

/// Reads `preflight_status`.
pub fn preflight_status(object: &Object<'_>, findings: &mut Findings) -> u16 {
    let Some((_, value)) = object.get("preflight_status") else { return DEFAULT_PREFLIGHT_STATUS };
    let status = match value {
        Value::Number(number) => whole(*number, 200, 299),
        _ => None,
    };
    let Some(status) = status.and_then(|status| u16::try_from(status).ok()) else {
        object.wrong_type(
            "preflight_status",
            "a number from 200 to 299: to a browser any other status fails the preflight",
            findings,
        );
        return DEFAULT_PREFLIGHT_STATUS;
    };
    status
}

/// The number as an integer, if it is one within the bounds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are those of the type"
)]
fn whole(number: f64, least: u32, most: u32) -> Option<u32> {
    let is_whole = number.fract() == 0.0 && number >= f64::from(least) && number <= f64::from(most);
    is_whole.then_some(number as u32)
}

/// Seconds of a duration: numbers, each with its unit `h`, `m` or `s`.
fn seconds_of(text: &str) -> Option<u32> {
    let mut total = 0_u32;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let mut unit = after.chars();
        let seconds_each = match unit.next()? {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = number.parse::<u32>().ok()?.checked_mul(seconds_each)?.checked_add(total)?;
        rest = unit.as_str();
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [("0s", 0), ("600s", 600), ("10m", 600), ("24h", 86_400), ("1h30m5s", 5405)] {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for text in
            ["", "600", "s", "-1s", "1.5h", "10 m", "1d", "100ms", "10M", "99999999999s", "2000000h", "soon"]
        {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_at_the_bounds() {
        assert_eq!(whole(2_147_483_647.0, 0, MAX_MAX_AGE), Some(MAX_MAX_AGE));
        assert_eq!(whole(-0.0, 0, 1), Some(0));
        for number in [2_147_483_648.0, -1.0, 0.5, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(whole(number, 0, MAX_MAX_AGE), None, "{number}");
        }
    }
}
