//! Whom expressions let in.

use super::*;
use crate::origin::Origin;

fn read(source: &str) -> OriginRegex {
    OriginRegex::read(source).unwrap_or_else(|error| panic!("{source} {error}"))
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
    stranger(r"https://my-.?\.github\.io", "https://my-x.github.io", "github.io");
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
fn strangers_with_one_port_of_many() {
    let ports = (1000..1020).map(|port| format!(r"a{port}\.example\.com:{port}|")).collect::<String>();
    stranger(&format!(r"https://({ports}[a-z]+\.com:9999)"), "https://x.com:9999", "com");
    assert_eq!(read(&format!(r"https://({ports}example\.com)")).verdict().stranger, None);
}

#[test]
fn strangers_under_top_level_domains_that_are_not_known_here() {
    // Such as `organic`, `estate` and `foundation`.
    stranger(r"https://example\.org\w*", "https://example.orgg", "orgg");
    stranger(r"https://example\.es[a-z]?", "https://example.ess", "ess");
    stranger(r"https://example\.[a-z]{10}", "https://example.xxxxxxxxxx", "xxxxxxxxxx");
    stranger(r"https://example\.xn--p1[a-z]+", "https://example.xn--p1x", "xn--p1x");
}

#[test]
fn strangers_in_a_group_that_is_repeated() {
    stranger(r"https://(a|b|c|d|e|f){5}-example\.com", "https://aaaaa-example.com", "com");
    stranger(r"https://(a?){30}\.com", "https://a.com", "com");
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
        r"https://example\.com:?\d*",
        r"https://app\.internal(-[a-z]+)?",
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
        r"https://\[fd00:[0-9a-f:]+\]",
        r"https://\[fd00(:[0-9a-f]{1,4}){1,7}\]",
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
        r"https://\[2001:db8::[2-9]\]",
        r"https://\[2a02:[a-f]+::1\]",
        r"https://\[2001:470:[0-9a-f:]+\]",
        r"https://\[2a02(:[0-9a-f]{1,4}){1,7}\]",
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
