//! Configurations of several policies.

use super::*;

const ORIGINS: &str = r#""allow_origins":["https://a.example"]"#;

#[test]
fn several_policies() {
    check(
        &format!(
            r#"{{"policies":[{{"name":"a","match":{{"hosts":["API.example.com","*.b.example"],"paths":["/v1/"],"routes":["r"]}},{ORIGINS}}},
            {{"name":"b",{ORIGINS}}}]}}"#
        ),
        &[],
    );
    check(r#"{"policies":[]}"#, &["policies: is empty; write at least one policy"]);
    check(
        r#"{"policies":{}}"#,
        &["policies: is an object; write a list, such as `[{\"name\": \"api\", ...}]`"],
    );
    check(
        &format!(r#"{{"policies":[{{"name":"a",{ORIGINS}}}],"max_age":5}}"#),
        &["max_age: `max_age` stands beside `policies`; write it in each policy that it is for"],
    );
    check(
        &format!(r#"{{"match":{{}},{ORIGINS}}}"#),
        &[
            "match: chooses among `policies`; write `{\"policies\": [...]}` around the policy, or remove `match`",
        ],
    );
}

#[test]
fn names_and_order_of_policies() {
    check(
        &format!(
            r#"{{"policies":[{{"match":{{"routes":["r"]}},{ORIGINS}}},{{"name":"a",{ORIGINS}}},{{"name":"a",{ORIGINS}}},7]}}"#
        ),
        &[
            "policies[0].name: is missing; write a name for logs and metrics, such as `api`",
            "policies[2].name: `a` names a policy before it; write another name",
            "policies[3]: is the number `7`; write an object with fields, such as `allow_origins`",
            "policies[2]: can never apply, since `a` before it matches every request; move it above `a`, narrow the `match` of `a`, or remove one of the two",
        ],
    );
}

/// What is wrong with one policy is not held against the next.
#[test]
fn no_problem_follows_from_another() {
    check(
        &format!(
            r#"{{"policies":[{{"name":"a","match":{{"host":["x"]}},{ORIGINS}}},{{"name":"b",{ORIGINS}}}]}}"#
        ),
        &["policies[0].match.host: `host` is not a known field; did you mean `hosts`?"],
    );
    check(
        &format!(
            r#"{{"policies":[{{"match":{{"routes":["r"]}},{ORIGINS}}},{{"name":"default",{ORIGINS}}}]}}"#
        ),
        &["policies[0].name: is missing; write a name for logs and metrics, such as `api`"],
    );
    check(
        r#"{"polices":[]}"#,
        &[
            "polices: `polices` is not a known field; did you mean `policies`?",
            "allow_origins: is missing; write who may read responses, such as `[\"https://app.example.com\"]`",
        ],
    );
}

#[test]
fn names_at_the_limit_and_one_past_it() {
    let named = |length| format!(r#"{{"name":"{}",{ORIGINS}}}"#, "a".repeat(length));
    check(&named(64), &[]);
    assert_eq!(load(Some(named(65).as_bytes())).problems(), 1);
}

#[test]
fn a_repeated_regex_is_dropped() {
    check(
        r#"{"allow_origins":[{"regex":"https://a\\.example"},{"regex":"https://a\\.example"}]}"#,
        &["warning allow_origins[1]: `https://a\\.example` is there twice; remove one"],
    );
}

#[test]
fn policies_twice() {
    let list = format!(r#""policies":[{{"name":"a",{ORIGINS}}}]"#);
    check(&format!("{{{list},{list}}}"), &["policies: is there twice; write one list"]);
}

#[test]
fn a_policy_that_an_earlier_one_covers() {
    let policies = |first: &str, second: &str| {
        format!(
            r#"{{"policies":[{{"name":"a","match":{{{first}}},{ORIGINS}}},{{"name":"b","match":{{{second}}},{ORIGINS}}}]}}"#
        )
    };
    let said = "policies[1]: can never apply, since `a` before it matches all that it matches; move it above `a`, narrow the `match` of `a`, or remove one of the two";
    check(&policies(r#""paths":["/api"]"#, r#""paths":["/api/admin/"]"#), &[said]);
    check(&policies(r#""hosts":["*.a.example"]"#, r#""hosts":["B.a.example"],"routes":["r"]"#), &[said]);
    check(&policies(r#""hosts":["b.a.example"]"#, r#""hosts":["*.a.example"]"#), &[]);
    check(
        &policies("", r#""paths":["x"]"#),
        &[
            "policies[1].match.paths[0]: `x` does not begin with `/`; write whole segments from the start of the path, such as `/api`",
            "policies[1]: can never apply, since `a` before it matches every request; move it above `a`, narrow the `match` of `a`, or remove one of the two",
        ],
    );
    // It is not known what a faulty `match` was meant to select.
    check(
        &policies(r#""paths":["/x"]"#, r#""paths":["/x/y","x"]"#),
        &[
            "policies[1].match.paths[0]: `x` does not begin with `/`; write whole segments from the start of the path, such as `/api`"
                .replace("paths[0]", "paths[1]")
                .as_str(),
        ],
    );
}

#[test]
fn names_alike_in_prometheus() {
    let policies = |names: &[&str]| {
        let policy =
            |name: &&str| format!(r#"{{"name":"{name}","match":{{"paths":["/{name}"]}},{ORIGINS}}}"#);
        format!(r#"{{"policies":[{}]}}"#, names.iter().map(policy).collect::<Vec<_>>().join(","))
    };
    check(
        &policies(&["a-b", "a_b"]),
        &[
            "warning policies[1].name: `a_b` has the same metric names as `a-b` before it in Prometheus' format, where `-` becomes `_`; write a name that differs in more than that, or make it a label with `stats_tags`",
        ],
    );
    check(&policies(&["a-b", "ab", "a-c"]), &[]);
}
