//! Whole configurations: what is accepted, and the very words for what is not.

mod by_origin;
mod lists;
mod modes;
mod on_invalid;
mod origins;
mod policies;
mod selectors;
mod switches;

use super::*;

#[track_caller]
fn check(json: &str, expected: &[&str]) {
    let loaded = load(Some(json.as_bytes()));
    let found: Vec<String> = loaded.findings.iter().map(told).collect();
    assert_eq!(found, expected);
    assert_eq!(loaded.policies.is_some(), loaded.problems() == 0);
}

fn told(finding: &Finding) -> String {
    let severity = if finding.severity == Severity::Problem { "" } else { "warning " };
    format!("{severity}{}: {}", finding.path, finding.message)
}

#[test]
fn the_smallest_configuration() {
    check(r#"{"allow_origins":["https://app.example.com"]}"#, &[]);
    check(r#"{"allow_origins":["*"]}"#, &[]);
}

#[test]
fn every_field_in_both_styles() {
    check(
        r#"{"allow_origins":["https://a.example",{"exact":"https://b.example"},{"regex":"https://pr-[0-9]+\\.c\\.example"}],
        "allow_credentials":true,"allow_methods":["PUT","delete"],"allow_headers":["Authorization"],
        "expose_headers":["X-Job-Id"],"max_age":"10m","preflight_status":200,"block_denied_requests":false,
        "mode":"shadow","dangerously_allow":[],"name":"api"}"#,
        &[],
    );
    check(
        r#"{"allowOrigins":["https://a.example"],"allowCredentials":false,"allowMethods":["*"],"allowHeaders":["*"],
        "exposeHeaders":["*"],"maxAge":600.0,"preflightStatus":204,"blockDeniedRequests":false,
        "allowPrivateNetwork":false,"dangerouslyAllow":[]}"#,
        &[],
    );
}

#[test]
fn every_problem_at_once() {
    check(
        r#"{"allow_origins":["https://a.example/","null"],"alow_credentials":true,"max_age":-1,"mode":"off",
        "allow_methods":["GET POST"],"preflight_status":404,"dangerously_allow":["null"],"name":"A b"}"#,
        &[
            "alow_credentials: `alow_credentials` is not a known field; did you mean `allow_credentials`?",
            "name: `A b` cannot name a policy; write 1 to 64 of lower-case letters, digits, `_` and `-`",
            "mode: is the text `off`; write `\"enforce\"`, `\"shadow\"` to judge and record without touching traffic, or `\"passthrough\"` to do nothing",
            "dangerously_allow[0]: `null` is not a known switch; did you mean `null-origin`?",
            "allow_origins[0]: `https://a.example/` has a path; an origin ends after the host or port: write `https://a.example`",
            "allow_origins[1]: `null` is the origin of every sandboxed frame, so any website can have it; name the origins, or add `null-origin` to `dangerously_allow`",
            "allow_methods[0]: `GET POST` is not a token; write letters, digits and `-` only",
            "max_age: is the number `-1`; write whole seconds from 0 to 2147483647, or a duration such as `\"600s\"`, `\"10m\"` or `\"24h\"`",
            "preflight_status: is the number `404`; write a number from 200 to 299: to a browser any other status fails the preflight",
        ],
    );
}

