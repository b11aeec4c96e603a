//! Pages with transcripts in them: each block of `console` has to be printed again, commands, output and all.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::binary::{path, repository, run};
use crate::support::envoy::Directory;
use crate::support::failures::Failures;

/// What the commands of a block leave off a line that goes on in the next.
const CONTINUED: &str = "\\";

/// Sections that other suites replay: `tests/probe.rs` the one whose examples ask a live endpoint, and `tests/convert.rs`.
const ELSEWHERE: [&str; 2] = ["convert", "probe"];

/// `docs/cli.md`, whose sections are named after the subcommands.
#[test]
fn every_example_of_the_page_is_what_is_printed() {
    let page = fs::read_to_string(repository().join("docs/cli.md")).expect("the page is there");
    let mut failures = Failures::new("docs/cli.md");
    for (name, text) in sections(&page).filter(|(name, _)| !ELSEWHERE.contains(name)) {
        let blocks = blocks(text);
        let Some(files) = directory(text) else {
            assert_eq!(blocks, [""; 0], "`{name}` names no directory: write `[cli/{name}](cli/{name})`");
            continue;
        };
        // What one example writes, a later one of the same section can read.
        let scratch = copy(&repository().join("docs").join(files));
        for block in blocks {
            let printed = replay(block, scratch.path());
            let differences = if printed == block { Vec::new() } else { vec![printed] };
            failures.row(format!("{name}:\n{block}"), differences);
        }
    }
    failures.finish();
}

#[test]
fn every_command_has_its_section_in_the_order_of_the_help() {
    let page = fs::read_to_string(repository().join("docs/cli.md")).expect("the page is there");
    let shown: Vec<&str> =
        sections(&page).filter(|(_, text)| !blocks(text).is_empty()).map(|(name, _)| name).collect();
    let help = run(repository(), &["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("the help lists the commands");
    let (commands, _) = commands.split_once("\n\n").expect("options follow");
    // Other lines go on with what stands above them.
    let named = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let named: Vec<&str> = named.filter(|name| !name.is_empty() && *name != "help").collect();
    assert_eq!(shown, named);
}

/// The headings of the second level, each with what follows it.
fn sections(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap_or((section, "")))
}

/// The transcripts of a text.
pub(crate) fn blocks(text: &str) -> Vec<&str> {
    text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The directory that a section names as that of its files, by the first link to one.
fn directory(section: &str) -> Option<&str> {
    let mut links = section.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.find(|link| link.starts_with("cli/"))
}

fn copy(files: &Path) -> Directory {
    let scratch = Directory::new();
    for entry in fs::read_dir(files).unwrap_or_else(|error| panic!("{}: {error}", files.display())) {
        let entry = entry.expect("the directory can be read");
        fs::copy(entry.path(), scratch.path().join(entry.file_name())).expect("it can be copied");
    }
    scratch
}

/// What a shell prints in a directory if it is given the commands of a transcript, with the prompt before each.
pub(crate) fn replay(transcript: &str, directory: &Path) -> String {
    let program = path().parent().map(Path::to_path_buf).expect("the command is in a directory");
    let search = std::env::join_paths([program, PathBuf::from("/usr/bin"), PathBuf::from("/bin")])
        .expect("the directory has no colon in its name");
    let output = Command::new("sh")
        .args(["-c", &script(transcript)])
        .current_dir(directory)
        .env_clear()
        .env("PATH", search)
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    String::from_utf8(output.stdout).expect("the commands print text")
}

/// The commands of a transcript, each of which finds in `$?` how the one before it ended.
fn script(transcript: &str) -> String {
    let mut script = "exec 2>&1\nended=0\n".to_owned();
    let mut lines = transcript.lines();
    while let Some(line) = lines.next() {
        let Some(mut command) = line.strip_prefix("$ ").map(str::to_owned) else { continue };
        while command.ends_with(CONTINUED) {
            command += &format!("\n{}", lines.next().expect("the command goes on"));
        }
        let prompt = format!("$ {command}").replace('\'', "'\\''");
        script += &format!("printf '%s\\n' '{prompt}'\n(exit $ended)\n{command}\nended=$?\n");
    }
    script
}
