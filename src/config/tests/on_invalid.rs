//! `on_invalid`: what becomes of a configuration with problems.

use super::*;
use crate::policy::Policy;
use crate::policy::allow_origin::AllowOrigin;

const ORIGINS: &str = r#""allow_origins":["https://a.example"]"#;

/// What is said of a configuration, and whether a policy is in force that allows no one.
#[track_caller]
fn denies(json: &str, is_denying: bool, expected: &[&str]) {
    let loaded = load(Some(json.as_bytes()));
    assert_eq!(loaded.findings.iter().map(told).collect::<Vec<_>>(), expected, "{json}");
    let allows_no_one = |policy: &Policy| {
        policy.name == "default" && matches!(policy.allow_origin, AllowOrigin::Nobody(Reason::ConfigInvalid))
    };
    let is_stand_in = loaded.policies.as_ref().is_some_and(|set| set.policies().all(allows_no_one));
    assert_eq!(is_stand_in, is_denying, "{json}");
    assert_eq!(loaded.policies.is_some(), is_denying || loaded.problems() == 0, "{json}");
}

#[test]
fn without_problems_it_changes_nothing() {
    for on_invalid in [r#""on_invalid":"deny""#, r#""onInvalid":"reject""#] {
        denies(&format!("{{{on_invalid},{ORIGINS}}}"), false, &[]);
        denies(&format!(r#"{{{on_invalid},"policies":[{{"name":"a",{ORIGINS}}}]}}"#), false, &[]);
    }
}

#[test]
fn with_problems() {
    let said = "max_age: is the text `x`; write whole seconds from 0 to 2147483647, or a duration such as `\"600s\"`, `\"10m\"` or `\"24h\"`";
    let one = |on_invalid: &str| format!(r#"{{{on_invalid},"max_age":"x",{ORIGINS}}}"#);
    denies(&one(r#""on_invalid":"deny""#), true, &[said]);
    denies(&one(r#""onInvalid":"deny""#), true, &[said]);
    denies(&one(r#""on_invalid":"reject""#), false, &[said]);
    let several =
        |on_invalid: &str| format!(r#"{{{on_invalid},"policies":[{{"name":"a","max_age":"x",{ORIGINS}}}]}}"#);
    denies(&several(r#""on_invalid":"deny""#), true, &[&format!("policies[0].{said}")]);
    denies(&several(r#""onInvalid":"deny""#), true, &[&format!("policies[0].{said}")]);
    denies(
        r#"{"on_invalid":"deny"}"#,
        true,
        &["allow_origins: is missing; write who may read responses, such as `[\"https://app.example.com\"]`"],
    );
}

/// What it says itself has to be right.
#[test]
fn wrong() {
    let said = |what: &str| {
        format!(
            "on_invalid: is {what}; write `\"reject\"` to refuse a configuration with problems, or `\"deny\"` to allow no origin until they are fixed"
        )
    };
    denies(&format!(r#"{{"on_invalid":"block",{ORIGINS}}}"#), false, &[&said("the text `block`")]);
    denies(&format!(r#"{{"on_invalid":true,{ORIGINS}}}"#), false, &[&said("`true`")]);
    denies(
        &format!(r#"{{"on_invalid":"Deny","policies":[{{"name":"a",{ORIGINS}}}]}}"#),
        false,
        &[&said("the text `Deny`")],
    );
}

#[test]
fn twice() {
    denies(
        &format!(r#"{{"on_invalid":"deny","onInvalid":"deny",{ORIGINS}}}"#),
        false,
        &["onInvalid: is given twice, first as `on_invalid`; keep one of the two"],
    );
    denies(
        &format!(r#"{{"on_invalid":"deny","onInvalid":"deny","policies":[{{"name":"a",{ORIGINS}}}]}}"#),
        false,
        &["on_invalid: is there twice; write it once"],
    );
}

#[test]
fn in_a_policy() {
    denies(
        &format!(r#"{{"policies":[{{"name":"a","on_invalid":"deny",{ORIGINS}}}]}}"#),
        false,
        &[
            "policies[0].on_invalid: `on_invalid` is not a known field here; write it at the top, beside `policies`",
        ],
    );
}

#[test]
fn what_cannot_be_parsed_asks_for_nothing() {
    let loaded = load(Some(br#"{"on_invalid":"deny","#));
    assert!(loaded.policies.is_none() && loaded.fingerprint.is_none());
}
