//! The filter's lines in Envoy's log, whose format is `%l|%n|%v`.

use super::config::VM_ID;
use super::filter::Filter;

/// A line that the filter logged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    /// Envoy's name of the level, such as `error`.
    pub(crate) level: String,
    /// Which filter logged it.
    pub(crate) root_id: String,
    /// The text without what Envoy puts before it.
    pub(crate) text: String,
}

/// The filters' lines, in order.
pub(crate) fn lines(log: &str) -> impl Iterator<Item = Line> + '_ {
    log.lines().filter_map(line)
}

/// What the plugin `root_id` says is wrong with its configuration, each line once: the host configures a plugin more
/// than once.
pub(crate) fn errors(log: &str, root_id: &str) -> Vec<String> {
    let is_error = |line: &Line| line.level == "error" && line.root_id == root_id;
    let mut errors: Vec<String> = lines(log).filter(is_error).map(|line| line.text).collect();
    errors.sort();
    errors.dedup();
    errors
}

/// `<path>` of a line `config: <path>: <problem>`.
pub(crate) fn problem_path(text: &str) -> Option<&str> {
    text.strip_prefix("config: ")?.split_once(": ").map(|(path, _)| path)
}

/// The line that tells of a module that trapped, or of a host call that failed.
pub(crate) fn trap(log: &str) -> Option<&str> {
    const SIGNS: [&str; 6] = [
        "critical|wasm|wasm log",
        "critical|dynamic_modules|",
        "panicked at",
        "unexpected status",
        "Function: proxy_",
        "in-VM backtrace",
    ];
    log.lines().find(|line| SIGNS.iter().any(|sign| line.contains(sign)))
}

/// The line in which a byte stands that is neither visible nor a blank: none of a request may come so far.
pub(crate) fn unescaped(log: &str) -> Option<&str> {
    log.lines().find(|line| !line.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '))
}

fn line(line: &str) -> Option<Line> {
    let (level, (root_id, text)) = match Filter::under_test() {
        Filter::Plugin => {
            let (level, rest) = line.split_once("|wasm|wasm log ")?;
            (level, rest.split_once(&format!(" {VM_ID}: "))?)
        }
        Filter::Module => {
            let (level, rest) = line.split_once("|dynamic_modules|")?;
            (level, rest.split_once(": ")?)
        }
    };
    Some(Line { level: level.to_owned(), root_id: root_id.to_owned(), text: text.to_owned() })
}
