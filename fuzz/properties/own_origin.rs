//! A page's request to its own origin is known by scheme and authority, whatever bytes they hold.
//!
//! Three lines: `Origin`, the scheme, the authority.

use proxy_wasm_cors::origin::own::is_own_origin;

/// Holds the three values against [`is_own`].
pub fn check(input: &[u8]) {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (origin, scheme, authority) = (line(), line(), line());
    assert_eq!(
        is_own_origin(origin, scheme, authority),
        is_own(origin, scheme, authority),
        "{} to {} {}",
        origin.escape_ascii(),
        scheme.escape_ascii(),
        authority.escape_ascii(),
    );
}

/// Whether the origin is one of the ways to write the scheme and the authority as one, case aside. What has a colon is no
/// scheme.
pub fn is_own(origin: &[u8], scheme: &[u8], authority: &[u8]) -> bool {
    if scheme.is_empty() || scheme.contains(&b':') || authority.is_empty() {
        return false;
    }
    let port: &[u8] = if scheme.eq_ignore_ascii_case(b"https") { b":443" } else { b":80" };
    let host = authority.strip_suffix(port).unwrap_or(authority);
    let own = [scheme, b"://", host].concat();
    let own_with_port = [&own, port].concat();
    origin.eq_ignore_ascii_case(&own) || origin.eq_ignore_ascii_case(&own_with_port)
}
