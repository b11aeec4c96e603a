//! Each example configuration in `envoy/` has expectations beside it, which hold and are worth something.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jsonschema::draft202012;
use serde_json::Value;

use crate::binary::{repository, run};
use crate::support::failures::Failures;
use crate::support::yaml;

/// The examples that hold a policy, and how many calls are expected to come out in some way.
const EXAMPLES: [(&str, usize); 12] = [
    ("envoy/authentication", 5),
    ("envoy/dynamic-module", 5),
    ("envoy/ecds/cors", 4),
    ("envoy/envoy", 12),
    ("envoy/envoy-gateway", 5),
    ("envoy/envoy-gateway-dynamic-module", 5),
    ("envoy/istio-trafficextension", 4),
    ("envoy/istio-wasmplugin", 5),
    ("envoy/policies", 13),
    ("envoy/recipes/all", 47),
    ("envoy/shadow", 6),
    ("envoy/shadow-native", 3),
];

#[test]
fn examples_do_what_is_expected() {
    let mut failures = Failures::new("expectations of the examples");
    for (example, calls) in EXAMPLES {
        let file = format!("{example}.test.yaml");
        let ended = run(repository(), &["test", &file]);
        let expected = format!("{file}: {calls} calls, 0 failed\n");
        let printed = [ended.stdout, ended.stderr].concat();
        let differs = printed != expected || ended.code != 0;
        failures.row(file, if differs { vec![printed] } else { Vec::new() });
    }
    failures.finish();
}

/// Of the example that `envoy/ecds/envoy.yaml` holds in case of need, `envoy/ecds/cors.test.yaml` tells too.
#[test]
fn every_example_has_expectations() {
    let mut without: BTreeSet<String> = BTreeSet::new();
    for directory in ["envoy", "envoy/ecds"] {
        let entries = fs::read_dir(repository().join(directory)).expect("the examples are there");
        let names = entries
            .map(|entry| entry.expect("it can be read").file_name().into_string().expect("it is text"));
        let examples: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect();
        let is_told =
            |name: &String| EXAMPLES.iter().any(|(known, _)| *known == format!("{directory}/{name}"));
        let is_policy =
            |name: &String| !name.ends_with(".test") && holds_a_policy(&format!("{directory}/{name}.yaml"));
        without.extend(
            examples
                .into_iter()
                .filter(|name| is_policy(name) && !is_told(name))
                .map(|name| format!("{directory}/{name}")),
        );
    }
    assert_eq!(without, BTreeSet::from(["envoy/ecds/envoy".to_owned()]));
}

fn holds_a_policy(file: &str) -> bool {
    let text = fs::read_to_string(repository().join(file)).expect("an example can be read");
    text.contains("allow_origins:") || text.contains("allowOrigins:")
}

/// Editors take what `test` takes, and most of what it does not they mark.
#[test]
fn the_schema_describes_expectations() {
    let printed = run(repository(), &["schema", "--of", "test"]).stdout;
    let schema: Value = serde_json::from_str(&printed).expect("a schema is JSON");
    assert!(draft202012::meta::is_valid(&schema), "{printed}");
    let schema = draft202012::new(&schema).expect("the schema is valid");
    let examples = EXAMPLES.map(|(example, _)| format!("{example}.test.yaml"));
    let ours = ["holds", "fails", "untouched"].map(|name| format!("tests/command/test/{name}.yaml"));
    for file in examples.into_iter().chain(ours) {
        for document in documents(&file) {
            assert!(schema.is_valid(&document), "{file}");
        }
    }
    let mistakes = documents("tests/command/test/mistakes.yaml");
    let places: BTreeSet<String> = mistakes
        .iter()
        .flat_map(|it| schema.iter_errors(it))
        .map(|it| it.instance_path().to_string())
        .collect();
    let marked = [
        "",
        "/calls/0",
        "/calls/0/credentials",
        "/calls/0/expect",
        "/calls/0/origin",
        "/calls/1",
        "/calls/1/headers",
        "/calls/1/path",
        "/calls/2",
        "/calls/3/headers/1",
        "/calls/3/origin",
        "/calls/3/policy",
        "/calls/3/reason",
        "/filter",
    ];
    assert_eq!(places, marked.map(str::to_owned).into());
}

fn documents(file: &str) -> Vec<Value> {
    yaml::documents(&fs::read_to_string(repository().join(file)).expect("the file is there"))
}

/// An origin that is taken out of an example fails the calls of its page.
#[test]
fn a_mistake_in_an_example_is_found() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expectations");
    fs::create_dir_all(&directory).expect("the directory can be made");
    let copy = |name: &str, change: fn(String) -> String| {
        let text = fs::read_to_string(repository().join("envoy").join(name)).expect("an example can be read");
        fs::write(directory.join(name), change(text)).expect("it can be written");
    };
    copy("policies.test.yaml", |text| text);
    copy("policies.yaml", |text| text.replace("https://app.example.com", "https://apps.example.com"));
    let ended = run(&directory, &["test", "policies.test.yaml"]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    for line in [
        "policies.test.yaml:81: failed: the app deletes with cookies",
        "  expected reads, policy `rest`",
        "  got      blocked (origin-not-allowed), policy `rest`",
        "  nearest  policies[3].allow_origins[0] (https://apps.example.com): the origin has the host `app.example.com`, \
         which is nearly `apps.example.com`",
        "policies.test.yaml: 13 calls, 1 failed",
    ] {
        assert!(ended.stdout.lines().any(|printed| printed == line), "no `{line}` in\n{}", ended.stdout);
    }
}
