//! The JSON Schema: a valid one, kept up to date, that says as much of what the plugin reads as a schema can, and
//! never refuses what the plugin accepts.

use std::collections::BTreeSet;
use std::fs;
use std::sync::OnceLock;

use jsonschema::Validator;
use jsonschema::draft202012;
use proxy_wasm_cors::config::{self, FIELDS, MATCH_FIELDS, ON_INVALID, Severity, Switch};
use serde_json::{Value, json};

use crate::binary::{repository, run};
use crate::support::cases::configs;
use crate::support::failures::Failures;

/// What a schema cannot say, and the words of the messages that say it.
const BEYOND_A_SCHEMA: [(&str, &str); 9] = [
    (
        "what a switch lifts: it takes other fields, or the Public Suffix List, to see it",
        "to `dangerously_allow`",
    ),
    ("`*` beside other entries", "stands beside other origins"),
    ("one field against another", "with `allow_credentials` is only the name"),
    ("one policy against another", "can never apply"),
    ("the forms of IPv4 addresses", "IPv4 address"),
    ("the forms of IPv6 addresses", "IPv6 address"),
    ("addresses have no subdomains", "in front of an IP address"),
    ("the length of a whole that has parts", "more than 253 bytes"),
    ("what an expression matches", "matches origins that nobody can have meant"),
];

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(&printed()).expect("JSON"))
}

