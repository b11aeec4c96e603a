//! What browsers write to their consoles, and the document that says so.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::engines::{Engine, Opened};
use crate::pages::Pages;
use crate::row::Row;
use crate::support::failures::Failures;

const DOCUMENT: &str = "docs/console-messages.md";

/// Messages come at once; the rest is patience with a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the document calls them, in its order.
const ENGINES: [(Engine, &str); 3] =
    [(Engine::Chromium, "Chromium"), (Engine::Firefox, "Firefox"), (Engine::Webkit, "WebKit")];

/// Holds the document to what this engine says of each row, or with `RECORD` writes it there.
pub(crate) fn check(engine: Engine, browser: &Opened, pages: &Pages, failures: &mut Failures) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let document = fs::read_to_string(&path).expect("the document is there");
    let said = read(engine, browser, pages);
    let sections: Vec<_> =
        pages.rows.iter().zip(&said).map(|(row, said)| section(row, engine, said, &document)).collect();
    if env::var_os("RECORD").is_some() {
        let (before, _) = document.split_once("\n## ").unwrap_or((&document, ""));
        fs::write(&path, [before.trim_end(), "\n", &sections.concat()].concat()).expect("it can be written");
        return;
    }
    for ((row, said), section) in pages.rows.iter().zip(&said).zip(&sections) {
        let difference =
            || format!("{DOCUMENT} says otherwise; `RECORD=1 make test-browsers` corrects it: {said:?}");
        let is_there = document.contains(section.as_str());
        failures.row(
            format!("{} ({})", row.name, engine.name()),
            (!is_there).then(difference).into_iter().collect(),
        );
    }
}

/// The messages about each row, once there are some about all: they may come later than what the page says.
fn read(engine: Engine, browser: &Opened, pages: &Pages) -> Vec<Vec<String>> {
    let end = Instant::now() + PATIENCE;
    let mut console = Vec::new();
    loop {
        console = browser.console(engine, console);
        let said = by_row(engine, &console, pages);
        if said.iter().all(|messages| !messages.is_empty()) || Instant::now() > end {
            return said;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// The messages about each row: those that name the port of its API, and in WebKit those just before them, which name
/// none.
fn by_row(engine: Engine, console: &[String], pages: &Pages) -> Vec<Vec<String>> {
    let mut said = vec![Vec::new(); pages.rows.len()];
    let mut before = Vec::new();
    for message in console {
        let names = |row: &usize| message.contains(&format!(".example.com:{}/", pages.port(*row)));
        match (0..pages.rows.len()).find(names) {
            Some(row) => {
                let port = format!(":{}", pages.port(row));
                said[row].append(&mut before);
                said[row].push(as_shown(engine, message).replace(&port, ""));
            }
            None if engine == Engine::Webkit => before.push(message.clone()),
            None => {}
        }
    }
    said
}

/// chromedriver puts the source, and a line and column or `-`, before a message.
fn as_shown(engine: Engine, message: &str) -> &str {
    let shown = (engine == Engine::Chromium).then(|| message.splitn(3, ' ').nth(2));
    shown.flatten().unwrap_or(message)
}

/// The section of a row: what this engine said, and what the document has of the others.
fn section(row: &Row, engine: Engine, said: &[String], document: &str) -> String {
    let recorded = row.expect["recorded"].as_array().into_iter().flatten();
    let recorded: Vec<_> = recorded.map(|it| format!("`{}`", it.as_str().unwrap_or("-"))).collect();
    let mut section = format!("\n## {}\n\nIn the access log: {}.\n", row.name, recorded.join(", then "));
    for (other, name) in ENGINES {
        let start = format!("\n{name}:\n\n```text\n");
        let known = || known_block(document, &row.name, &start).to_owned();
        let block =
            if other == engine { said.iter().map(|line| format!("{line}\n")).collect() } else { known() };
        section.extend([start.as_str(), &block, "```\n"]);
    }
    section
}

/// What the document has of a row after `start`.
fn known_block<'a>(document: &'a str, row: &str, start: &str) -> &'a str {
    let section = document.split_once(&format!("\n## {row}\n")).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    section.split_once(start).and_then(|(_, rest)| rest.split_once("```")).map_or("", |(block, _)| block)
}
