//! Expressions over origins: what they match, and whom they let in.

use super::dfa::{Tables, TooLarge};
use super::*;
use crate::origin::Origin;

fn read(source: &str) -> OriginRegex {
    OriginRegex::read(source).unwrap_or_else(|error| panic!("{source} {error}"))
}

#[track_caller]
fn matches(source: &str, text: &str, expected: bool) {
    let origin = Origin::parse(text).unwrap();
    let tables = Tables::new(&[read(source).into_node()]).unwrap();
    assert_eq!(tables.is_match(origin.as_str()), expected, "{source} on {text}");
}

#[test]
fn the_whole_origin_matches() {
    matches(r"https://app\.example\.com", "https://app.example.com", true);
    matches(r"https://app\.example\.com", "https://app.example.com.evil.org", false);
    matches(r"https://app\.example\.com", "https://app.example.com:8080", false);
    matches(r"^https://app\.example\.com$", "https://app.example.com", true);
    matches(r"https://a\.example|https://b\.example", "https://b.example", true);
    matches(r"https://a\.example|https://b\.example", "https://a.example.evil.org", false);
    matches(r"https://pr-[0-9]+\.preview\.example\.com", "https://pr-7.preview.example.com", true);
    matches(r"https://[a-z]{2,3}\.example\.com", "https://abcd.example.com", false);
    matches(r"https://[a-z]{2,3}\.example\.com", "https://ab.example.com", true);
    matches(r"https://\bexample\.com", "https://example.com", true);
    matches(r"https://.*\bexample\.com", "https://my-example.com", true);
    matches(r"https://.*\bexample\.com", "https://myexample.com", false);
    matches(r"https://a\Bb\.example\.com", "https://ab.example.com", true);
    matches(r"(?i)HTTPS://APP\.example\.com", "https://app.example.com", true);
}

#[test]
fn what_is_not_an_expression() {
    for source in ["(", "a{2,1}", "[z-a]", "a)|(b", r"\p{L}", "(?", "[a", "a**b("] {
        let error = OriginRegex::read(source).expect_err(source);
        assert!(matches!(error, RegexError::Syntax(_)), "{source} {error}");
    }
    let refused = |source: &str| OriginRegex::read(source).expect_err(source);
    for source in ["(a{1000}){1000}", "https://(.*.*.*){10000}a", &format!("https://{}", "a?".repeat(9000))] {
        assert_eq!(refused(source), RegexError::TooComplex, "{source:.40}");
    }
    assert_eq!(refused(r"(?x)https://a\.example # c"), RegexError::Unanchorable);
    assert_eq!(refused(""), RegexError::Empty);
    assert_eq!(refused("https://*.example.com"), RegexError::Glob(Some("https://*.example.com".to_owned())));
    assert_eq!(
        refused("https://*.*.example.com/*"),
        RegexError::Glob(Some("https://*.example.com".to_owned()))
    );
    assert_eq!(refused("*.example.com"), RegexError::Glob(Some("https://*.example.com".to_owned())));
    assert_eq!(refused("*"), RegexError::Glob(None));
}

#[test]
fn loose_dots_are_seen() {
    let (meant, loose) = read("https://app.example.com").verdict().loose_dot.clone().unwrap();
    assert_eq!((meant.as_str(), loose.as_str()), ("https://app.example.com", "https://appxexample.com"));
    for source in
        [r"https://.*\.example\.com", r"https://foo[.-]bar\.example\.com", r"https://[a-z.]+\.example\.com"]
    {
        assert_eq!(read(source).verdict().loose_dot, None, "{source}");
    }
}

#[test]
fn what_never_applies_is_seen() {
    for source in [
        r"foo\.test",
        r"https://a\.example/",
        r"https://a\.example/.*",
        r"https://a\.example:443",
        r"https://A\.example",
        r"https://[a-z]{64}\.example\.com",
        r"https://a\.example^",
        r"wss?://a\.example",
        "data:.*",
        "a",
    ] {
        assert!(read(source).verdict().is_never, "{source}");
    }
    for source in
        [r"https://a\.example", r"https://a\.example(/)?", "app://x", "(ws|app)://x", r"https://\[::1\]"]
    {
        assert!(!read(source).verdict().is_never, "{source}");
    }
}

#[track_caller]
fn insecure(source: &str, example: Option<&str>) {
    assert_eq!(read(source).verdict().insecure.as_deref(), example, "{source}");
}

#[test]
fn pages_that_came_unprotected() {
    for source in [
        r"https?://app\.example\.com",
        r"(https|http)://app\.example\.com",
        r"[a-z]+://app\.example\.com",
        r"https://a\.example|http://app\.example\.com",
        r"https?://(localhost|app\.example\.com)",
    ] {
        insecure(source, Some("http://app.example.com"));
    }
    insecure(r"http://app\.example\.com:[0-9]+", Some("http://app.example.com:1"));
    insecure(r"http://localhost\.?dev", Some("http://localhostdev"));
    insecure(r"http://[0-9.]+", Some("http://1.1.1.1"));
    insecure(r"http://\[[0-9a-f:]+\]", Some("http://[2001:db8::1]"));
    insecure(r"http://\[2001:db8::12\]", Some("http://[2001:db8::12]"));
    let mut hidden: Vec<String> = (0..40).map(|i| format!(r"https://a{i}\.example")).collect();
    hidden.push(r"http://b\.example".to_owned());
    insecure(&hidden.join("|"), Some("http://b.example"));
    for source in [
        r"https?://localhost(:\d+)?",
        r"http://(.+\.)?localhost",
        r"http://127\.0\.0\.\d+",
        r"http://\[::1\]:\d+",
    ] {
        insecure(source, None);
    }
}

#[test]
fn what_expressions_may_cost_together_has_a_limit() {
    let nodes = |count: usize, front: &str| -> Vec<Node> {
        (0..count)
            .map(|i| read(&format!(r"https://{front}\.tenant-{i:04}\.example\.com")).into_node())
            .collect()
    };
    let tables = Tables::new(&nodes(200, ".*")).unwrap();
    assert!(tables.is_match("https://a.tenant-0199.example.com"));
    assert!(!tables.is_match("https://a.tenant-0200.example.com"));
    let many: Vec<Node> = (0..300)
        .map(|i| {
            read(&format!(
                r"https://a{i}[a-z]{{55}}\.[a-z]{{60}}\.[a-z]{{60}}\.[a-z]{{40}}\.a{i}\.example\.com"
            ))
            .into_node()
        })
        .collect();
    assert!(matches!(Tables::new(&many), Err(TooLarge)));
    assert_eq!(OriginRegex::read(r"https://.{16}x.*\.example\.com").unwrap_err(), RegexError::TooComplex);
}

/// Each is small, but together they would have to remember which of all words came: they are parted.
#[test]
fn expressions_that_do_not_fit_together_are_parted() {
    let nodes: Vec<Node> =
        (0..12).map(|i| read(&format!(r"https://[a-z]{{{i}}}.*w{i}x.*\.example\.com")).into_node()).collect();
    let tables = Tables::new(&nodes).unwrap();
    assert!(tables.is_match("https://abcw3x.example.com") && !tables.is_match("https://abw3x.example.com"));
}
