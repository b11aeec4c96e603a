//! `mode`, and what has no effect under it.

use super::*;

const NO_EFFECT: &str =
    "has no effect in the mode `passthrough`, which leaves requests and responses untouched; remove it";
const ORIGINS: &str = r#""allow_origins":["https://a.example"]"#;

/// A policy that leaves a path alone before one for all others.
#[track_caller]
fn before_others(members: &str, expected: &[&str]) {
    let path = r#""match":{"paths":["/dav"]}"#;
    let policies = format!(
        r#"{{"policies":[{{"name":"dav","mode":"passthrough",{path}{members}}},{{"name":"rest",{ORIGINS}}}]}}"#
    );
    check(&policies, expected);
}

#[test]
fn passthrough_needs_no_origins() {
    before_others("", &[]);
    before_others(r#","allow_origins":[]"#, &[&format!("warning policies[0].allow_origins: {NO_EFFECT}")]);
}

#[test]
fn passthrough_with_other_fields() {
    before_others(
        r#","allowOrigins":["https://a.example"],"max_age":5,"allow_timing":false,"block_denied_requests":true"#,
        &[
            &format!("warning policies[0].allowOrigins: {NO_EFFECT}"),
            &format!("warning policies[0].max_age: {NO_EFFECT}"),
            &format!("warning policies[0].allow_timing: {NO_EFFECT}"),
            &format!("warning policies[0].block_denied_requests: {NO_EFFECT}"),
        ],
    );
    // What is wrong is wrong in any mode: the next one may be another.
    before_others(
        r#","allow_origins":["https://a.example/"]"#,
        &[
            "policies[0].allow_origins[0]: `https://a.example/` has a path; an origin ends after the host or port: write `https://a.example`",
            &format!("warning policies[0].allow_origins: {NO_EFFECT}"),
        ],
    );
}

#[test]
fn passthrough_alone() {
    let said = "all requests are left alone, as every policy has the mode `passthrough`; write `\"enforce\"` as a mode, or remove the filter";
    check(r#"{"mode":"passthrough"}"#, &[&format!("warning mode: {said}")]);
    check(
        r#"{"policies":[{"name":"a","match":{"paths":["/a"]},"mode":"passthrough"},{"name":"b","mode":"passthrough"}]}"#,
        &[&format!("warning policies: {said}")],
    );
    check(
        &format!(r#"{{"policies":[{{"name":"a","mode":"passthrough"}},{{"name":"b",{ORIGINS}}}]}}"#),
        &[
            "policies[1]: can never apply, since `a` before it matches every request; move it above `a`, narrow the `match` of `a`, or remove one of the two",
        ],
    );
}

/// Then the origins choose, and what lets them in is meant.
#[test]
fn passthrough_by_origin() {
    let policies = |members: &str| {
        format!(
            r#"{{"policies":[{{"name":"own","mode":"passthrough","match":{{"allowed_origins_only":true}}{members}}},{{"name":"rest",{ORIGINS}}}]}}"#
        )
    };
    check(&policies(r#","allow_origins":["https://b.example"]"#), &[]);
    check(&policies(r#","allow_origins":["null"],"dangerously_allow":["null-origin"]"#), &[]);
    check(
        &policies(""),
        &[
            "policies[0].allow_origins: is missing; write who may read responses, such as `[\"https://app.example.com\"]`",
        ],
    );
}

#[test]
fn websockets() {
    check(&format!(r#"{{{ORIGINS},"block_denied_requests":"websockets"}}"#), &[]);
    check(
        &format!(r#"{{{ORIGINS},"blockDeniedRequests":"websocket"}}"#),
        &[
            "blockDeniedRequests: is the text `websocket`; write `true` or `false`, without quotes, or `\"websockets\"`",
        ],
    );
    check(
        r#"{"allow_origins":["*"],"block_denied_requests":"websockets"}"#,
        &[
            "warning block_denied_requests: has no effect beside the origin `*`, which denies no one; remove it, or name the origins",
        ],
    );
    check(
        &format!(r#"{{{ORIGINS},"mode":"shadow","block_denied_requests":"websockets","allow_timing":true}}"#),
        &[
            "warning block_denied_requests: has no effect in the mode `shadow`, which leaves traffic untouched; remove it, or write `\"enforce\"` as the mode",
        ],
    );
}
