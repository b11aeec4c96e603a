//! Expressions over origins: what they match, and which are refused.

use super::*;

fn compile(source: &str) -> OriginRegex {
    OriginRegex::compile(source).unwrap_or_else(|error| panic!("{source} {error}"))
}

#[track_caller]
fn matches(source: &str, text: &str, expected: bool) {
    let origin = Origin::parse(text).unwrap();
    assert_eq!(compile(source).matches(&origin), expected, "{source} on {text}");
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
}

#[test]
fn any_origin_is_refused() {
    for source in
        [".*", ".+", "https://.+", "https?://.*", "[a-z]+://.*", "https://[a-z.]+", r"https://.+:\d+"]
    {
        let error = OriginRegex::compile(source).expect_err(source);
        assert!(matches!(error, RegexError::AnyOrigin(_)), "{source} {error}");
    }
}

#[track_caller]
fn open_end(source: &str, example: &str) {
    assert_eq!(OriginRegex::compile(source).expect_err(source), RegexError::OpenEnd(example.into()));
}

#[test]
fn an_open_end_lets_in_strangers() {
    open_end(r"https://example\.com.*", "https://example.com.evil.example");
    open_end(r"https://example\.com.*:[0-9]+", "https://example.com.evil.example:1");
    open_end(r"(?i)https://EXAMPLE\.com.*", "https://example.com.evil.example");
    open_end(r"https://app\.example\.com|https://example\.com.*", "https://example.com.evil.example");
    open_end(r".*example.*", "https://example.evil.example");
    open_end(r"http://localhost.*", "http://localhost.evil.example");
}

#[track_caller]
fn open_start(source: &str, example: &str) {
    assert_eq!(compile(source).open_start().as_deref(), Some(example), "{source}");
}

#[test]
fn an_open_start_lets_in_strangers() {
    open_start(r"https://.*example\.com", "https://evilexample.com");
    open_start(r".*example\.com", "https://evilexample.com");
    open_start(r"https://.*example\.com:[0-9]+", "https://evilexample.com:1");
    open_start(r"https://[A-Za-z0-9-]+example\.com", "https://evilaexample.com");
    open_start(r"https://(app\.example\.com|.*example\.com)", "https://evilexample.com");
    open_start(r"https://.*example\.co\.uk", "https://evilexample.co.uk");
    for source in
        ["https://.*.example.com", "^https://.*.example.com$", "https://[a-z]*.example.com", ".*.example.com"]
    {
        open_start(source, "https://evilexample.com");
    }
    open_start("https?://.*.example.com", "https://evilexample.com");
}

#[test]
fn names_under_a_public_suffix_are_seen() {
    for (source, suffix) in [
        (r"https://[^.]+\.com", "com"),
        (r".+\.fr", "fr"),
        (r"https://[A-Za-z0-9.-]+\.fr", "fr"),
        (r"https://.+\.co\.uk", "co.uk"),
        (r"https://[a-z0-9-]+\.vercel\.app", "vercel.app"),
        (r"https://.*\.github\.io", "github.io"),
        (r"https://[a-z0-9-]+\.internal", "internal"),
    ] {
        assert_eq!(compile(source).public_suffix().as_deref(), Some(suffix), "{source}");
    }
    for source in [
        r"https://(.+\.)?example\.com",
        r"https://shop-[a-z0-9]+-team\.vercel\.app",
        r"http://[a-z]+\.localhost(:[0-9]+)?",
        r"https://.+\.example\.co\.uk",
    ] {
        assert_eq!(compile(source).public_suffix(), None, "{source}");
    }
}

#[test]
fn what_somebody_may_mean() {
    for source in [
        r"https://(.+\.)?example\.com(:[0-9]+)?",
        r"https://.*\.example\.com",
        r"https://[a-z]*app\.example\.com",
        "moz-extension://[0-9a-f-]{36}",
        r"http://localhost(:\d+)?",
        r"http://[a-z]+\.localhost(:[0-9]+)?",
        r"https://([a-z0-9-]{1,63}\.){1,10}example\.com",
        r"http://192\.168\.[0-9]+\.[0-9]+(:[0-9]+)?",
    ] {
        assert_eq!(compile(source).open_start(), None, "{source}");
    }
}

#[test]
fn what_does_not_compile() {
    for source in ["(", "a{2,1}", "[z-a]", "a)|(b", r"\p{L}", "(a{1000}){1000}", "https://(.*.*.*){10000}a"] {
        let error = OriginRegex::compile(source).expect_err(source);
        assert!(matches!(error, RegexError::Syntax(_)), "{source} {error}");
    }
    let refused = |source| OriginRegex::compile(source).expect_err(source);
    assert_eq!(refused(r"(?x)https://a\.example # c"), RegexError::Unanchorable);
    assert_eq!(refused(""), RegexError::Empty);
}

#[test]
fn loose_dots_are_seen() {
    let (meant, loose) = compile("https://app.example.com").loose_dot().unwrap();
    assert_eq!((meant.as_str(), loose.as_str()), ("https://app.example.com", "https://appxexample.com"));
    for source in
        [r"https://.*\.example\.com", r"https://foo[.-]bar\.example\.com", r"https://[a-z.]+\.example\.com"]
    {
        assert_eq!(compile(source).loose_dot(), None, "{source}");
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
    ] {
        assert!(compile(source).matched_non_origin().is_some(), "{source}");
    }
    assert_eq!(compile(r"https://a\.example").matched_non_origin(), None);
    assert_eq!(compile(r"https://a\.example(/)?").matched_non_origin(), None);
}

#[test]
fn with_credentials_only_protected_pages() {
    for source in [
        r"https?://app\.example\.com",
        r"(https|http)://app\.example\.com",
        r"[a-z]+://app\.example\.com",
        r"https://a\.example|http://app\.example\.com",
        r"https?://(localhost|app\.example\.com)",
    ] {
        let error = compile(source).secure_only().expect_err(source);
        assert_eq!(error, RegexError::Insecure("http://app.example.com".into()), "{source}");
    }
    assert!(compile(r"http://app\.example\.com:[0-9]+").secure_only().is_err());
    assert!(compile(r"http://[A-Za-z0-9]+\.example\.com").secure_only().is_err());
    assert!(compile(r"https?://localhost(:\d+)?").secure_only().is_ok());
}

#[test]
fn an_insecure_page_that_no_sample_shows_is_not_let_in() {
    let mut hidden: Vec<String> = (0..40).map(|i| format!(r"https://a{i}\.example")).collect();
    hidden.push(r"http://b\.example".to_owned());
    let regex = compile(&hidden.join("|")).secure_only().unwrap();
    assert!(regex.matches(&Origin::parse("https://a39.example").unwrap()));
    assert!(!regex.matches(&Origin::parse("http://b.example").unwrap()));
}

#[test]
fn what_an_expression_may_cost_has_a_limit() {
    let alternatives =
        |count: usize| (0..count).map(|i| format!(r"https://a{i:04}\.example")).collect::<Vec<_>>().join("|");
    compile(&alternatives(50));
    assert!(matches!(OriginRegex::compile(&alternatives(2000)), Err(RegexError::Syntax(_))));
}
