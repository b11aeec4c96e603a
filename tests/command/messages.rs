//! The ids of messages: every message that a configuration can lead to has one and only one, and the page explains it by an
//! example that leads to it and one that does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proxy_wasm_cors::config;
use serde_json::{Value, json};

use crate::binary::{repository, run};
use crate::support::envoy::Directory;
use crate::support::failures::Failures;

#[path = "../../src/bin/proxy-wasm-cors/messages/mod.rs"]
#[expect(dead_code, reason = "the command says more of an id than is needed here")]
mod table;

/// Where the plugin words its messages.
const WORDED: [&str; 4] =
    ["src/config", "src/origin/advice.rs", "src/origin/host.rs", "src/origin/regex/mod.rs"];

/// Texts there that no message has in it as they are, or only a message that it takes megabytes to come by.
const NOT_WORDS: [&str; 4] = ["a JSON value", "no text", "too complex together", "line {line}"];

/// An entry of the page.
struct Entry<'a> {
    id: &'a str,
    bad: &'a str,
    good: &'a str,
}

fn page() -> String {
    fs::read_to_string(repository().join(table::PAGE)).expect("the page is there")
}

fn entries(page: &str) -> Vec<Entry<'_>> {
    let entry = |text| {
        let (id, text): (&str, &str) = str::split_once(text, '\n').expect("an entry goes on after its id");
        let blocks: Vec<&str> =
            text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        let [bad, good] = blocks[..] else { panic!("{id} has {} examples", blocks.len()) };
        Entry { id, bad, good }
    };
    page.split("\n### ").skip(1).map(entry).collect()
}

#[test]
fn the_page_has_an_entry_for_each_id_in_the_order_of_the_table() {
    let page = page();
    let shown: Vec<&str> = entries(&page).iter().map(|entry| entry.id).collect();
    let known: Vec<&str> = table::rows().map(|(id, _)| *id).collect();
    assert_eq!(shown, known);
    assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), known.len(), "an id is there twice");
}

#[test]
fn each_example_leads_to_its_message_and_the_other_to_none() {
    let page = page();
    let directory = Directory::new();
    let mut failures = Failures::new("docs/messages.md");
    let unshown: Vec<(String, String)> =
        more().iter().flat_map(|config| found(directory.path(), config)).collect();
    for entry in entries(&page) {
        // What cannot be shown is a comment.
        let bad =
            if entry.bad.starts_with('#') { unshown.clone() } else { found(directory.path(), entry.bad) };
        let good = found(directory.path(), entry.good);
        let mut differences = Vec::new();
        if !bad.iter().any(|(id, _)| id == entry.id) {
            differences.push(format!("the first example has {bad:#?}"));
        }
        if !good.is_empty() {
            differences.push(format!("the second example has {good:#?}"));
        }
        failures.row(entry.id, differences);
    }
    failures.finish();
}

/// The ids and messages of what `check` finds in a text.
fn found(directory: &Path, text: &str) -> Vec<(String, String)> {
    let file = directory.join("example.yaml");
    match text.is_empty() {
        true => fs::remove_file(file).unwrap_or_default(),
        false => fs::write(file, text).expect("a temporary directory can be written to"),
    }
    let ended = run(directory, &["check", "--format", "json", "example.yaml"]);
    let reports: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = reports[0]["findings"].as_array().expect("a list");
    findings.iter().map(|finding| (text(&finding["id"]), text(&finding["message"]))).collect()
}

#[test]
fn every_message_has_one_id() {
    let mut failures = Failures::new("ids of messages");
    for message in messages() {
        let ids: Vec<&str> = table::ids_of(&table::outline(&message)).collect();
        let differences = if ids.len() == 1 { Vec::new() } else { vec![format!("has the ids {ids:?}")] };
        failures.row(message, differences);
    }
    failures.finish();
}

/// A value with a backtick leaves a message its id.
#[test]
fn no_value_hides_the_id_of_a_message() {
    for value in ["https://a`.example/", "https://`a.example/`", "`", "``` has a path;"] {
        let findings =
            config::load(Some(json!({ "allow_origins": [value] }).to_string().as_bytes())).findings;
        assert!(!findings.is_empty());
        for finding in findings {
            assert!(table::id_of(&finding.message).is_some(), "{finding}");
        }
    }
}

/// What the messages are made of is in one of them, so none is left out above.
#[test]
fn every_text_that_the_plugin_words_is_in_a_message() {
    let messages = messages();
    let mut failures = Failures::new("texts of messages");
    let files = WORDED.iter().flat_map(|path| sources(&repository().join(path)));
    for (file, text) in files.flat_map(|file| texts(&file).into_iter().map(move |text| (file.clone(), text)))
    {
        let pieces = pieces(&text);
        let is_in = |message: &String| {
            let mut rest = message.as_str();
            pieces.iter().all(|piece| {
                let found = rest.split_once(piece.as_str()).map(|(_, after)| rest = after);
                found.is_some()
            })
        };
        let is_exempt = NOT_WORDS.iter().any(|words| text.contains(words));
        let differences = match is_exempt || messages.iter().any(is_in) {
            true => Vec::new(),
            false => vec!["is in no message of the cases, the tests and the page".to_owned()],
        };
        failures.row(format!("{file}: {text}"), differences);
    }
    failures.finish();
}