fn printed() -> String {
    let ended = run(repository(), &["schema"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

fn validator() -> Validator {
    draft202012::new(schema()).expect("the schema is one")
}

#[test]
fn is_a_schema() {
    assert_eq!(schema()["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(draft202012::meta::is_valid(schema()));
}

#[test]
fn schema_json_is_current() {
    let kept = fs::read_to_string(repository().join("schema.json")).unwrap_or_default();
    assert!(kept == printed(), "renew it: cargo run --features cli -- schema > schema.json");
}

#[test]
fn has_the_fields_that_the_plugin_reads() {
    let policy = &schema()["then"]["properties"]["policies"]["items"]["properties"];
    assert_eq!(names(policy), in_both_styles(&FIELDS));
    assert_eq!(names(&policy["match"]["properties"]), in_both_styles(&MATCH_FIELDS));
    let alone: Vec<&str> = FIELDS.into_iter().filter(|field| *field != "match").chain([ON_INVALID]).collect();
    assert_eq!(names(&schema()["else"]["properties"]), in_both_styles(&alone));
    let switches = &policy["dangerously_allow"]["items"]["enum"];
    assert_eq!(*switches, json!(Switch::ALL.map(Switch::as_str)));
}

fn names(properties: &Value) -> BTreeSet<String> {
    properties.as_object().expect("an object").keys().cloned().collect()
}

fn in_both_styles(fields: &[&str]) -> BTreeSet<String> {
    let camel_case = |field: &str| {
        let mut words = field.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| format!("{name}{}{}", word[..1].to_uppercase(), &word[1..]))
    };
    fields.iter().flat_map(|field| [(*field).to_owned(), camel_case(field)]).collect()
}

/// All cases, and every field with every kind of value.
#[test]
fn agrees_with_the_plugin_as_far_as_a_schema_can() {
    let validator = validator();
    let mut failures = Failures::new("schema");
    let mut needed = BTreeSet::new();
    for config in configs().into_iter().map(|row| row.config).chain(odd_values()) {
        let problems = problems(&config);
        let differences = match (validator.is_valid(&config), problems.is_empty()) {
            (false, true) => vec!["the plugin accepts it, the schema does not".to_owned()],
            (true, false) => {
                needed.extend(problems.iter().filter_map(|problem| beyond_a_schema(problem)));
                let missed = problems.iter().filter(|problem| beyond_a_schema(problem).is_none());
                missed.map(|problem| format!("the schema accepts it: {problem}")).collect()
            }
            _ => Vec::new(),
        };
        failures.row(config.to_string(), differences);
    }
    failures.finish();
    assert_eq!(needed.len(), BEYOND_A_SCHEMA.len(), "rules that no case needs: only {needed:?} are needed");
}

fn problems(config: &Value) -> Vec<String> {
    let findings = config::load(Some(config.to_string().as_bytes())).findings;
    let problems = findings.into_iter().filter(|finding| finding.severity == Severity::Problem);
    problems.map(|finding| finding.to_string()).collect()
}

fn beyond_a_schema(problem: &str) -> Option<&'static str> {
    BEYOND_A_SCHEMA.iter().find(|(_, words)| problem.contains(words)).map(|(_, words)| *words)
}

/// Policies with one field set to what it may, and mostly may not, be; and as a whole what no configuration is.
fn odd_values() -> impl Iterator<Item = Value> {
    let values = json!([
        null, true, "true", 0, -1, 1.5, 199, 200, 299, 300, 600, 2_147_483_647_u32, 2_147_483_648_u32,
        "", "x", "Default", "600", "600s", "1h30m", "1.5h", "enforce", "shadow", "off", "passthrough", "websockets",
        "reject", "deny", ["x-amz-*"], ["x-*-id"], ["x**"], ["same-site"], ["same-site:*"], ["file://"], ["file:///a"],
        { "allowed_origins_only": true }, { "allowedOriginsOnly": false }, { "allowed_origins_only": "true" },
        { "allowed_origins_only": [] }, { "routes": ["shop/*", "*"] },
        [], [""], ["*"], ["**"], ["x"], ["X Y"], ["x-*"], ["null-origin"], [1], [null], [["x"]], {}, { "hosts": [] },
        { "hosts": ["*.example.com"] }, { "hosts": ["https://example.com"] }, { "paths": ["/a"] }, { "paths": ["a"] },
        { "paths": ["/\u{fc}"] }, { "paths": ["/{id}"] }, { "paths": ["/!$%41&'()+,-.:;=@[]_|~"] },
        { "routes": [""] }, { "host": ["example.com"] }, ["https://a.example"], [{ "exact": "https://a.example" }],
        [{ "regex": "https://a\\.example" }], [{ "exact": "x" }], [{ "regex": 1 }], [{ "suffix": "x" }],
    ]);
    let values = values.as_array().cloned().unwrap_or_default();
    let policies: Vec<Value> = values.iter().map(|value| json!({ "policies": value })).collect();
    let other = ["allowOrigins", "maxAge", "allow_origin", "MaxAge", "policies", "", ON_INVALID, "onInvalid"];
    let fields = FIELDS.into_iter().chain(other);
    let set: Vec<Value> =
        fields.flat_map(|field| values.iter().flat_map(move |value| with(field, value))).collect();
    let beside: Vec<Value> = values.iter().flat_map(beside_policies).collect();
    set.into_iter().chain(policies).chain(beside).chain(passthrough()).chain(values)
}

/// `on_invalid` where there are policies, beside them and in one of them.
fn beside_policies(value: &Value) -> Vec<Value> {
    let policy = json!({ "name": "a", "allow_origins": ["*"] });
    let mut inner = policy.clone();
    inner["on_invalid"] = value.clone();
    vec![
        json!({ "policies": [policy.clone()], "on_invalid": value }),
        json!({ "policies": [policy], "onInvalid": value }),
        json!({ "policies": [inner] }),
    ]
}

/// Policies that leave requests alone and need no origins, unless these choose the requests.
fn passthrough() -> Vec<Value> {
    let matches = json!([
        null, {}, { "paths": ["/a"] }, { "allowed_origins_only": true }, { "allowedOriginsOnly": true },
        { "allowed_origins_only": false }, [],
    ]);
    let origins = json!([null, [], ["*"], ["https://a.example"], "x"]);
    let mut rows = Vec::new();
    for mode in ["passthrough", "shadow", "enforce"] {
        for only in matches.as_array().into_iter().flatten() {
            for allowed in origins.as_array().into_iter().flatten() {
                let mut policy = json!({ "name": "a", "mode": mode });
                for (field, value) in [("match", only), ("allow_origins", allowed)] {
                    if !value.is_null() {
                        policy[field] = value.clone();
                    }
                }
                rows.extend([policy.clone(), json!({ "policies": [policy] })]);
            }
        }
    }
    rows
}

/// A policy with a field, by itself and in `policies`.
fn with(field: &str, value: &Value) -> [Value; 2] {
    let mut policy = json!({ "name": "a" });
    if field != "allowOrigins" {
        policy["allow_origins"] = json!(["https://app.example.com"]);
    }
    policy[field] = value.clone();
    [policy.clone(), json!({ "policies": [policy] })]
}
