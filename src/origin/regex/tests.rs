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

#[track_caller]
fn open_end(source: &str, example: &str) {
    assert_eq!(read(source).verdict().open_end.as_deref(), Some(example), "{source}");
}

#[test]
fn any_origin_is_seen() {
    for source in
        [".*", ".+", "https://.+", "https?://.*", "[a-z]+://.*", "https://[a-z.]+", r"https://.+:\d+"]
    {
        assert!(read(source).verdict().any.is_some(), "{source}");
    }
}

#[test]
fn an_open_end_lets_in_strangers() {
    open_end(r"https://example\.com.*", "https://example.com.evil.org");
    open_end(r"https://example\.com.*:[0-9]+", "https://example.com.evil.org:1");
    open_end(r"(?i)https://EXAMPLE\.com.*", "https://example.com.evil.org");
    open_end(r"https://app\.example\.com|https://example\.com.*", "https://example.com.evil.org");
    open_end(r".*example.*", "https://example.evil.org");
    open_end(r"http://localhost.*", "http://localhost.evil.org");
    assert_eq!(read(r"https://.*\.org").verdict().open_end, None);
    assert_eq!(read(r"https://example\.com\w*").verdict().open_end, None);
}

#[track_caller]
fn open_start(source: &str, example: &str, is_glued: bool) {
    let open = OpenStart { origin: example.to_owned(), is_glued };
    assert_eq!(read(source).verdict().open_start, Some(open), "{source}");
}

#[test]
fn an_open_start_lets_in_strangers() {
    open_start(r"https://.*example\.com", "https://evilexample.com", true);
    open_start(r".*example\.com", "https://evilexample.com", true);
    open_start(r"https://.*example\.com:[0-9]+", "https://evilexample.com:1", true);
    open_start(r"https://[A-Za-z0-9-]+example\.com", "https://evilexample.com", true);
    open_start(r"https://(app\.example\.com|.*example\.com)", "https://evilexample.com", true);
    open_start(r"https://.*example\.co\.uk", "https://evilexample.co.uk", true);
    open_start(r"https://.*-team\.vercel\.app", "https://evil-team.vercel.app", false);
    for source in ["https://.*.example.com", "^https://.*.example.com$", ".*.example.com"] {
        open_start(source, "https://evilexample.com", true);
    }
    for source in [r"https://[0-9]+example\.com", r"https://.?example\.com", r"https://example.*\.com"] {
        assert_eq!(read(source).verdict().open_start, None, "{source}");
    }
}

#[track_caller]
fn stranger(source: &str, origin: &str, below: &str) {
    let found = read(source).verdict().stranger.clone();
    let found = found.as_ref().map(|stranger| (&*stranger.origin, &*stranger.below));
    assert_eq!(found, Some((origin, below)), "{source}");
}

#[test]
fn strangers_are_found() {
    stranger(r"https://example-[a-z0-9-]+\.com", "https://example-x.com", "com");
    stranger(r"https://app\.[a-z]+\.com", "https://app.x.com", "com");
    stranger(
        r"https://shop-[a-z0-9]+-yourteam\.vercel\.app",
        "https://shop-x-yourteam.vercel.app",
        "vercel.app",
    );
    stranger(r"https://.?example\.com", "https://xexample.com", "com");
    stranger(r"https://(www.)?example\.com", "https://wwwxexample.com", "com");
    stranger(r"https://tenant-[0-9]+example\.com", "https://tenant-1example.com", "com");
    stranger(r"https://[[:alnum:]-]+\x65xample\.com", "https://xexample.com", "com");
    stranger("(?x) https:// .* example\\.com", "https://xexample.com", "com");
    stranger(r"https://.*\bexample\.com", "https://x-example.com", "com");
    stranger(r"https://.*\.run\.app", "https://x.run.app", "run.app");
    stranger(r"https://[a-z0-9-]+\.internal", "https://x.internal", "internal");
    stranger(r"https://.*\.co\.uk", "https://x.co.uk", "co.uk");
    stranger(r"https://a{1,9}\.com", "https://aa.com", "com");
    stranger(r"https://[12]{7}\.com", "https://1111111.com", "com");
    stranger(r"https://(ab)+\.com", "https://abab.com", "com");
    stranger(r"https://example\.c[a-z]", "https://example.ca", "ca");
    let sixteenth = (0..20).map(|i| format!(r"a{i}\.example\.com|")).collect::<String>();
    stranger(&format!(r"https://({sixteenth}.*example\.org)"), "https://xexample.org", "org");
}

#[test]
fn what_is_spelled_out_lets_in_nobody() {
    for source in [
        r"https://(.+\.)?example\.com(:[0-9]+)?",
        r"https://([a-z0-9-]+\.)*example\.(com|org|co\.uk)(:[0-9]+)?",
        r"https://pr-[0-9]+-shop\.example\.com",
        r"https://(1|2|3|4|5|6|7|8|9)\.com",
        r"https://v[12]-example\.com",
        r"https://example(-dev)?\.com",
        r"(?i)https://.*\.EXAMPLE\.com",
        r"https://[a-z0-9-]+\.myproject\.pages\.dev",
        r"https://mybucket\.s3\.amazonaws\.com",
        r"https://s3\.us-east-1\.amazonaws\.com",
        r"https?://localhost(:\d+)?",
        r"http://[a-z]+\.localhost(:[0-9]+)?",
        r"https://(app|admin)[.-]example\.com",
        r"https://(.*\.)?[.-]example\.com",
        r"https://[a-z]+-\.com",
        r"https://(\.|-)example\.com[.-]?",
        r"https://app\.example.com",
        r"https://10\.\d+\.\d+\.\d+",
        r"https://192\.168\.[0-9]+\.[0-9]+(:[0-9]+)?",
        r"https://172\.(1[6-9]|2\d|3[01])\.\d+\.\d+",
        r"https://203\.0\.113\.66",
        r"https://\[fd00::[0-9a-f]+\]",
        r"app://.*",
        r"https://(.*)?\.example\.com(/.*)?",
        r"https://([a-z0-9-]{1,63}\.){1,10}example\.com",
        "moz-extension://[0-9a-f-]{36}",
    ] {
        let verdict = read(source).verdict().clone();
        let found = (&verdict.stranger, &verdict.address, verdict.extension);
        assert_eq!(found, (&None, &None, None), "{source}");
        assert!(!verdict.is_never, "{source}");
    }
}

#[test]
fn addresses_that_are_not_spelled_out() {
    for source in [
        r"https://\d+\.\d+\.\d+\.\d+(:\d+)?",
        r"https://203\.0\.113\.[0-9]+",
        r"https://172\.\d+\.\d+\.\d+",
        r"https://[0-9.]+",
        r"https://\[[0-9a-f:]+\]",
        r"http://1\d*\.0\.0\.1",
    ] {
        let address = read(source).verdict().address.clone();
        assert!(address.as_deref().and_then(Origin::parse).is_some(), "{source} {address:?}");
    }
}

#[test]
fn every_extension() {
    assert_eq!(read("chrome-extension://[a-p]{32}").verdict().extension, Some("chrome-extension"));
    assert_eq!(
        read("(https://a\\.example|safari-web-extension://.*)").verdict().extension,
        Some("safari-web-extension")
    );
    assert_eq!(read("chrome-extension://abcdefghijklmnopabcdefghijklmnop").verdict().extension, None);
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
        "a",
    ] {
        assert!(read(source).verdict().is_never, "{source}");
    }
    for source in [r"https://a\.example", r"https://a\.example(/)?", "app://x", r"https://\[::1\]"] {
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
