//! Numbers as the languages of the hosts write them.

use proxy_wasm_cors::config::Value;

/// An integer as `%i` of C reads it: hexadecimal after `0x`, octal after `0`. Envoy turns what does not fit into 32 bits
/// into a text, in decimal.
pub(super) fn c_integer(text: &str) -> Option<Value> {
    let (sign, digits) = split_sign(text);
    let (digits, radix) = match (digits.strip_prefix("0x").or(digits.strip_prefix("0X")), digits) {
        (Some(digits), _) => (digits, 16),
        (None, "0") => (digits, 10),
        (None, _) => digits.strip_prefix('0').map_or((digits, 10), |digits| (digits, 8)),
    };
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let number = i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()?;
    Some(
        i32::try_from(number)
            .map_or_else(|_| Value::Text(number.to_string()), |number| Value::Number(f64::from(number))),
    )
}

/// A number as go-yaml reads it, with `_` anywhere between its digits.
pub(super) fn go_number(text: &str) -> Option<Value> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Value::Number(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(Value::Number(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Value::Number(f64::NEG_INFINITY)),
        _ => {}
    }
    if !text.starts_with(['+', '-', '.']) && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // Only after a digit or a sign is `_` left out.
    let plain = if text.starts_with('.') { text.to_owned() } else { text.replace('_', "") };
    go_integer(&plain).or_else(|| decimal(&plain)).map(Value::Number)
}

fn go_integer(text: &str) -> Option<f64> {
    let (sign, digits) = split_sign(text);
    let prefixes = [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)];
    let prefixed = prefixes.iter().find_map(|(prefix, radix)| Some((digits.strip_prefix(prefix)?, *radix)));
    let (digits, radix) = match (prefixed, digits) {
        (Some(prefixed), _) => prefixed,
        (None, "0") => (digits, 10),
        (None, _) => digits.strip_prefix('0').map_or((digits, 10), |digits| (digits, 8)),
    };
    if digits.is_empty() {
        return None;
    }
    let digits = digits.chars().map(|c| c.to_digit(radix)).collect::<Option<Vec<_>>>()?;
    let number = digits.iter().fold(0.0, |number, digit| number * f64::from(radix) + f64::from(*digit));
    Some(if sign == "-" { -number } else { number })
}

/// Digits with a point or an exponent, but without the names and the `_` that Rust or Go would accept too.
fn decimal(text: &str) -> Option<f64> {
    let is_decimal = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    if is_decimal { text.parse().ok() } else { None }
}

fn split_sign(text: &str) -> (&str, &str) {
    match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}
