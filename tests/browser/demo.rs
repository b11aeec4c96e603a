//! The demo, as `make demo` runs it at a terminal.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::plugin;

/// A running demo. Dropped, it is asked to end, and ends its Envoy.
pub(crate) struct Demo {
    process: Child,
    /// The dashboard, from two origins. The demo's own policy allows the first, and not the second.
    pub(crate) pages: [String; 2],
    /// Whether the policy allows each of the pages, as the demo says.
    pub(crate) allows: [bool; 2],
}

impl Demo {
    /// Starts the demo with further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        plugin::module();
        let mut process = Command::new("python3")
            .args(["envoy/demo/run.py", "--stay"])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let mut said = lines.map(|line| line.expect("the demo writes text"));
        let mut before = Vec::new();
        while let Some(line) = said.next().filter(|line| line != "Open in a browser:") {
            before.push(line);
        }
        let said_of_pages = [said.next(), said.next()].map(Option::unwrap_or_default);
        let allows = said_of_pages.each_ref().map(|line| line.ends_with("the policy allows"));
        let pages = said_of_pages.each_ref().map(|line| url_in(line));
        let [Some(allowed), Some(refused)] = pages else { panic!("the demo ended:\n{}", before.join("\n")) };
        // It keeps writing, and would block without a reader.
        std::thread::spawn(move || said.for_each(drop));
        Self { process, pages: [allowed, refused], allows }
    }
}

fn url_in(line: &str) -> Option<String> {
    line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Killed at once, it could not end its Envoy.
        Command::new("kill").arg(self.process.id().to_string()).status().ok();
        self.process.wait().ok();
    }
}
