//! Transcripts of the command, each line of which has to be printed again. What they say about browsers was written by
//! hand from the Fetch Standard, not copied from the command.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::{data, repository, run};
use crate::page;
use crate::support::failures::Failures;

/// A command and all that it prints.
struct Case {
    line: usize,
    args: Vec<String>,
    printed: String,
}

#[test]
fn check() {
    replay("check", "transcript.txt");
}

#[test]
fn explain_one_policy() {
    replay("explain", "one.txt");
}

#[test]
fn explain_any_origin() {
    replay("explain", "any-origin.txt");
}

#[test]
fn explain_several_policies() {
    replay("explain", "several.txt");
}

#[test]
fn explain_policies_by_origin() {
    replay("explain", "by-origin.txt");
}

#[test]
fn explain_readings_of_a_path() {
    replay("explain", "readings.txt");
}

/// Such a path is too long for a transcript.
#[test]
fn explain_a_path_too_long_to_be_read_in_every_way() {
    let path = format!("/b/..%2f{}", "x".repeat(2048));
    let args = ["explain", "readings.yaml", "--origin", "https://evil.example", "--path", &path];
    let printed = run(data("explain"), &args).stdout;
    for line in [
        "path     is too long to try every reading, so it counts for each policy that it could choose",
        "           some reading: `more`",
        "policy   `shared`, the first of these that enforces, as if it allowed no origin: they decide differently",
        "answer   403 from the filter with the body `path-not-normalized`, and these headers",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "no `{line}` in\n{printed}");
    }
}

#[test]
fn explain_the_nearest_entry() {
    replay("explain", "nearest.txt");
}

#[test]
fn explain_one_of_several_configurations() {
    replay("explain", "filter.txt");
}

#[test]
fn explain_as_json() {
    replay("explain", "json.txt");
}

#[test]
fn test_expectations() {
    replay("test", "transcript.txt");
}

#[test]
fn diff() {
    replay("diff", "transcript.txt");
}

#[test]
fn explain_modes_and_mistakes() {
    replay("explain", "modes.txt");
}

/// The promises of the README, with the files that it speaks of.
#[test]
fn readme() {
    let policies = [
        ("check", "allow_origins:\n- https://a.example/\n"),
        ("explain", "allow_origins: [https://a.example]\n"),
    ];
    let readme = fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let is_of_command = |block: &&str| block.starts_with("$ proxy-wasm-cors ");
    let transcripts: Vec<&str> = page::blocks(&readme).into_iter().filter(is_of_command).collect();
    assert_eq!(transcripts.len(), policies.len(), "{transcripts:#?}");
    for (transcript, (command, policy)) in transcripts.into_iter().zip(policies) {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme").join(command);
        fs::create_dir_all(directory.join("envoy")).expect("the directory can be made");
        fs::copy(repository().join("envoy/envoy.yaml"), directory.join("envoy/envoy.yaml"))
            .expect("it can be copied");
        fs::write(directory.join("policy.yaml"), policy).expect("it can be written");
        assert!(transcript.starts_with(&format!("$ proxy-wasm-cors {command} ")), "{transcript}");
        assert_eq!(page::replay(transcript, &directory), transcript);
    }
}

/// `--format json` holds all that is printed for people.
#[test]
fn check_as_json() {
    let mut failures = Failures::new("check --format json");
    for case in read("check", "transcript.txt") {
        let args = [&case.args[..], &["--format".to_owned(), "json".to_owned()]].concat();
        let ended = run(data("check"), &args);
        let reports: Vec<Value> = serde_json::from_str(&ended.stdout).expect("a JSON array");
        let text = reports.iter().map(as_text).collect::<Vec<_>>().join("\n");
        failures.row(case.name(), difference(&case.printed, with_code(&text, ended.code)));
    }
    failures.finish();
}

/// What the text for people says of a file.
fn as_text(report: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let file = text(&report["file"]);
    let count = |name: &str| plural(&report[format!("{name}s")], name);
    let findings = report["findings"].as_array().expect("a list").iter().map(|finding| {
        let line = finding["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        let path = finding["path"].as_str().map(|path| format!("{path}: ")).unwrap_or_default();
        let [severity, message, id] = ["severity", "message", "id"].map(|member| text(&finding[member]));
        assert_eq!(finding["help"], format!("docs/messages.md#{id}"));
        format!("{file}{line}: {severity}: {path}{message} [{id}]")
    });
    let sum = format!("{file}: {}, {}, {}", count("configuration"), count("problem"), count("warning"));
    let outcomes = report["outcomes"].as_array().expect("a list").iter().filter_map(|outcome| {
        let text = match outcome["outcome"].as_str()? {
            "accepted" => format!(
                "accepted: {}, {}, fingerprint {}",
                plural(&outcome["policies"], "policy").replace("policys", "policies"),
                plural(&outcome["origins"], "origin"),
                text(&outcome["fingerprint"])
            ),
            "denies" => {
                "refused: until this is fixed, the filter allows no origin, because `on_invalid` is `deny`"
                    .to_owned()
            }
            _ => return None,
        };
        Some(format!("{file}:{}: {text}", outcome["line"]))
    });
    findings.chain(outcomes).chain([sum]).collect::<Vec<_>>().join("\n")
}

fn plural(count: &Value, name: &str) -> String {
    let count = count.as_u64().expect("a count");
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

fn replay(directory: &str, file: &'static str) {
    let mut failures = Failures::new(file);
    for case in read(directory, file) {
        let ended = run(data(directory), &case.args);
        let printed = [ended.stdout, ended.stderr].concat();
        failures.row(case.name(), difference(&case.printed, with_code(printed.trim_end(), ended.code)));
    }
    failures.finish();
}

fn read(directory: &str, file: &str) -> Vec<Case> {
    let text = fs::read_to_string(data(directory).join(file)).expect("the transcript is there");
    cases(&text)
}

/// The cases of a transcript. A `#` begins a comment, a `$` a command, which ends with 0 if nothing else is noted.
fn cases(transcript: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for (at, line) in transcript.lines().enumerate().filter(|(_, line)| !line.starts_with("# ")) {
        match (line.strip_prefix("$ proxy-wasm-cors "), cases.last_mut()) {
            (Some(command), _) => {
                let args = shlex::split(command).expect("the quotes of a command are closed");
                cases.push(Case { line: at + 1, args, printed: String::new() });
            }
            (None, Some(case)) => case.printed += &format!("{line}\n"),
            (None, None) => panic!("no command before `{line}`"),
        }
    }
    cases.iter_mut().for_each(|case| case.printed.truncate(case.printed.trim_end().len()));
    cases
}

fn with_code(printed: &str, code: i32) -> String {
    if code == 0 { printed.to_owned() } else { format!("{printed}\n[exit {code}]") }
}

fn difference(expected: &str, printed: String) -> Vec<String> {
    if printed == expected {
        Vec::new()
    } else {
        vec![format!("expected\n{expected}"), format!("printed\n{printed}")]
    }
}

impl Case {
    fn name(&self) -> String {
        format!("line {}: {}", self.line, self.args.join(" "))
    }
}