/// Every message from the cases, from the configurations in the unit tests, and from the examples of the page.
fn messages() -> BTreeSet<String> {
    let cases = ["configs", "guard", "peers-configs", "field", "requests", "requests-2"];
    let configs = cases.into_iter().flat_map(|name| {
        let text = fs::read_to_string(repository().join(format!("tests/cases/{name}.jsonl"))).expect("cases");
        let rows: Vec<Value> = text.lines().map(|row| serde_json::from_str(row).expect("JSON")).collect();
        rows.into_iter().map(|row| row["config"].to_string())
    });
    let in_tests = sources(&repository().join("src/config")).into_iter().flat_map(|file| jsons(&file));
    let examples = more();
    let all = configs.chain(in_tests).chain(examples);
    let findings = all.flat_map(|config| config::load(Some(config.as_bytes())).findings);
    let page = page();
    let directory = Directory::new();
    let unshown = more();
    let examples =
        entries(&page).into_iter().map(|entry| entry.bad).chain(unshown.iter().map(String::as_str));
    let shown = examples.flat_map(|example| found(directory.path(), example));
    findings.map(|finding| finding.message).chain(shown.map(|(_, message)| message)).collect()
}

/// Messages that neither has: for each kind of entry that nobody writes, and for what is too long for a page.
fn more() -> Vec<String> {
    let text =
        fs::read_to_string(repository().join("tests/command/messages.jsonl")).expect("more configurations");
    // An empty one stands for a file that is not there.
    let lines = text.lines().map(str::to_owned);
    let many: Vec<Value> =
        (0..100).map(|at| json!({ "regex": format!("https://a{at}\\.example\\.com") })).collect();
    let long: Vec<String> = (0..500).map(|at| format!("x-header-{at}")).collect();
    let large = json!({ "allow_origins": [{ "regex": "https://[a-z]{600}\\.example\\.com" }] });
    let huge = json!({ "allow_origins": [{ "regex": "https://(a?){900}\\.example\\.com" }] });
    let made = [
        json!({ "allow_origins": many }),
        json!({ "allow_origins": ["*"], "allow_headers": long }),
        large,
        huge,
    ];
    lines.chain(made.iter().map(Value::to_string)).collect()
}

/// The Rust files at a path.
fn sources(path: &Path) -> Vec<String> {
    if path.is_file() {
        return vec![path.display().to_string()];
    }
    let entries = fs::read_dir(path).expect("the directory is there");
    entries.flat_map(|entry| sources(&entry.expect("it can be read").path())).collect()
}

/// Whole configurations in the texts of a file.
fn jsons(file: &str) -> Vec<String> {
    let source = fs::read_to_string(file).expect("the file is text");
    let literals = literals(&source);
    literals
        .into_iter()
        .filter(|text| text.starts_with('{') && serde_json::from_str::<Value>(text).is_ok())
        .collect()
}

/// The texts of several words in a file, without those of its tests.
fn texts(file: &str) -> Vec<String> {
    let source = fs::read_to_string(file).expect("the file is text");
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    if file.contains("/tests/") || file.ends_with("tests.rs") {
        return Vec::new();
    }
    let code: Vec<&str> = code.lines().filter(|line| !is_for_readers(line)).collect();
    let has_words = |text: &String| {
        text.split(' ').filter(|word| word.chars().all(|c| c.is_ascii_lowercase())).count() > 1
    };
    literals(&code.join("\n")).into_iter().filter(has_words).collect()
}

/// Comments, and the reasons of exceptions to lints.
fn is_for_readers(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("reason = ") || line.starts_with("#[expect")
}

/// The literals of a source, as the compiler reads them.
fn literals(source: &str) -> Vec<String> {
    let pattern = r##"(?s)'(?:\\.|[^\\'])'|r#"(.*?)"#|"((?:\\.|[^"\\])*)""##;
    let expression = regex::Regex::new(pattern).expect("an expression");
    let found = expression.captures_iter(source);
    found
        .filter_map(|found| match (found.get(1), found.get(2)) {
            (Some(raw), _) => Some(raw.as_str().to_owned()),
            (_, Some(plain)) => Some(unescaped(plain.as_str())),
            _ => None,
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let joined = regex::Regex::new(r"\\\n\s*").expect("an expression").replace_all(text, "").into_owned();
    joined.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// What a format string has between its arguments.
fn pieces(format: &str) -> Vec<String> {
    let plain = format.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let arguments = regex::Regex::new(r"\{[a-zA-Z_0-9:>$]*\}").expect("an expression");
    let pieces = arguments.split(&plain).map(|piece| piece.replace('\u{1}', "{").replace('\u{2}', "}"));
    pieces.filter(|piece| !piece.trim().is_empty()).collect()
}

/// Each id of the command's output is one of the table, and each row of the table is of use.
#[test]
fn no_row_is_idle() {
    let mut used: BTreeMap<&str, usize> = table::rows().map(|(id, _)| (*id, 0)).collect();
    for message in messages() {
        if let Some(count) = table::id_of(&message).and_then(|id| used.get_mut(id)) {
            *count += 1;
        }
    }
    let idle: Vec<_> = used.into_iter().filter(|(_, count)| *count == 0).collect();
    assert!(idle.is_empty(), "{idle:?}");
}
