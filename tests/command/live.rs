//! What a running Envoy shows of its configuration is read as the files that it was started with are.

use std::fs;

use serde_json::Value;

use crate::binary::{Ended, run};
use crate::support::envoy::{Directory, Envoy};
use crate::support::example;

/// What Envoy shows of itself when it runs an example, in a file of this name.
fn dump(config: &str) -> Directory {
    let envoy = Envoy::start_from(example::checkout(1), config, &[]);
    let directory = Directory::new();
    fs::write(directory.path().join("dump.json"), envoy.admin("/config_dump")).expect("it can be written");
    directory
}

fn explain(directory: &Directory, origin: &str, filter: &[&str]) -> Ended {
    let args = ["explain", "dump.json", "--format", "json", "--origin", origin];
    run(directory.path(), &[&args, filter].concat())
}

#[track_caller]
fn page(ended: &Ended) -> (String, String) {
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr));
    let text = |name: &str| told[name].as_str().expect("a text").to_owned();
    (text("policy"), text("page"))
}

/// Bootstrap and listener hold the same, which counts once.
#[test]
fn one_filter() {
    let directory = dump(example::AUTHENTICATION);
    let told = page(&explain(&directory, "https://app.example.com", &[]));
    assert_eq!(told, ("default".to_owned(), "reads".to_owned()));
}

#[test]
fn two_filters() {
    let directory = dump(example::SHADOW);
    let ended = explain(&directory, "https://old.example.com", &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    let words = [
        "holds 2 configurations of the filter; choose one with `--filter`: `cors-next` (line ",
        "`cors` (line ",
    ];
    assert!(words.iter().all(|words| ended.stderr.contains(words)), "{}", ended.stderr);
    for (filter, policy, outcome) in [("cors", "now", "reads"), ("cors-next", "next", "upstream")] {
        let told = page(&explain(&directory, "https://old.example.com", &["--filter", filter]));
        assert_eq!(told, (policy.to_owned(), outcome.to_owned()), "{filter}");
    }
}

/// The fetched configuration counts, not the default until then.
#[test]
fn a_filter_that_is_fetched() {
    let directory = dump(example::ECDS);
    let told = page(&explain(&directory, "http://localhost:8080", &[]));
    assert_eq!(told, ("default".to_owned(), "reads".to_owned()));
}

#[test]
fn what_runs_is_what_the_file_says() {
    let directory = dump(example::SHADOW);
    fs::write(directory.path().join("file.yaml"), example::read(example::SHADOW)).expect("it can be written");
    for filter in ["cors", "cors-next"] {
        let ended = run(directory.path(), &["diff", "file.yaml", "dump.json", "--filter", filter]);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        assert!(
            ended.stdout.starts_with("file.yaml and dump.json mean the same: fingerprint "),
            "{}",
            ended.stdout
        );
    }
    let ended = run(directory.path(), &["check", "dump.json"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(
        ended.stdout.ends_with("dump.json: 4 configurations, 0 problems, 0 warnings\n"),
        "{}",
        ended.stdout
    );
}
