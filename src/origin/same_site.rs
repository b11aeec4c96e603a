//! Whether a page belongs to the site of the host that it calls, <https://html.spec.whatwg.org/multipage/browsers.html#same-site>.

use super::Origin;
use super::host::Host;
use super::public_suffix::registrable_domain;

/// Whether the origin is an `https` one whose host has the same registrable domain as `host`, which is in lower case
/// and without port; any bytes. A host without a registrable domain, such as an IP address or a public suffix, belongs
/// to no site.
#[must_use]
pub fn is_same_site(origin: &Origin<'_>, host: &[u8]) -> bool {
    let Host::Name(page) = origin.host() else { return false };
    let own = site(host);
    origin.scheme() == "https" && own.is_some() && own == registrable_domain(page)
}

/// The registrable domain of a host in lower case; any bytes.
#[must_use]
pub fn site(host: &[u8]) -> Option<&str> {
    match Host::parse(std::str::from_utf8(host).ok()?).ok()? {
        Host::Name(name) => registrable_domain(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(origin: &str, host: &str, expected: bool) {
        let origin = Origin::parse(origin).unwrap();
        assert_eq!(is_same_site(&origin, host.as_bytes()), expected, "{} at {host}", origin.as_str());
    }

    #[test]
    fn one_site() {
        for origin in ["https://example.com", "https://a.b.example.com", "https://example.com:444"] {
            check(origin, "api.example.com", true);
            check(origin, "example.com", true);
        }
        check("https://x.example.co.uk", "api.example.co.uk", true);
        check("https://x.t.github.io", "t.github.io", true);
    }

    #[test]
    fn not_one_site() {
        for (origin, host) in [
            ("http://example.com", "example.com"),
            ("https://example.org", "example.com"),
            ("https://evilexample.com", "example.com"),
            ("https://example.com", "evilexample.com"),
            ("https://a.co.uk", "b.co.uk"),
            ("https://u.github.io", "t.github.io"),
            ("https://github.io", "github.io"),
            ("https://co.uk", "co.uk"),
            ("https://localhost", "localhost"),
            ("https://192.0.2.1", "192.0.2.1"),
            ("https://example.com", ""),
            ("https://example.com", "example.com/"),
        ] {
            check(origin, host, false);
        }
        assert!(!is_same_site(&Origin::parse("https://example.com").unwrap(), b"\xff.example.com"));
    }
}
