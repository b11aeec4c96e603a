//! Patterns of origins: what is read, and the words for what is not.

use super::*;

#[track_caller]
fn reads(text: &str, is_wildcard: bool, port: PortPattern) {
    let pattern = OriginPattern::parse(text).unwrap_or_else(|error| panic!("{text} {error}"));
    assert_eq!((pattern.as_str(), pattern.is_wildcard(), pattern.port()), (text, is_wildcard, port));
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let error = OriginPattern::parse(text).expect_err(text);
    let told = format!("{error}; {}", error.remedy(text));
    assert!(told.contains(message), "{text} {told}");
}

#[test]
fn patterns() {
    reads("https://example.com", false, PortPattern::Only(None));
    reads("https://example.com:8443", false, PortPattern::Only(Some(8443)));
    reads("https://example.com:*", false, PortPattern::Any);
    reads("https://*.example.com", true, PortPattern::Only(None));
    reads("https://*.example.com:*", true, PortPattern::Any);
    reads("http://[::1]:*", false, PortPattern::Any);
    reads("http://127.0.0.1:8080", false, PortPattern::Only(Some(8080)));
    reads("http://example.com:443", false, PortPattern::Only(Some(443)));
    reads("moz-extension://5b6b6b6e-3c5b-4c5a-8a4c-6a1f2d3e4f50", false, PortPattern::Only(None));
}

#[test]
fn what_an_origin_has_not() {
    refused(
        "https://example.com/",
        "has a path; an origin ends after the host or port: write `https://example.com`",
    );
    refused(
        "https://example.com:1/x?y",
        "has a path; an origin ends after the host or port: write `https://example.com:1`",
    );
    refused("https://example.com?x", "has a query");
    refused("https://example.com#x", "has a fragment");
    refused(
        "https://a:b@example.com",
        "has a user name before `@`, and an origin has none; write `https://example.com`",
    );
    refused("https://a.com,https://b.com", "write each origin as an entry of its own");
}

#[test]
fn schemes() {
    refused("example.com", "has no scheme, with which an origin begins; write `https://example.com`");
    refused("//example.com", "write `https://example.com`");
    refused("my_app://example.com", "does not begin with a scheme");
    refused("https?://example.com", "does not begin with a scheme");
    refused("HTTPS://example.com", "write `https://example.com`");
}

/// What each of them means to browsers.
#[test]
fn schemes_of_no_origin() {
    refused(
        "file:///x",
        "names a local file, and all of them have the one origin `file://`; write `file://` and add `file-origin`",
    );
    refused("FILE://", "names a local file");
    refused("ws://example.com/x", "opens the WebSocket, such as `http://example.com`");
    refused("WSS://example.com:443", "opens the WebSocket, such as `https://example.com`");
    refused("wss://", "opens the WebSocket, such as `https://app.example.com`");
    refused("data:text/html;x", "has a scheme that no page's origin has; pages of such URLs send `null`");
    refused("blob:https://a.example/b", "has the origin in it: write `https://a.example`");
    refused("blob:null/b", "write an origin such as");
    refused("about:blank", "has the origin of the one that opened it, or `null`");
}

#[test]
fn hosts() {
    refused("https://", "has no host");
    refused("https://EXAMPLE.com", "write `https://example.com`");
    refused("https://b\u{fc}cher.example", "punycode");
    refused("https://ex%61mple.com", "has the character `%` in its host");
    refused(
        "https://example.com.",
        "has a dot at the end of its host; to browsers that is another origin than the one without the dot",
    );
    refused(
        "https://Example.com./x",
        "write it as in `https://app.example.com`. Also, it has a dot at the end",
    );
    refused("http://127.1", "write four decimal numbers");
    refused("http://[0:0::1]", "write `http://[::1]`");
    refused("http://[::ffff:7f7f:7f7f]:90", "browsers send it as `[::ffff:7f7f:7f7f]`, another origin");
    refused("http://[::ffff:1.2.0.4]", "browsers send it as `[::ffff:102:4]`, another origin");
    refused("https://::1:90", "write one port, and an IPv6 address in brackets");
    refused("https://abc[::1]:90", "has the character `[` in its host");
}

#[test]
fn wildcards() {
    for text in [
        "https://*",
        "https://*:*",
        "https://*example.com",
        "https://a.*.com",
        "https://**.a",
        "https://bar*",
    ] {
        assert_eq!(OriginPattern::parse(text), Err(PatternError::Wildcard), "{text}");
    }
    refused("https://*.", "has no host");
    refused("https://*.127.0.0.1", "has `*.` in front of an IP address");
    refused("https://*.[::1]", "has `*.` in front of an IP address");
    let label = "a".repeat(62);
    let base = format!("{label}.{label}.{label}.{label}");
    assert_eq!(base.len(), 251);
    reads(&format!("https://*.{base}"), true, PortPattern::Only(None));
    refused(&format!("https://*.{base}a"), "has a host of more than 253 bytes");
}

#[test]
fn ports() {
    refused(
        "https://example.com:443",
        "has the port 443, which browsers leave out for this scheme; write `https://example.com`",
    );
    refused("http://*.example.com:80", "write `http://*.example.com`");
    refused("https://example.com:0", "has a port out of range; write a port from 1 to 65535, or `*` for any");
    refused("https://example.com:65536", "has a port out of range");
    refused("https://example.com:080", "has a port that begins with a zero");
    refused("https://example.com:", "has a port that is not a number");
    refused("https://example.com:80:90", "has more than one `:` after the scheme");
    refused("https://*.example.com:[8080]", "has the character `:` in its host");
}

/// Whatever is wrong with a text, what is said to write instead is right.
#[test]
fn advice_is_never_refused_in_turn() {
    for (text, advice) in [
        ("https://Example.com/", "write `https://example.com`"),
        ("https://example.com:443/", "write `https://example.com`"),
        ("HTTPS://EXAMPLE.COM/", "write `https://example.com`"),
        ("https://EXAMPLE.com:443", "write `https://example.com`"),
        ("example.com/", "write `https://example.com`"),
        ("https://user@example.com/x", "write `https://example.com`"),
        ("https:/example.com", "write `https://example.com`"),
        ("www.example.com:443", "write `https://www.example.com`"),
        ("*.example.com", "write `https://*.example.com`"),
        ("https://[::FFFF:1.2.3.4]", "write it as in `https://app.example.com`"),
        ("https://\u{1b}X.com", "write it as in `https://app.example.com`"),
        ("nulll", "write `https://nulll`"),
        ("null/", "write it as in `https://app.example.com`"),
        ("https//example.com", "write `https://example.com`"),
        ("http//localhost:3000", "write `http://localhost:3000`"),
        ("mailto:x@y.z", "write it as in `https://app.example.com`"),
        ("localhost:3000", "write `http://localhost:3000`"),
        ("127.0.0.1", "write `http://127.0.0.1`"),
        ("https://a.example ", "has a blank before or after it; write `https://a.example`"),
    ] {
        refused(text, advice);
    }
}
