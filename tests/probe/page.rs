//! The examples of `probe` on `docs/cli.md`, with the endpoint that they speak of at another port.

use std::fs;

use crate::binary::{repository, run};
use crate::support::failures::Failures;
use crate::support::upstream::{Answer, Seen, serve};

/// Where the endpoint of the page is.
const THERE: &str = "127.0.0.1:10000";

/// The endpoint: the framework of the API reflects whatever origin it is sent, on one path of two.
fn answer(request: &Seen) -> Option<Answer> {
    let origin = request.value("origin")?;
    let is_allowed = request.path() == "/orders" || origin == "https://app.example.com";
    let is_preflight = request.method() == "OPTIONS";
    let answer = Answer::new(if is_preflight { 204 } else { 200 }).header("vary", "Origin");
    if !is_allowed {
        return Some(answer);
    }
    let answer = answer.header("access-control-allow-origin", origin);
    let answer = answer.header("access-control-allow-credentials", "true");
    Some(if is_preflight { answer.header("access-control-allow-methods", "GET, DELETE") } else { answer })
}

#[test]
fn every_example_is_what_is_printed() {
    let here = format!("127.0.0.1:{}", serve(answer));
    let page = fs::read_to_string(repository().join("docs/cli.md")).expect("the page is there");
    let (_, section) = page.split_once("\n## probe\n").expect("there is a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut failures = Failures::new("the examples of probe");
    for block in section.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        let printed = replay(block, &here).replace(&here, THERE);
        let differences = if printed == block { Vec::new() } else { vec![printed] };
        failures.row(block, differences);
    }
    failures.finish();
}

/// What the commands of a block print, `echo $?` among them.
fn replay(block: &str, here: &str) -> String {
    let mut whole = String::new();
    let mut code = 0;
    for line in block.lines() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        whole += &format!("{line}\n");
        let Some(args) = command.strip_prefix("proxy-wasm-cors ") else {
            assert_eq!(command, "echo $?", "a command that is not replayed");
            whole += &format!("{code}\n");
            continue;
        };
        let args = shlex::split(&args.replace(THERE, here)).expect("the quotes of a command are closed");
        let ended = run(repository().join("docs/cli/probe"), &args);
        whole += &[ended.stdout, ended.stderr].concat();
        code = ended.code;
    }
    whole
}
