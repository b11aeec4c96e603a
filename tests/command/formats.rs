//! What `check` prints for machines beside its own JSON: annotations of a workflow, and SARIF.

use std::fs;

use serde_json::{Value, json};

use crate::binary::{data, run};
use crate::support::envoy::Directory;

const DOCS: &str = "https://docs.example.com/messages.md";

fn sarif(args: &[&str]) -> (i32, Value) {
    let ended = run(data("check"), &[&["check", "--format", "sarif"], args].concat());
    assert_eq!(ended.stderr, "");
    (ended.code, serde_json::from_str(&ended.stdout).expect("JSON"))
}

/// The schema is that of the standard, as the crate `serde-sarif` has it.
#[test]
fn a_log_is_sarif() {
    let schema = fs::read_to_string(data("sarif-schema-2.1.0.json")).expect("the schema is there");
    let mut schema: Value = serde_json::from_str(&schema).expect("JSON");
    // These patterns have a bracket too many.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language.as_object_mut().and_then(|language| language.remove("pattern")).expect("a pattern");
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let every_file = fs::read_dir(data("check")).expect("the directory is there");
    let every_file = every_file.map(|entry| entry.expect("an entry").file_name());
    let files: Vec<String> = every_file.map(|name| name.to_string_lossy().into_owned()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for docs in [&["--docs", DOCS][..], &[]] {
        let (code, log) = sarif(&[&files[..], docs].concat());
        assert_eq!(code, 1);
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        let results = log["runs"][0]["results"].as_array().expect("a list");
        assert_eq!(results.len(), findings(&files));
        for result in results {
            let rule =
                result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("an index");
            assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        }
    }
}

/// How many the JSON has.
fn findings(files: &[&str]) -> usize {
    let ended = run(data("check"), &[&["check", "--format", "json"], files].concat());
    let reports: Vec<Value> = serde_json::from_str(&ended.stdout).expect("JSON");
    reports.iter().map(|report| report["findings"].as_array().map_or(0, Vec::len)).sum()
}

#[test]
fn a_log_says_all_of_a_finding() {
    let (code, log) = sarif(&["good.yaml", "doubtful.yaml", "--docs", DOCS]);
    assert_eq!(code, 0);
    let run = &log["runs"][0];
    assert_eq!(
        run["results"][0],
        json!({
            "ruleId": "forbidden-method",
            "ruleIndex": 0,
            "level": "warning",
            "message": { "text": "allow_methods[0]: `TRACE` is a method that no script may use; remove it" },
            "locations": [{
                "physicalLocation": { "artifactLocation": { "uri": "doubtful.yaml" }, "region": { "startLine": 3 } },
                "logicalLocations": [{ "fullyQualifiedName": "allow_methods[0]" }],
            }],
        })
    );
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["helpUri"], format!("{DOCS}#forbidden-method"));
    assert_eq!(rule["shortDescription"]["text"], "Browsers do not let any script use this method.");
    assert!(rule["help"]["markdown"].as_str().is_some_and(|help| help.contains("Remedy: remove it.")));
}

#[test]
fn a_path_is_written_as_a_reference() {
    let directory = Directory::new();
    fs::write(directory.path().join("a b#%.yaml"), "x: 1\n").expect("it can be written");
    let ended = run(directory.path(), &["check", "--format", "sarif", "a b#%.yaml"]);
    let log: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(*location, json!({ "artifactLocation": { "uri": "a%20b%23%25.yaml" } }));
}

#[test]
fn annotations_are_escaped() {
    let directory = Directory::new();
    let file = "a,b:c%.yaml";
    fs::write(directory.path().join(file), "allow_origins: [\"https://a%2e.example/\"]\nmax_age: 172800\n")
        .expect("it can be written");
    let ended = run(directory.path(), &["check", "--format", "github", file]);
    let expected = "\
        ::error file=a%2Cb%3Ac%25.yaml,line=1,title=origin-has-path::allow_origins[0]: `https://a%252e.example/` has a path; \
        an origin ends after the host or port: write it as in `https://app.example.com`. Also, it has the character `%25` in its \
        host (docs/messages.md#origin-has-path)\n\
        ::warning file=a%2Cb%3Ac%25.yaml,line=2,title=max-age-too-long::max_age: `172800` seconds is more than any browser keeps \
        a preflight for; write at most `86400` (docs/messages.md#max-age-too-long)\n";
    assert_eq!((ended.code, ended.stdout.as_str()), (1, expected));
    let ended = run(directory.path(), &["check", "--format", "github", "missing.yaml", "--docs", DOCS]);
    let expected = format!(
        "::error file=missing.yaml,title=unreadable::cannot be read: No such file or directory (os error 2) ({DOCS}#unreadable)\n"
    );
    assert_eq!((ended.code, ended.stdout), (1, expected));
}

#[test]
fn completions_name_every_command() {
    let help = run(data("check"), &["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("the help lists the commands");
    let commands =
        commands.lines().map_while(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let commands: Vec<&str> = commands.filter_map(|line| line.split(' ').next()).collect();
    assert!(commands.len() > 4, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(data("check"), &["completions", shell]);
        assert_eq!((script.code, script.stderr.as_str()), (0, ""));
        for command in &commands {
            assert!(script.stdout.contains(command), "{shell} does not know {command}");
        }
    }
    let page = run(data("check"), &["man"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    for command in commands.iter().filter(|command| **command != "help") {
        let heading = format!(".SH \"PROXY-WASM-CORS {}\"", command.to_uppercase());
        assert!(page.stdout.contains(&heading), "no {heading} in\n{}", page.stdout);
    }
}
