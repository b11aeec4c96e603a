//! A display without a screen, for a browser that has no headless mode.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::Engine;

/// A running Xvfb. Dropped, it is ended.
pub(crate) struct Display {
    process: Child,
    /// As the environment variable `DISPLAY`.
    pub(crate) name: String,
}

impl Display {
    pub(crate) fn start() -> Self {
        let process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x1180x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = process.unwrap_or_else(|error| {
            panic!("`Xvfb` does not start: {error}\n{}", Engine::Webkit.how_to_get_it())
        });
        let mut said = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut number = String::new();
        said.read_line(&mut number).expect("Xvfb writes text");
        Self { process, name: format!(":{}", number.trim()) }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Either fails only if the process has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
