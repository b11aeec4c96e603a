//! Entries of `allow_origins` that mean something else than they say.

use super::*;

#[track_caller]
fn of(origin: &str, credentials: bool, expected: &str) {
    let json = format!(r#"{{"allow_origins":[{origin}],"allow_credentials":{credentials}}}"#);
    check(&json, &[&format!("allow_origins[0]: {expected}")]);
}

#[test]
fn several_in_one_text() {
    of(
        r#""https://a.example, https://*.B.example/""#,
        false,
        "`https://a.example, https://*.B.example/` has a comma or a blank in it; write each as an entry of its own: `[\"https://a.example\", \"https://*.b.example\"]`",
    );
    of(
        r#"{"exact":"https://a.example null"}"#,
        false,
        "`https://a.example null` has a comma or a blank in it; write each as an entry of its own: `[\"https://a.example\", \"null\"]`",
    );
    of(
        r#""https://a.example, https://""#,
        false,
        "`https://a.example, https://` has a comma or a blank in it; write each origin as an entry of its own",
    );
    check(
        r#"{"allow_origins":"https://a.example, https://b.example"}"#,
        &[
            "allow_origins: is the text `https://a.example, https://b.example`; write the list `[\"https://a.example\", \"https://b.example\"]`",
        ],
    );
}

#[test]
fn partial_matching_of_everything() {
    let every = "means every origin; write `[\"*\"]`";
    of(r#"{"prefix":""}"#, false, &format!("`{{\"prefix\": \"\"}}` {every}"));
    of(r#"{"suffix":"*"}"#, false, &format!("`{{\"suffix\": \"*\"}}` {every}"));
    of(
        r#"{"contains":""}"#,
        true,
        &format!(
            "`{{\"contains\": \"\"}}` {every}. Even so, `*` with `allow_credentials` lets every website act as the user; name the origins, or add `any-origin-with-credentials` to `dangerously_allow`"
        ),
    );
}

#[test]
fn partial_matching_of_the_beginning() {
    let others = "also matches origins of others: with";
    of(
        r#"{"prefix":"http://a.example"}"#,
        true,
        &format!(
            "`prefix` {others} `http://a.example` it matches `http://a.example.evil.org`; write `http://a.example`. Even so, `http://a.example` is a page that anyone on the network can change, with credentials; write `https://`, or add `insecure-origins-with-credentials` to `dangerously_allow`"
        ),
    );
    of(
        r#"{"prefix":"https://"}"#,
        false,
        &format!(
            "`prefix` {others} `https://example.com` it matches `https://example.com.evil.org`; write a pattern such as `https://*.example.com`"
        ),
    );
}

#[test]
fn partial_matching_of_the_end_or_the_middle() {
    let others = "also matches origins of others: with";
    of(
        r#"{"suffix":".a.example"}"#,
        false,
        &format!(
            "`suffix` {others} `example.com` it matches `https://evilexample.com`; write `https://*.a.example`"
        ),
    );
    of(
        r#"{"suffix":"a.example"}"#,
        false,
        &format!(
            "`suffix` {others} `a.example` it matches `https://evila.example`; write `https://a.example`"
        ),
    );
    of(
        r#"{"contains":"a.example"}"#,
        false,
        &format!(
            "`contains` {others} `a.example` it matches `https://a.example.evil.org`; write `https://*.a.example`"
        ),
    );
    of(
        r#"{"contains":5}"#,
        false,
        &format!(
            "`contains` {others} `example.com` it matches `https://example.com.evil.org`; write a pattern such as `https://*.example.com`"
        ),
    );
}

#[test]
fn a_star_beside_others_with_credentials() {
    check(
        r#"{"allow_origins":["*","https://a.example"],"allow_credentials":true}"#,
        &[
            "allow_origins[0]: `*` stands beside other origins, which it makes meaningless; remove it, or all others. Even so, `*` with `allow_credentials` lets every website act as the user; name the origins, or add `any-origin-with-credentials` to `dangerously_allow`",
        ],
    );
}

#[test]
fn null_with_credentials_needs_both_switches() {
    let config = |switches: &str| {
        format!(r#"{{"allow_origins":["null"],"allow_credentials":true,"dangerously_allow":[{switches}]}}"#)
    };
    let said = |missing: &str| {
        format!(
            "allow_origins[0]: `null` with `allow_credentials` lets every website act as the user, just as `*` does, since any website can have the origin `null` in a sandboxed frame; name the origins, or add `{missing}` to `dangerously_allow`"
        )
    };
    let (null, any) = (r#""null-origin""#, r#""any-origin-with-credentials""#);
    check(&config(""), &[&said("null-origin` and `any-origin-with-credentials")]);
    check(&config(null), &[&said("any-origin-with-credentials")]);
    check(&config(any), &[&said("null-origin")]);
    check(&config(&format!("{null},{any}")), &[]);
}
