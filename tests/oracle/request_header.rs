//! Which request headers a script may set, and which need permission.

use std::collections::BTreeSet;

/// <https://fetch.spec.whatwg.org/#forbidden-request-header>
#[rustfmt::skip]
const FORBIDDEN_REQUEST_HEADERS: [&str; 21] = [
    "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
    "connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
    "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
];

/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>
pub(crate) fn is_token(text: &str) -> bool {
    let is_delimiter = |char| "\"(),/:;<=>?@[\\]{}".contains(char);
    !text.is_empty() && text.chars().all(|char| char.is_ascii_graphic() && !is_delimiter(char))
}

/// <https://fetch.spec.whatwg.org/#forbidden-request-header>, by name.
pub(crate) fn is_forbidden_request_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    FORBIDDEN_REQUEST_HEADERS.contains(&name.as_str())
        || name.starts_with("proxy-")
        || name.starts_with("sec-")
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
pub(crate) fn cors_unsafe_request_header_names(headers: &[(&str, &str)]) -> Vec<String> {
    // 1. "Let unsafeNames be a new list." 2. "Let potentiallyUnsafeNames be a new list." 3. "Let safelistValueSize be
    // 0." 4. "For each header of headers: if header is not a CORS-safelisted request-header, then append header's
    // name to unsafeNames. Otherwise, append header's name to potentiallyUnsafeNames and increase safelistValueSize by
    // header's value's length."
    let (potentially_unsafe, mut unsafe_headers): (Vec<_>, Vec<_>) =
        headers.iter().partition(|(name, value)| is_cors_safelisted_request_header(name, value));
    let safelist_value_size: usize = potentially_unsafe.iter().map(|(_, value)| value.len()).sum();
    // 5. "If safelistValueSize is greater than 1024, then for each name of potentiallyUnsafeNames, append name to
    // unsafeNames."
    if safelist_value_size > 1024 {
        unsafe_headers.extend(potentially_unsafe);
    }
    // 6. "Return the result of convert header names to a sorted-lowercase set with unsafeNames."
    let names: BTreeSet<String> = unsafe_headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.into_iter().collect()
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>
fn is_cors_safelisted_request_header(name: &str, value: &str) -> bool {
    // 1. "If value's length is greater than 128, then return false."
    if value.len() > 128 {
        return false;
    }
    // 2. "Byte-lowercase name and switch on the result"
    match name.to_ascii_lowercase().as_str() {
        // "If value contains a CORS-unsafe request-header byte, then return false."
        "accept" => !value.bytes().any(is_cors_unsafe_request_header_byte),
        // "If value contains a byte that is not in the range 0x30 to 0x39, 0x41 to 0x5A, 0x61 to 0x7A, and is not
        // 0x20, 0x2A, 0x2C, 0x2D, 0x2E, 0x3B, or 0x3D, then return false."
        "accept-language" | "content-language" => {
            value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte))
        }
        // "If value contains a CORS-unsafe request-header byte, then return false. Let mimeType be the result of
        // parsing the result of isomorphic decoding value. [...] If mimeType's essence is not
        // `application/x-www-form-urlencoded`, `multipart/form-data`, or `text/plain`, then return false."
        "content-type" => {
            let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            !value.bytes().any(is_cors_unsafe_request_header_byte)
                && ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
                    .contains(&essence.as_str())
        }
        // `Range` is not among what the product sends. "Otherwise: return false."
        _ => false,
    }
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != 0x09) || b"\"():<>?@[\\]{}\x7f".contains(&byte)
}
