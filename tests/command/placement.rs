//! What `check` says of the filter's place in a whole file: nothing of the right one, and of each other the warning, at
//! its line, and what to write instead.

#[path = "placement/chain.rs"]
mod chain;
#[path = "placement/settings.rs"]
mod settings;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::{data, run};
use crate::support::failures::Failures;

/// What is changed in a good file: a text in it, and what takes its place.
type Change = (&'static str, &'static str);

/// Warnings: a text in the line that each is about, and a part of its message.
type Warnings = &'static [(&'static str, &'static str)];

const MOVE: &str = "; move this filter before it";

const KUBERNETES: &[(&[Change], Warnings)] = &[
    (&[("    phase: AUTHN\n", "")], &[("  spec:", "; write `phase: AUTHN`")]),
    (&[("    phase: AUTHN\n", "    phase: AUTHZ\n")], &[("phase: AUTHZ", "`phase` is not `AUTHN`")]),
    (&[("phase: AUTHN # of", "priority: 1 # of")], &[("  spec:", "; write `phase: AUTHN`")]),
    (&[("FAIL_RELOAD", "FAIL_OPEN")], &[("FAIL_OPEN", "; write `FAIL_RELOAD`, or `FAIL_CLOSE`")]),
    (&[("FAIL_CLOSE", "FAIL_OPEN")], &[("FAIL_OPEN", "while the plugin is down")]),
    (&[("failOpen: false", "failOpen: true")], &[("failOpen", "; write `failOpen: false`")]),
    (
        &[("filters.http.jwt_authn", "filters.http.router")],
        &[("INSERT_BEFORE", "`INSERT_BEFORE` of `envoy.filters.http.router`")],
    ),
    (&[("INSERT_BEFORE", "INSERT_AFTER")], &[("INSERT_AFTER", "; write `INSERT_FIRST`")]),
    (&[("filters.http.jwt_authn", "filters.http.router"), ("INSERT_BEFORE", "INSERT_FIRST")], &[]),
];

const DISCOVERY: &[(&[Change], Warnings)] = &[
    (
        &[("default_config:", "x:")],
        &[("config_discovery", "answers every request with 500; add a `default_config`")],
    ),
    (
        &[
            ("config_discovery:", "configDiscovery:"),
            ("type_urls", "typeUrls"),
            ("default_config:", "defaultConfig:"),
        ],
        &[],
    ),
    (
        &[("- name: cors", "- name: a"), ("filter.yaml", "cors.yaml"), ("default_config:", "x:")],
        &[("config_discovery", "`default_config`")],
    ),
    (
        &[("- name: cors", "- name: envoy.filters.http.ext_authz\n          - name: cors")],
        &[("ext_authz", MOVE)],
    ),
];

const FIRST: &str = "header_mutation.v3.HeaderMutation";
const REMOTE: Change =
    ("local: { filename: /etc/envoy/libproxy_wasm_cors_0.1.0.so }", "remote: { sha256: \"0\" }");
const NAMED: Change = ("value:\n        allow", "value:\n        name: proxy-wasm-cors\n        allow");

const MODULES: &[(&[Change], Warnings)] = &[
    (
        &[(FIRST, "jwt_authn.v3.JwtAuthentication")],
        &[("- name: first", "(a missing or invalid token), preflights included; move")],
    ),
    (&[(FIRST, "rbac.v3.RBAC")], &[("- name: first", MOVE)]),
    // What a cache answers does not pass the module.
    (&[(FIRST, "cache.v3.CacheConfig")], &[("- name: first", "a GET that the cache answers")]),
    (&[(FIRST, "router.v3.Router")], &[("- name: first", "has to be the last filter")]),
    (&[(FIRST, "cors.v3.Cors")], &[("- name: first", "is Envoy's own CORS filter")]),
    (&[REMOTE, NAMED], &[("module: {", "a fetch that fails lets requests pass without this filter")]),
    (
        &[
            REMOTE,
            NAMED,
            ("dynamic_module_config:\n", "dynamic_module_config:\n      nack_on_cache_miss: true\n"),
        ],
        &[],
    ),
    (
        &[
            REMOTE,
            NAMED,
            ("dynamic_module_config:\n", "dynamicModuleConfig:\n      nackOnCacheMiss: false\n"),
        ],
        &[("module: {", "write `module.local`, or `nack_on_cache_miss: true`")],
    ),
    (
        &[(
            "- name: first",
            "- name: envoy.filters.http.ext_authz\n- name: cors\n  config_discovery:\n    type_urls: [type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter]\n- name: first",
        )],
        &[("ext_authz", MOVE), ("config_discovery", "`default_config`")],
    ),
];

#[test]
fn before() {
    check("before", "listener.yaml", chain::BEFORE);
}

#[test]
fn beside() {
    check("beside", "listener.yaml", chain::BESIDE);
}

#[test]
fn in_settings() {
    check("settings", "listener.yaml", settings::SETTINGS);
}

#[test]
fn in_kubernetes() {
    check("kubernetes", "kubernetes.yaml", KUBERNETES);
}

#[test]
fn by_modules() {
    check("modules", "module.yaml", MODULES);
}

#[test]
fn fetched() {
    check("discovery", "discovery.yaml", DISCOVERY);
}

#[track_caller]
fn check(suite: &'static str, file: &str, rows: &[(&[Change], Warnings)]) {
    let good = fs::read_to_string(data("placement").join(file)).expect("the file is there");
    let mut failures = Failures::new(suite);
    failures.row(file, differences(&format!("{suite}-0"), &good, &[]));
    for (number, (changes, warnings)) in (1..).zip(rows) {
        let text = changes.iter().fold(good.clone(), |text, (from, to)| {
            assert!(text.contains(from), "{file} has no `{from}`");
            text.replacen(from, to, 1)
        });
        failures.row(
            format!("{number}: {changes:?}"),
            differences(&format!("{suite}-{number}"), &text, warnings),
        );
    }
    failures.finish();
}

/// What is said too much or too little of a file.
fn differences(row: &str, text: &str, expected: Warnings) -> Vec<String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("placement-{row}.yaml"));
    fs::write(&path, text).expect("it can be written");
    let ended = run(
        env!("CARGO_TARGET_TMPDIR"),
        &[Path::new("check"), Path::new("--format"), Path::new("json"), &path],
    );
    let reports: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let findings = reports[0]["findings"].as_array().expect("a list");
    // What has a path is about the policies.
    let findings: Vec<&Value> = findings.iter().filter(|finding| finding["path"].is_null()).collect();
    let is_meant = |finding: &Value, (line, message): &(&str, &str)| {
        let number = finding["line"].as_u64().and_then(|line| usize::try_from(line).ok()).expect("a line");
        finding["severity"] == "warning"
            && text.lines().nth(number - 1).expect("it is of the file").contains(line)
            && finding["message"].as_str().expect("a text").contains(message)
    };
    let are_meant = findings.len() == expected.len()
        && findings.iter().zip(expected).all(|(finding, expected)| is_meant(finding, expected));
    if are_meant {
        Vec::new()
    } else {
        vec![format!("expected {expected:#?}"), format!("found {findings:#?}")]
    }
}
