//! The oracle itself: verdicts that a person can check by hand.

use crate::verdict::{Oracle, Verdict};

/// What kind of verdict it is.
fn kind(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Strangers(_) => "strangers",
        Verdict::Few(_) => "few",
        Verdict::Named => "named",
        Verdict::AboveSuffixes => "above",
        Verdict::Unlisted => "unlisted",
        Verdict::Nobody => "nobody",
        Verdict::Unknown => "unknown",
    }
}

#[track_caller]
fn check(oracle: &Oracle, expected: &str, regexes: &[&str]) {
    for regex in regexes {
        let verdict = oracle.judge(regex);
        assert_eq!(kind(&verdict), expected, "{regex}: {verdict:?}");
    }
}

#[test]
fn names_that_are_written() {
    let named = [
        "https://example\\.com",
        "https://[a-z0-9-]+\\.example\\.com",
        "https://([a-z0-9-]+\\.)*example\\.(com|org|co\\.uk)(:[0-9]+)?",
        "^https://a\\.example\\.com|https://b\\.example\\.com$",
        "https://(dev|stage)-example\\.com",
        "(?i)https://.*\\.EXAMPLE\\.com",
        "https?://localhost(:\\d+)?",
        "http://[a-z]+\\.localhost:[0-9]+",
        "https://[0-9a-f]+\\.shop\\.pages\\.dev",
        "https://.*\\.d3abcdef\\.amplifyapp\\.com",
        "https://mybucket\\.s3\\.amazonaws\\.com",
        "https://\\S+\\.example\\.com(/.*)?",
        "https://app\\.example.com",
        "https://(.*\\.)?\\bexample\\.org",
        "https://(a\\.)?www\\.example\\.ck",
        "https://10\\.\\d+\\.\\d+\\.\\d+(:\\d+)?",
        "https://\\[::1\\]:[0-9]+",
        "https://.*\\.city\\.kobe\\.jp",
    ];
    check(&Oracle::new(), "named", &named);
}

#[test]
fn names_for_sale() {
    check(
        &Oracle::new(),
        "strangers",
        &[
            ".*",
            "https://.*example\\.com",
            "https://example.*\\.com",
            "https://([a-z0-9-]+\\.)?example\\.[a-z]{2,}",
            "https://example\\.(com|co\\.[a-z]{2})",
            "https://.*\\bexample\\.com",
            "https://app\\.[a-z]+\\.com",
            "https://[a-z0-9-]+\\.[a-z0-9-]+\\.[a-z]+",
            "https://tenant-[0-9]+example\\.com",
            "https://[a-z]{3}-example\\.com",
            "https://[[:alnum:]-]+example\\.com",
            "https://\\x65xample\\.com.*",
            "(?x) https://example\\.com .*",
            "(?si)https://.*EXAMPLE\\.com",
            "https://\\d+\\.\\d+\\.\\d+\\.\\d+",
            "https://203\\.0\\.\\d+\\.\\d+",
            "https://shop-[a-z0-9]+-yourteam\\.vercel\\.app",
            "https://.*\\.vercel\\.app",
            "https://.*\\.run\\.app",
            "https://my-bucket.*\\.s3\\.amazonaws\\.com",
            "https://[a-z]+\\.x\\.kobe\\.jp",
            "https://[a-z]+\\.foo\\.ck",
            "https://.*:8443",
        ],
    );
}

#[test]
fn a_few_names() {
    let few = [
        "https://.?example\\.com",
        "https://www.?example\\.com",
        "https://v[0-9]\\.com",
        "https://example\\.com\\w*",
        "https://*.example.com",
    ];
    check(&Oracle::new(), "few", &few);
}

#[test]
fn labels_above_suffixes() {
    check(&Oracle::new(), "above", &["https://[a-z0-9-]+\\.amazonaws\\.com", "https://my.?app\\.kobe\\.jp"]);
    check(&Oracle::new(), "named", &["https://[a-z0-9-]+\\.example\\.amazonaws\\.com"]);
}

#[test]
fn nobody_at_all() {
    let nobody = ["https://example\\.com/.+", "https://example\\.com:443", "https://[A-Z]+", "app://.*", "a"];
    check(&Oracle::new(), "nobody", &nobody);
}

#[test]
fn names_that_do_not_exist() {
    check(&Oracle::new(), "unlisted", &["https://[a-z]+\\.internal", "https://f[a-z]*\\.test"]);
}

#[test]
fn too_complex() {
    check(&Oracle::new(), "unknown", &["https://.{40}a(.*b.{18})?c.*\\.com", "https://(", "["]);
}

/// The name of a stranger is one that could be registered, and its origin matches.
#[test]
fn strangers_are_shown() {
    let verdict = Oracle::new().judge("https://pr-[0-9]+[a-z-]*example\\.com:[0-9]+");
    let Verdict::Strangers(origin) = verdict else { panic!("{verdict:?}") };
    assert!(origin.starts_with("https://pr-") && origin.contains("example.com:"), "{origin}");
}
