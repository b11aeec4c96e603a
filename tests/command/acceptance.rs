//! A file with five mistakes can be fixed after one look: `check` names each with its line and what to write instead,
//! and that configuration passes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::binary::{data, repository, run};

/// A mistake in `five-mistakes.yaml`.
struct Mistake {
    line: u64,
    path: &'static str,
    /// What the message advises.
    advice: &'static str,
    /// The line after the advice was taken; `None` if it was to be removed.
    mended: Option<&'static str>,
}

const MISTAKES: [Mistake; 5] = [
    Mistake {
        line: 3,
        path: "allow_origins[0]",
        advice: "write `https://app.example.com`",
        mended: Some("- https://app.example.com"),
    },
    Mistake {
        line: 4,
        path: "allow_origins[1]",
        advice: "name your own domain below it",
        mended: Some("- https://*.yourteam.github.io"),
    },
    Mistake { line: 5, path: "allow_origins[2]", advice: "remove it, or all others", mended: None },
    Mistake {
        line: 7,
        path: "alow_methods",
        advice: "did you mean `allow_methods`?",
        mended: Some("allow_methods: [PUT, DELETE]"),
    },
    Mistake {
        line: 8,
        path: "max_age",
        advice: "or a duration such as `\"600s\"`, `\"10m\"` or `\"24h\"`",
        mended: Some("max_age: 10m"),
    },
];

#[test]
fn five_mistakes_are_mended_after_one_look() {
    let ended = run(data("check"), &["check", "--format", "json", "five-mistakes.yaml"]);
    let reports: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let findings = reports[0]["findings"].as_array().expect("a list");
    let places: Vec<_> = findings.iter().map(|it| (it["line"].as_u64(), it["path"].as_str())).collect();
    assert_eq!(places, MISTAKES.map(|it| (Some(it.line), Some(it.path))), "{findings:#?}");
    for (finding, mistake) in findings.iter().zip(&MISTAKES) {
        assert_eq!(finding["severity"], "problem");
        let message = finding["message"].as_str().expect("a text");
        assert!(message.contains(mistake.advice), "no `{}` in: {message}", mistake.advice);
    }
    assert_eq!(ended.code, 1);

    let mended = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mended.yaml");
    fs::write(&mended, mend(&MISTAKES)).expect("it can be written");
    check_passes(&mended, "1 configuration");
}

fn mend(mistakes: &[Mistake]) -> String {
    let text = fs::read_to_string(data("check").join("five-mistakes.yaml")).expect("the file is there");
    let lines = (1..).zip(text.lines()).filter_map(|(number, line)| {
        mistakes.iter().find(|it| it.line == number).map_or(Some(line), |it| it.mended)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The examples to copy are good ones.
#[test]
fn manifests_pass_without_a_warning() {
    let own = ["envoy", "policies", "authentication", "ecds/cors", "ecds/envoy"];
    let platforms = ["istio-wasmplugin", "istio-trafficextension", "envoy-gateway"];
    for name in own.into_iter().chain(platforms) {
        check_passes(&example(name), "1 configuration");
    }
    check_passes(&example("shadow"), "2 configurations");
    check_passes(&example("shadow-native"), "1 configuration");
}

fn example(name: &str) -> PathBuf {
    repository().join("envoy").join(name).with_extension("yaml")
}

#[track_caller]
fn check_passes(file: &Path, configurations: &str) {
    let ended = run(repository(), &[Path::new("check"), file]);
    let expected = format!("{}: {configurations}, 0 problems, 0 warnings", file.display());
    let said: Vec<&str> = ended.stdout.lines().filter(|line| !line.contains(": accepted: ")).collect();
    assert_eq!((ended.code, said), (0, vec![expected.as_str()]));
}
