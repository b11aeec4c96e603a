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
            "`prefix` {others} `http://a.example` it matches `http://a.example.evil.org`; write `http://a.example`. Even so, `http://a.example` is allowed credentials, and anyone on the network can alter such a page; write `https://`, or add `insecure-origins-with-credentials` to `dangerously_allow`"
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

#[test]
fn local_files() {
    let said = "allow_origins[0]: `file://` is the origin of every local file that an app shell opens, whoever wrote it; serve the page over `https`, or under a scheme of the app's own, such as `app://local`, or add `file-origin` to `dangerously_allow`";
    let config = |origin: &str, switch: &str| {
        format!(r#"{{"allow_origins":[{origin}],"dangerously_allow":[{switch}]}}"#)
    };
    check(&config(r#""file://""#, ""), &[said]);
    check(&config(r#"{"exact":"file://"}"#, ""), &[said]);
    check(&config(r#""file://""#, r#""file-origin""#), &[]);
    check(
        &config(r#""file://","file://""#, r#""file-origin""#),
        &["warning allow_origins[1]: `file://` is there twice; remove one"],
    );
    check(
        &config(r#""file:///srv/app.html""#, ""),
        &[
            "allow_origins[0]: `file:///srv/app.html` names a local file, and all of them have the one origin `file://`; write `file://` and add `file-origin` to `dangerously_allow`, or serve the page over `https`",
        ],
    );
    check(
        &config(r#""https://a.example""#, r#""file-origin""#),
        &[
            "warning dangerously_allow[0]: `file-origin` lifts nothing in this policy; remove it: it would hide a later mistake",
        ],
    );
    for regex in ["file://", "null"] {
        check(
            &config(&format!(r#"{{"regex":"{regex}"}}"#), ""),
            &[&format!(
                "warning allow_origins[0]: `{regex}` never applies, for nothing that it matches is an origin with a host as browsers send it; write it in lower case, from the scheme (`https://`) to the host or port, and `null` and `file://` as texts"
            )],
        );
    }
}

#[test]
fn same_site() {
    check(r#"{"allow_origins":["same-site","https://partner.example"],"allow_credentials":true}"#, &[]);
    check(
        r#"{"allow_origins":["same-site",{"exact":"same-site"}]}"#,
        &["warning allow_origins[1]: `same-site` is there twice; remove one"],
    );
    check(
        r#"{"allow_origins":["same-site","*"]}"#,
        &[
            "allow_origins[1]: `*` stands beside other origins, which it makes meaningless; remove it, or all others",
        ],
    );
}

/// Words that other settings have for the same.
#[test]
fn words_for_origins() {
    for word in ["same_site", "sameSite", "Same-Site", "same-site:*"] {
        of(&format!("\"{word}\""), false, &format!("`{word}` is not an origin; write `same-site`"));
    }
    for word in ["self", "'self'", "same-origin"] {
        of(
            &format!("\"{word}\""),
            false,
            &format!("`{word}` is not an origin; remove it, as pages of the API's own origin need no CORS"),
        );
    }
    of(
        r#""self.example""#,
        false,
        "`self.example` has no scheme, with which an origin begins; write `https://self.example`",
    );
}

#[test]
fn every_origin_by_another_products_regex() {
    for text in [".*", "^.*$", "*", ".+", ""] {
        check(
            &format!(r#"{{"allow_origins":[{{"prefix":"{text}"}}]}}"#),
            &[&format!("allow_origins[0]: `{{\"prefix\": \"{text}\"}}` means every origin; write `[\"*\"]`")],
        );
    }
}
