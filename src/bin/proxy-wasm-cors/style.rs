//! What is printed, and its colours; where the output is not a terminal, `anstream` takes them out.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

/// What is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is doubtful.
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
/// What is right.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What names something.
pub(crate) const LABEL: Style = Style::new().bold();

/// A text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a text and a line's end. The reader may stop early, as `head` does, and that is not an error.
pub(crate) fn say(text: &str) {
    writeln!(anstream::stdout(), "{text}").unwrap_or_default();
}
