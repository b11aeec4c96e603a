//! The exit code and the output stream distinguish wrong usage from wrong configurations.

use crate::binary::{data, run, run_with};

#[track_caller]
fn wrong(args: &[&str], words: &str) {
    let ended = run(data("explain"), args);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
    assert!(ended.stderr.contains(words), "nothing of `{words}` in: {}", ended.stderr);
}

#[test]
fn wrong_usage() {
    wrong(&[], "Usage: proxy-wasm-cors <COMMAND>");
    wrong(&["chek", "one.yaml"], "unrecognized subcommand 'chek'");
    wrong(&["check"], "<FILE>...");
    wrong(&["check", "one.yaml", "--format", "xml"], "[possible values: text, json, github, sarif]");
    wrong(&["explain"], "<FILE>");
    wrong(&["explain", "one.yaml", "--method", "P UT"], "it is not a method");
    wrong(&["explain", "one.yaml", "--header", "x a: b"], "write its name, such as `content-type`");
    wrong(&["explain", "one.yaml", "--header", "Upgrade: h2c"], "browsers do not let scripts set it");
    wrong(&["explain", "one.yaml", "--host", "https://api.example.com"], "write only the host");
    wrong(&["explain", "one.yaml", "--path", "jobs"], "a path begins with `/`");
    wrong(&["explain", "one.yaml", "--format", "xml"], "[possible values: text, json]");
    wrong(&["test"], "<FILE>...");
    wrong(&["test", "one.yaml", "--format", "json"], "[possible values: text, junit]");
    wrong(&["diff", "one.yaml"], "<NEW>");
    wrong(&["explain", "one.yaml", "--header", "Cookie"], "browsers do not let scripts set it");
}

#[test]
fn help_names_the_commands() {
    let ended = run(data("explain"), &["--help"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    for command in
        ["check ", "explain ", "test ", "diff ", "convert ", "probe ", "schema ", "completions ", "man "]
    {
        assert!(ended.stdout.contains(command), "{}", ended.stdout);
    }
}

/// What is piped is plain, unless colours are asked for.
#[test]
fn colours_are_for_terminals() {
    let args = ["explain", "one.yaml", "--origin", "https://evil.example"];
    let coloured = run_with(&[("CLICOLOR_FORCE", "1")], data("explain"), &args);
    assert!(
        coloured.stdout.contains("\u{1b}[1m\u{1b}[31mdenied: origin-not-allowed\u{1b}[0m"),
        "{:?}",
        coloured.stdout
    );
    assert!(!run(data("explain"), &args).stdout.contains('\u{1b}'));
}
