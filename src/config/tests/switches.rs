//! `dangerously_allow`, and what else has no effect.

use super::*;

#[track_caller]
fn idle(members: &str, switches: &[&str], idle: &[usize]) {
    let quoted: Vec<String> = switches.iter().map(|switch| format!("\"{switch}\"")).collect();
    let json = format!("{{{members},\"dangerously_allow\":[{}]}}", quoted.join(","));
    let said = idle.iter().map(|at| {
        format!(
            "warning dangerously_allow[{at}]: `{}` lifts nothing in this policy; remove it: it would hide a later mistake",
            switches[*at]
        )
    });
    let said: Vec<String> = said.collect();
    check(&json, &said.iter().map(String::as_str).collect::<Vec<_>>());
}

const ALL: [&str; 4] = [
    "null-origin",
    "any-origin-with-credentials",
    "insecure-origins-with-credentials",
    "public-suffix-wildcards",
];

#[test]
fn switches_that_lift_nothing() {
    idle(r#""allow_origins":["https://a.example"],"allow_credentials":true"#, &ALL, &[0, 1, 2, 3]);
    idle(r#""allow_origins":["null"]"#, &ALL, &[1, 2, 3]);
    idle(r#""allow_origins":["null"],"allow_credentials":true"#, &ALL, &[2, 3]);
    idle(r#""allow_origins":["*"]"#, &ALL, &[0, 1, 2, 3]);
    idle(r#""allow_origins":["*"],"allow_credentials":true"#, &ALL, &[0, 2, 3]);
    idle(r#""allow_origins":["http://a.example"]"#, &ALL, &[0, 1, 2, 3]);
    idle(r#""allow_origins":["http://a.example"],"allow_credentials":true"#, &ALL, &[0, 1, 3]);
    idle(r#""allow_origins":["http://localhost"],"allow_credentials":true"#, &ALL, &[0, 1, 2, 3]);
    idle(r#""allow_origins":["https://*.github.io"]"#, &ALL, &[0, 1, 2]);
}

#[test]
fn switches_of_regexes() {
    let regex = |regex: &str, credentials| {
        format!(r#""allow_origins":[{{"regex":"{regex}"}}],"allow_credentials":{credentials}"#)
    };
    idle(&regex(r"https://a\\.example\\.com", true), &ALL, &[0, 1, 2, 3]);
    idle(&regex(r"https?://a\\.example\\.com", true), &ALL, &[0, 1, 3]);
    idle(&regex(r"https?://a\\.example\\.com", false), &ALL, &[0, 1, 2, 3]);
    idle(&regex(r"https://a-[a-z]+\\.github\\.io", true), &ALL, &[0, 1, 2]);
}

/// Nothing is known about the needs of something that could not be read.
#[test]
fn faulty_origins_do_not_tell() {
    let said = "allow_origins[0]: `null/` has a path; an origin ends after the host or port: write it as in `https://app.example.com`";
    let loaded = load(Some(br#"{"allow_origins":["null/"],"dangerously_allow":["null-origin"]}"#));
    assert_eq!(loaded.findings.len(), 1, "{:?} {said}", loaded.findings);
}

#[test]
fn blocking_in_shadow() {
    check(
        r#"{"allow_origins":["*"],"mode":"shadow","block_denied_requests":true}"#,
        &[
            "warning block_denied_requests: has no effect in the mode `shadow`, which leaves traffic untouched; remove it, or write `\"enforce\"` as the mode",
        ],
    );
}
