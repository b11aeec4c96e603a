//! Request headers that a script may set without a preflight: <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>.

/// How many bytes of a value are safelisted.
const MAX_VALUE: usize = 128;

/// The essences of the media types that a form can send.
const FORM_TYPES: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// How a request header relates to the safelist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Whatever its value is, the browser asks first.
    Unsafe,
    /// With the value that it has the browser asks first.
    UnsafeByValue,
    /// With the value that it has the browser does not ask.
    Safelisted,
    /// That depends on a value that is not known; with the usual one the browser asks or not.
    Depends {
        /// Whether the browser asks with the usual value.
        usually_asks: bool,
    },
}

impl Standing {
    /// The standing of a header by its name, in lower case, and its value if that is known.
    pub(crate) fn of(name: &str, value: Option<&str>) -> Self {
        let is_safe = match name {
            "accept" => is_accept,
            "accept-language" | "content-language" => is_language,
            "content-type" => is_form_type,
            "range" => is_simple_range,
            _ => return Self::Unsafe,
        };
        match value {
            // The usual media type is that of JSON.
            None => Self::Depends { usually_asks: name == "content-type" },
            Some(value) if value.len() <= MAX_VALUE && is_safe(value) => Self::Safelisted,
            Some(_) => Self::UnsafeByValue,
        }
    }

    /// Whether the browser asks first.
    pub(crate) fn asks(self) -> bool {
        matches!(self, Self::Unsafe | Self::UnsafeByValue | Self::Depends { usually_asks: true })
    }
}

fn is_accept(value: &str) -> bool {
    !value.bytes().any(is_unsafe_byte)
}

fn is_language(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte))
}

fn is_form_type(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim_matches([' ', '\t']).to_ascii_lowercase();
    !value.bytes().any(is_unsafe_byte) && FORM_TYPES.contains(&essence.as_str())
}

/// <https://fetch.spec.whatwg.org/#simple-range-header-value>: one range with a start.
fn is_simple_range(value: &str) -> bool {
    let Some((start, end)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if start.is_empty() || !is_number(start) || !is_number(end) {
        return false;
    }
    end.is_empty() || compare_decimals(start, end).is_le()
}

fn compare_decimals(a: &str, b: &str) -> std::cmp::Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
fn is_unsafe_byte(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0a..=0x1f | 0x7f) || b"\"():<>?@[\\]{}".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::Standing::{Depends, Safelisted, Unsafe, UnsafeByValue};
    use super::*;

    #[test]
    fn standing() {
        let long = "a".repeat(129);
        for (name, value, expected) in [
            ("x-debug", Some("1"), Unsafe),
            ("x-debug", None, Unsafe),
            ("accept", Some("application/json, */*;q=0.8"), Safelisted),
            ("accept", Some("application/json;profile=\"x\""), UnsafeByValue),
            ("accept", long.get(..128), Safelisted),
            ("accept", Some(&long), UnsafeByValue),
            ("accept", None, Depends { usually_asks: false }),
            ("accept-language", Some("de-CH, en;q=0.5"), Safelisted),
            ("accept-language", Some("de_CH"), UnsafeByValue),
            ("content-language", Some("en"), Safelisted),
            ("content-type", Some("application/json"), UnsafeByValue),
            ("content-type", Some("Text/Plain ; charset=utf-8"), Safelisted),
            ("content-type", Some("text/plain;charset=\"utf-8\""), UnsafeByValue),
            ("content-type", None, Depends { usually_asks: true }),
            ("range", None, Depends { usually_asks: false }),
            ("range", Some("bytes=0-"), Safelisted),
            ("range", Some("bytes=10-9"), UnsafeByValue),
            ("range", Some("bytes=9-10"), Safelisted),
            ("range", Some("bytes=-10"), UnsafeByValue),
            ("range", Some("bytes=0-1,4-5"), UnsafeByValue),
            ("range", Some("bytes=99999999999999999999999-100000000000000000000000"), Safelisted),
        ] {
            assert_eq!(Standing::of(name, value), expected, "{name}: {value:?}");
        }
    }
}
