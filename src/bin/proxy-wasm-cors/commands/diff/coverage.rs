//! Which entry of a list makes another one unnecessary.

use proxy_wasm_cors::origin::host::Host;
use proxy_wasm_cors::origin::pattern::{OriginPattern, PortPattern};
use proxy_wasm_cors::request::method::is_cors_safelisted;

/// What every browser allows without asking anyone.
const ALWAYS: &str = "the Fetch Standard";

/// The entry of a field's list that covers another.
pub(super) fn cover<'a>(field: &str, item: &str, mut list: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    match field {
        "allow_origins" => list.find(|wider| covers_origins(wider, item)),
        "allow_methods" if is_cors_safelisted(item.as_bytes()) => Some(ALWAYS),
        "allow_methods" => list.find(|wider| *wider == "*"),
        "allow_headers" => list.find(|wider| covers_headers(wider, item)),
        _ => None,
    }
}

fn covers_origins(wider: &str, narrower: &str) -> bool {
    // `null` is an origin too, but naming it requires a switch.
    if wider == "*" {
        return true;
    }
    let (Ok(wider), Ok(narrower)) = (OriginPattern::parse(wider), OriginPattern::parse(narrower)) else {
        return false;
    };
    let is_below = |page: &str, base: &str| page.strip_suffix(base).is_some_and(|front| front.ends_with('.'));
    let is_host_covered = match (wider.host(), narrower.host()) {
        (wide, narrow) if wide == narrow => wider.is_wildcard() == narrower.is_wildcard(),
        (Host::Name(base), Host::Name(page)) => wider.is_wildcard() && is_below(page, base),
        _ => false,
    };
    let is_port_covered = wider.port() == PortPattern::Any || wider.port() == narrower.port();
    wider.scheme() == narrower.scheme() && is_host_covered && is_port_covered
}

fn covers_headers(wider: &str, narrower: &str) -> bool {
    match wider.strip_suffix('*') {
        // <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
        Some("") => narrower != "authorization",
        Some(prefix) => narrower != prefix && narrower.starts_with(prefix),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_cover_others() {
        for (field, wider, narrower, expected) in [
            ("allow_origins", "https://*.example.com", "https://a.example.com", true),
            ("allow_origins", "https://*.example.com", "https://*.a.example.com", true),
            ("allow_origins", "https://*.example.com", "https://example.com", false),
            ("allow_origins", "https://*.example.com", "http://a.example.com", false),
            ("allow_origins", "https://*.example.com", "https://a.example.com:8443", false),
            ("allow_origins", "https://*.example.com", "https://aexample.com", false),
            ("allow_origins", "https://*.a.example.com", "https://*.example.com", false),
            ("allow_origins", "https://a.example.com", "https://*.a.example.com", false),
            ("allow_origins", "http://localhost:*", "http://localhost:8080", true),
            ("allow_origins", "http://localhost:*", "http://localhost", true),
            ("allow_origins", "http://localhost:8080", "http://localhost:*", false),
            ("allow_origins", "*", "regex: https://a", true),
            ("allow_origins", "regex: .*", "https://a.example.com", false),
            ("allow_methods", "PUT", "POST", true),
            ("allow_methods", "*", "PUT", true),
            ("allow_methods", "PUT", "PATCH", false),
            ("allow_headers", "*", "x-a", true),
            ("allow_headers", "*", "authorization", false),
            ("allow_headers", "x-*", "x-a", true),
            ("allow_headers", "x-*", "x-", false),
            ("allow_headers", "x-a", "x-ab", false),
            ("expose_headers", "*", "x-a", false),
        ] {
            let found = cover(field, narrower, [wider].into_iter()).is_some();
            assert_eq!(found, expected, "{field}: {wider} covers {narrower}");
        }
    }
}
