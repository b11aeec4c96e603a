//! What is given, and what is said of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::binary::{repository, run, run_with_input};

const ISTIO: &str = "tests/cases/convert/istio-virtualservice/2-some-routes.yaml";
const INGRESS: &str = "tests/cases/convert/ingress-nginx/1-defaults.yaml";

#[test]
fn nothing_to_convert_ends_with_2() {
    let rows: [(&[&str], &str); 4] = [
        (
            &["convert", "envoy/envoy-gateway.yaml"],
            "contains no CORS settings of a known product: ingress-nginx,",
        ),
        (&["convert", "--from", "kong", ISTIO], "holds no CORS settings of `kong`"),
        (&["convert", "missing.yaml"], "missing.yaml: problem: cannot be read"),
        (&["convert"], "<FILE>..."),
    ];
    for (args, words) in rows {
        let ended = run(repository(), args);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "nothing of `{words}` in: {}", ended.stderr);
    }
}

#[test]
fn several_files_and_documents_become_one_configuration() {
    let joined =
        [ISTIO, INGRESS].map(|file| fs::read_to_string(repository().join(file)).expect("it is there"));
    let from_input = run_with_input(repository(), &["convert", "-"], &joined.join("\n---\n"));
    let from_files = run(repository(), &["convert", ISTIO, INGRESS]);
    assert_eq!(from_input.stdout, from_files.stdout);
    let names: Vec<&str> = from_files.stdout.lines().filter(|line| line.starts_with("  - name: ")).collect();
    assert_eq!(names, ["  - name: catalogue", "  - name: orders", "  - name: shop-1"]);
    assert!(from_files.stderr.contains(&format!("{INGRESS}:6: changed: metadata.annotations: ")));
    assert!(from_input.stderr.contains("-:8: same: spec.http[0]: "), "{}", from_input.stderr);
}

#[test]
fn notes_are_the_same_for_people_and_programs() {
    let text = run(repository(), &["convert", ISTIO]);
    let ended = run(repository(), &["convert", ISTIO, "--format", "json"]);
    let json: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let line = |note: &Value| {
        let part = |name: &str| note[name].as_str().expect("a text").to_owned();
        format!("{}:{}: {}: {}: {}\n", part("file"), note["line"], part("kind"), part("at"), part("text"))
    };
    let lines: String = json["notes"].as_array().expect("a list").iter().map(line).collect();
    assert_eq!((text.stderr, text.code), (lines, ended.code));
    assert_eq!(ended.stderr, "");
}

/// What is piped into `check` is what was written.
#[test]
fn the_policy_passes_check_by_itself() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("converted.yaml");
    let mut written = fs::File::create(&file).expect("it can be made");
    written.write_all(run(repository(), &["convert", ISTIO]).stdout.as_bytes()).expect("it can be written");
    let checked = run(repository(), &["check", &file.display().to_string()]);
    assert!(checked.stdout.ends_with(": 1 configuration, 0 problems, 0 warnings\n"), "{}", checked.stdout);
}
