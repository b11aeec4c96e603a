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
            "policies[2]: can never apply, since `a` before it matches every request; give one of the two a `match`, or remove one",
            "policies[2].name: `a` names a policy before it; write another name",
            "policies[3]: is the number `7`; write an object with fields, such as `allow_origins`",
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
fn selectors_that_cannot_match() {
    check(
        &format!(
            r#"{{"policies":[{{"name":"a","match":{{"host":["x"],"hosts":["https://x","a:80","*"],"paths":["x","/a//b","/a?b","/a/*"],"routes":[]}},{ORIGINS}}}]}}"#
        ),
        &[
            "policies[0].match.host: `host` is not a known field; did you mean `hosts`?",
            "policies[0].match.hosts[0]: `https://x` has a scheme; write the host alone, such as `api.example.com`",
            "policies[0].match.hosts[1]: `a:80` is not a host; write a name or an address without port, such as `api.example.com` or `*.example.com`",
            "policies[0].match.hosts[2]: `*` is not a host; write a name or an address without port, such as `api.example.com` or `*.example.com`",
            "policies[0].match.paths[0]: `x` does not begin with `/`; write whole segments from the start of the path, such as `/api`",
            "policies[0].match.paths[1]: `/a//b` can be written in a simpler way; write it without `//`, `.`, `..`, `\\`, `%2e`, `%2f` and `%5c`",
            "policies[0].match.paths[2]: `/a?b` has a query or a fragment; write the path alone, such as `/api`",
            "policies[0].match.paths[3]: `/a/*` has a `*`; a path also matches what is below it: write `/api` for `/api/...`",
            "policies[0].match.routes: is empty, so the policy never applies; write `[\"jobs\"]`, or remove it",
        ],
    );
}
