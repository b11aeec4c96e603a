//! Serialized origins: what is read, and what is not.

use super::*;

#[track_caller]
fn reads(text: &str, scheme: &str, port: Option<u16>, without_port: &str) {
    let origin = Origin::parse(text).unwrap();
    assert_eq!((origin.as_str(), origin.scheme(), origin.port()), (text, scheme, port));
    assert_eq!(origin.without_port(), without_port);
}

#[test]
fn origins() {
    reads("https://example.com", "https", None, "https://example.com");
    reads("http://localhost:5173", "http", Some(5173), "http://localhost");
    reads("https://[::1]", "https", None, "https://[::1]");
    reads("https://[2001:db8::1]:8443", "https", Some(8443), "https://[2001:db8::1]");
    reads("http://example.com:443", "http", Some(443), "http://example.com");
    reads("capacitor://localhost", "capacitor", None, "capacitor://localhost");
    reads("app://example:80", "app", Some(80), "app://example");
}

#[test]
fn malformed() {
    for text in [
        "",
        "null",
        "example.com",
        "//example.com",
        "://example.com",
        "HTTPS://example.com",
        "https://Example.com",
        "1http://example.com",
        "https:/example.com",
        "https://",
        "https://example.com/",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:080",
        "https://example.com:443",
        "http://example.com:80",
        "https://example.com:65536",
        "https://example.com:8080:90",
        "https://user@example.com",
        "https://example.com,https://example.org",
        "https://example.com https://example.org",
        "https://::1",
        "https://[::1]1",
        "https://[::1]:",
        "https://a[::1]",
        "https://example.com\0",
    ] {
        assert_eq!(Origin::parse(text), None, "{text}");
    }
}

#[test]
fn lengths_at_the_limit_and_one_past_it() {
    let scheme = "a".repeat(MAX_SCHEME_BYTES);
    let label = "a".repeat(host::MAX_LABEL_BYTES);
    let host = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    let longest = format!("{scheme}://{host}:65535");
    assert_eq!(longest.len(), MAX_ORIGIN_BYTES);
    assert_eq!(MAX_ORIGIN_BYTES, 326);
    assert!(Origin::parse(&longest).is_some());
    assert!(Origin::parse(&format!("{longest}0")).is_none());
    assert!(Origin::parse(&format!("a{scheme}://localhost")).is_none());
}

#[test]
fn insecure_is_http_beyond_this_machine() {
    let insecure = |text| Origin::parse(text).unwrap().is_insecure();
    assert!(insecure("http://example.com") && insecure("http://192.0.2.1:8080"));
    assert!(!insecure("https://example.com") && !insecure("http://localhost:3000"));
    assert!(!insecure("http://[::1]") && !insecure("connector://example.com"));
}
