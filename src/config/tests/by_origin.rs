//! Policies that are chosen by origin: `match.allowed_origins_only`, and `same-site`, which follows from the host.

use super::*;

const ORIGINS: &str = r#""allow_origins":["https://a.example"]"#;
const LEFT_OUT: &str = "has `allowed_origins_only`, which leaves requests of other origins without a policy, so the upstream's own CORS headers reach their pages; add a policy without it after this one for the same requests";

/// A policy for its own origins alone, and others after it.
fn own_then(more: &str, others: &[&str]) -> String {
    let own = format!(r#"{{"name":"own","match":{{"allowed_origins_only":true{more}}},{ORIGINS}}}"#);
    let other = |(at, matches): (usize, &&str)| {
        format!(r#"{{"name":"other-{at}","match":{{{matches}}},"allow_origins":["*"]}}"#)
    };
    let all: Vec<String> = [own].into_iter().chain(others.iter().enumerate().map(other)).collect();
    format!(r#"{{"policies":[{}]}}"#, all.join(","))
}

#[test]
fn requests_of_other_origins_meet_a_policy() {
    check(&own_then("", &[""]), &[]);
    check(&own_then(r#","paths":["/a/b"]"#, &[r#""paths":["/a"]"#]), &[]);
    check(
        &own_then(
            r#","hosts":["a.example","b.example"]"#,
            &[r#""hosts":["a.example"]"#, r#""hosts":["b.example"]"#],
        ),
        &[],
    );
    check(
        &own_then(
            r#","hosts":["a.example","x.b.example"],"paths":["/x","/y/z"],"routes":["r"]"#,
            &[
                r#""hosts":["a.example"],"paths":["/x","/y"]"#,
                r#""hosts":["*.b.example"],"paths":["/y"]"#,
                r#""paths":["/x"]"#,
            ],
        ),
        &[],
    );
}

#[test]
fn requests_of_other_origins_meet_no_policy() {
    let said = format!("warning policies[0].match: {LEFT_OUT}");
    check(&own_then("", &[]), &[&said]);
    check(&own_then("", &[r#""paths":["/a"]"#]), &[&said]);
    check(&own_then(r#","paths":["/a","/b"]"#, &[r#""paths":["/a"]"#]), &[&said]);
    check(&own_then(r#","hosts":["a.example","b.example"]"#, &[r#""hosts":["a.example"]"#]), &[&said]);
    let second = r#""allowed_origins_only":true"#;
    check(
        &format!(
            r#"{{"policies":[{{"name":"a","match":{{{second}}},{ORIGINS}}},{{"name":"b","match":{{{second}}},"allow_origins":["https://b.example"]}}]}}"#
        ),
        &[&said, &said.replace("[0]", "[1]")],
    );
    // It is not known what a faulty `match` was meant to select.
    check(
        &own_then("", &[r#""path":["/a"]"#]),
        &["policies[1].match.path: `path` is not a known field; did you mean `paths`?"],
    );
}

#[test]
fn who_is_passed_over_covers_no_one() {
    check(
        &own_then("", &["", r#""paths":["/a"]"#]),
        &[
            "policies[2]: can never apply, since `other-0` before it matches every request; move it above `other-0`, narrow the `match` of `other-0`, or remove one of the two",
        ],
    );
    check(
        &format!(
            r#"{{"policies":[{{"name":"all",{ORIGINS}}},{{"name":"own","match":{{"allowedOriginsOnly":true}},{ORIGINS}}}]}}"#
        ),
        &[
            "policies[1]: can never apply, since `all` before it matches every request; move it above `all`, narrow the `match` of `all`, or remove one of the two",
        ],
    );
}

#[test]
fn no_one_is_passed_over() {
    check(
        r#"{"policies":[{"name":"own","match":{"allowed_origins_only":true},"allow_origins":["*"]}]}"#,
        &[
            "warning policies[0].match: has `allowed_origins_only`, which passes on only requests without `Origin` if the policy allows `*`; remove it, or name the origins",
        ],
    );
    check(
        r#"{"policies":[{"name":"own","match":{"allowed_origins_only":"yes"},"allow_origins":["*"]}]}"#,
        &[
            "policies[0].match.allowed_origins_only: is the text `yes`; write `true` or `false`, without quotes",
        ],
    );
}

#[test]
fn no_one_is_blocked() {
    check(
        &own_then("", &[""]).replacen(ORIGINS, &format!(r#""block_denied_requests":true,{ORIGINS}"#), 1),
        &[
            "warning policies[0].block_denied_requests: has nothing to block, as `allowed_origins_only` passes on requests of other origins; write it in the policy that takes them",
        ],
    );
}

#[test]
fn hosts_of_no_site() {
    let policies = |hosts: &str| {
        format!(
            r#"{{"policies":[{{"name":"a","match":{{"hosts":[{hosts}]}},"allow_origins":["same-site"]}}]}}"#
        )
    };
    let said = "warning policies[0].allow_origins: has `same-site`, which never matches here, as no host in `match.hosts` has a registrable domain; write the origins";
    check(&policies(r#""10.0.0.1","[::1]","api","co.uk""#), &[said]);
    check(&policies(r#""10.0.0.1","api.example.com""#), &[]);
    check(&policies(r#""*.github.io""#), &[]);
    check(&policies(r#""*.internal""#), &[]);
}
