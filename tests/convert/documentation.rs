//! The page of the command shows what is really printed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::binary::{repository, run};
use crate::support::failures::Failures;

/// Each block of the section is a transcript in a directory with the Ingress of the page, and what it says is written to
/// a file is there for the next.
#[test]
fn transcripts_hold() {
    let page = fs::read_to_string(repository().join("docs/cli.md")).expect("the page is there");
    let section = page.split("\n## convert\n").nth(1).expect("there is a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let directory = directory(section);
    let mut failures = Failures::new("docs/cli.md");
    for block in section.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        for (command, printed) in commands(block) {
            let got = execute(&directory, &command);
            let faults =
                if got == printed { Vec::new() } else { vec![format!("printed\n{got}\nnot\n{printed}")] };
            failures.row(command, faults);
        }
    }
    failures.finish();
}

/// A directory with the first block of YAML as `ingress.yaml`.
fn directory(section: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-convert");
    fs::create_dir_all(&directory).expect("it can be made");
    let ingress = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    fs::write(directory.join("ingress.yaml"), ingress.expect("the Ingress is shown"))
        .expect("it can be written");
    directory
}

fn commands(block: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ proxy-wasm-cors "), all.last_mut()) {
            (Some(command), _) => all.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => *printed += &format!("{line}\n"),
            (None, None) => panic!("no command before `{line}`"),
        }
    }
    all
}

/// What a command prints: what goes to a file is not shown, and notes come last.
fn execute(directory: &Path, command: &str) -> String {
    let (command, file) =
        command.split_once(" > ").map_or((command, None), |(command, file)| (command, Some(file)));
    let args: Vec<&str> = command.split_whitespace().collect();
    let ended = run(directory, &args);
    match file {
        Some(file) => {
            fs::write(directory.join(file), ended.stdout).expect("it can be written");
            ended.stderr
        }
        None => ended.stdout + &ended.stderr,
    }
}