#[test]
fn no_one_or_everyone() {
    check(
        "{}",
        &["allow_origins: is missing; write who may read responses, such as `[\"https://app.example.com\"]`"],
    );
    check(
        r#"{"allow_origins":[]}"#,
        &[
            "allow_origins: is empty, which allows no one; write `[\"https://app.example.com\"]`, or remove the filter",
        ],
    );
    let beside = "`*` stands beside other origins, which it makes meaningless; remove it, or all others";
    check(
        r#"{"allow_origins":["https://a.example","*","*"]}"#,
        &[&format!("allow_origins[1]: {beside}"), &format!("allow_origins[2]: {beside}")],
    );
    check(r#"{"allow_origins":["*","*"]}"#, &["warning allow_origins[1]: `*` is there twice; remove one"]);
    check(
        r#"{"allow_origins":["*"],"allow_credentials":true}"#,
        &[
            "allow_origins[0]: `*` with `allow_credentials` lets every website act as the user; name the origins, or add `any-origin-with-credentials` to `dangerously_allow`",
        ],
    );
    check(
        r#"{"allow_origins":["*"],"allow_credentials":true,"dangerously_allow":["any-origin-with-credentials"]}"#,
        &[],
    );
}

#[test]
fn origins_of_other_shapes() {
    check(
        r#"{"allow_origins":[1,{"prefix":"https://a.example"},{"regex":".*"},{"exact":"a"},{"exact":"https://a.example","regex":"x"}]}"#,
        &[
            "allow_origins[0]: is the number `1`; write an origin, such as `\"https://app.example.com\"`",
            "allow_origins[1]: `prefix` also matches origins of others: with `https://a.example` it matches `https://a.example.evil.org`; write `https://a.example`",
            "allow_origins[2]: `.*` matches origins that nobody can have meant, such as `https://nobodymeantthis.com`; name your hosts in it, or write `[\"*\"]` if you mean every origin",
            "allow_origins[3]: `a` has no scheme, with which an origin begins; write `https://a`",
            "allow_origins[4]: is an object that does not name an origin; write a text, or one of `{\"exact\": \"https://app.example.com\"}` and `{\"regex\": \"https://app-[0-9]+\\\\.example\\\\.com\"}`",
        ],
    );
    check(
        r#"{"allow_origins":[{"regex":"https://app.example.com"}]}"#,
        &[
            "warning allow_origins[0]: `https://app.example.com` does not spell out whom it lets in: it also matches `https://appxexample.com`, and `com` is a public suffix; write out every character of your domain, or add `public-suffix-wildcards` to `dangerously_allow`",
            "warning allow_origins[0]: `https://app.example.com` has a dot that matches any character: not only `https://app.example.com` but also `https://appxexample.com`; write `\\.` for a dot",
        ],
    );
}

#[test]
fn insecure_pages_with_credentials() {
    let config = |origin: &str, switch: &str| {
        format!(r#"{{"allow_origins":[{origin}],"allow_credentials":true,"dangerously_allow":[{switch}]}}"#)
    };
    let switch = r#""insecure-origins-with-credentials""#;
    for origin in
        [r#""http://a.example""#, r#""http://*.a.example:*""#, r#"{"regex":"https?://a\\.example"}"#]
    {
        let loaded = load(Some(config(origin, "").as_bytes()));
        assert_eq!(
            (loaded.problems(), loaded.findings[0].path.as_str()),
            (1, "allow_origins[0]"),
            "{origin}"
        );
        check(&config(origin, switch), &[]);
    }
    for origin in
        [r#""http://localhost:*""#, r#""http://*.localhost""#, r#""http://127.0.0.1""#, r#""app://a""#]
    {
        check(&config(origin, ""), &[]);
    }
}

/// What is advised is judged too, so that nothing is left for the second look.
#[test]
fn a_mistake_does_not_hide_a_danger() {
    check(
        r#"{"allow_origins":["http://a.example/"],"allow_credentials":true}"#,
        &[
            "allow_origins[0]: `http://a.example/` has a path; an origin ends after the host or port: write `http://a.example`. Even so, `http://a.example` is allowed credentials, and anyone on the network can alter such a page; write `https://`, or add `insecure-origins-with-credentials` to `dangerously_allow`",
        ],
    );
    check(
        r#"{"allow_origins":["*.github.io"],"allow_credentials":true}"#,
        &[
            "allow_origins[0]: `*.github.io` has no scheme, with which an origin begins; write `https://*.github.io`. Even so, `https://*.github.io` takes in names of many owners: `github.io` is a public suffix, as far as a hash of the Public Suffix List tells; name your own domain below it, or add `public-suffix-wildcards` to `dangerously_allow`",
        ],
    );
}

#[test]
fn what_is_useless_is_dropped_with_a_warning() {
    check(
        r#"{"allow_origins":["https://a.example","https://a.example"],"allow_methods":["TRACE","PUT","put","patch"],
        "allow_headers":["DNT","X-A","x-a","Access-Control-Allow-Origin"],"expose_headers":["Set-Cookie","Content-Type","Origin","X-A"],
        "max_age":86401}"#,
        &[
            "warning allow_origins[1]: `https://a.example` is there twice; remove one",
            "warning allow_methods[0]: `TRACE` is a method that no script may use; remove it",
            "warning allow_methods[2]: `put` is there twice; remove one",
            "warning allow_methods[3]: `patch` is not `PATCH`: case matters in methods; write `PATCH` if you mean it",
            "warning allow_headers[0]: `DNT` is a header that browsers let no script send; remove it",
            "warning allow_headers[2]: `x-a` is there twice; remove one",
            "warning allow_headers[3]: `Access-Control-Allow-Origin` is a header of responses, and a page that sends it does so by mistake; remove it once none does",
            "warning expose_headers[0]: `Set-Cookie` is a header that browsers let no script read; remove it",
            "warning expose_headers[1]: `Content-Type` can be read by scripts anyway; remove it",
            "warning expose_headers[2]: `Origin` tells a script nothing; remove it",
            "warning max_age: `86401` seconds is more than any browser keeps a preflight for; write at most `86400`",
        ],
    );
    check(
        r#"{"allow_origins":["*"],"allow_methods":["*","PUT","*"],"allow_headers":["X-A","*","Authorization"],
        "expose_headers":["*","X-A"],"block_denied_requests":true,"allow_private_network":true}"#,
        &[
            "warning allow_methods[1]: `PUT` stands beside `*`, which covers it; remove it",
            "warning allow_methods[2]: `*` is there twice; remove one",
            "warning allow_headers[0]: `X-A` stands beside `*`, which covers it; remove it",
            "warning expose_headers[1]: `X-A` stands beside `*`, which covers it; remove it",
            "warning allow_private_network: no current browser sends this request any more, a permission prompt has replaced it; remove it unless old browsers call",
            "warning block_denied_requests: has no effect beside the origin `*`, which denies no one; remove it, or name the origins",
        ],
    );
}

#[test]
fn exposing_everything_with_credentials() {
    check(
        r#"{"allow_origins":["https://a.example"],"allow_credentials":true,"expose_headers":["*"]}"#,
        &[
            "expose_headers[0]: `*` with `allow_credentials` is only the name of a header; write the names to expose",
        ],
    );
}

#[test]
fn wrong_types() {
    check(
        r#"{"allow_origins":"https://a.example","allow_credentials":"true","allow_methods":[1],"max_age":true,"name":null}"#,
        &[
            "name: is `null`; write 1 to 64 of lower-case letters, digits, `_` and `-`",
            "allow_credentials: is the text `true`; write `true` or `false`, without quotes",
            "allow_origins: is the text `https://a.example`; write the list `[\"https://a.example\"]`",
            "allow_methods[0]: is the number `1`; write a text, as in `[\"PUT\", \"DELETE\"]`",
            "max_age: is `true`; write whole seconds from 0 to 2147483647, or a duration such as `\"600s\"`, `\"10m\"` or `\"24h\"`",
        ],
    );
    check("[]", &["(whole): is a list; write an object with fields, such as `allow_origins`"]);
}

#[test]
fn no_configuration_at_all() {
    let loaded = load(None);
    assert!(loaded.policies.is_none());
    assert_eq!(
        loaded.findings[0].to_string(),
        "config: (none): there is no configuration; write at least `{\"allow_origins\": [\"https://app.example.com\"]}`"
    );
}

#[test]
fn public_suffixes() {
    let config = |origin: &str, credentials, switch: &str| {
        format!(
            r#"{{"allow_origins":["{origin}"],"allow_credentials":{credentials},"dangerously_allow":[{switch}]}}"#
        )
    };
    let said = "allow_origins[0]: `https://*.github.io` takes in names of many owners: `github.io` is a public suffix, as far as a hash of the Public Suffix List tells; name your own domain below it, or add `public-suffix-wildcards` to `dangerously_allow`";
    check(&config("https://*.github.io", true, ""), &[said]);
    check(&config("https://*.github.io", false, ""), &[&format!("warning {said}")]);
    check(&config("https://*.github.io", true, r#""public-suffix-wildcards""#), &[]);
    for origin in
        ["https://github.io", "https://*.me.github.io", "https://*.example.co.uk", "http://*.localhost"]
    {
        check(&config(origin, true, ""), &[]);
    }
    let said = "allow_origins[0]: `https://*.kawasaki.jp` takes in names of many owners: `kawasaki.jp` has public suffixes below it, as far as a hash of the Public Suffix List tells; name your own domain below it, or add `public-suffix-wildcards` to `dangerously_allow`";
    check(&config("https://*.kawasaki.jp", true, ""), &[said]);
}
