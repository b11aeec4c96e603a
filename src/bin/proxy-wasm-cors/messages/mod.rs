//! The room of messages: the id of each, which stays the same when its words change, and what `docs/messages.md` says
//! about it.
//!
//! The plugin words its messages for logs, where an id would only take room; so the id is found by the words that a
//! message always contains. A file has those of each room: `policy` those on a policy, `origins` those on its origins,
//! `files` those on files, `places` those on where the filter stands.

mod files;
mod origins;
mod places;
mod policy;

/// The page with an entry for each id.
pub(crate) const PAGE: &str = "docs/messages.md";

/// An id, and words of each message that has it, with `_` in place of what stands in backticks; a message that has to begin
/// with them has a `^` before it.
pub(crate) type Row = (&'static str, &'static [&'static str]);

/// What follows the first statement of a message: other faults, and how the file's reader interprets the value.
const MORE: [&str; 7] = [
    ". Also, it ",
    ". Even so, ",
    " (Envoy reads ",
    " (Envoy does not merge ",
    " (Kubernetes reads ",
    " (in double quotes YAML ",
    " (this is a template; ",
];

/// Every id.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    [policy::ROWS, origins::ROWS, files::ROWS, places::ROWS].into_iter().flatten()
}

/// The id of a message: the one of its first statement.
pub(crate) fn id_of(message: &str) -> Option<&'static str> {
    // A value with a backtick in it makes an outline in which words are missing.
    ids_of(&outline(message)).next().or_else(|| ids_of(message).next())
}

/// All ids whose words an outline has.
pub(crate) fn ids_of(outline: &str) -> impl Iterator<Item = &'static str> {
    rows().filter(move |(_, words)| words.iter().any(|words| has(outline, words))).map(|(id, _)| *id)
}

fn has(outline: &str, words: &str) -> bool {
    words.strip_prefix('^').map_or_else(|| outline.contains(words), |words| outline.starts_with(words))
}

/// The first statement of a message, with `_` for everything in backticks.
pub(crate) fn outline(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let mut outline: Vec<&str> = parts.map(|(at, part)| if at % 2 == 0 { part } else { "_" }).collect();
    // Without an end it is not known what stands in backticks.
    if outline.len() % 2 == 0 {
        outline = message.split('`').collect();
    }
    let outline = outline.join("`");
    let end = MORE.iter().filter_map(|more| outline.find(more)).min().unwrap_or(outline.len());
    outline.get(..end).unwrap_or_default().to_owned()
}

/// What the page says of an id.
pub(crate) fn help(id: &str) -> &'static str {
    let page = include_str!("../../../../docs/messages.md");
    let entry = page.split("\n### ").find_map(|entry| entry.strip_prefix(id)?.strip_prefix('\n'));
    let end = |entry: &str| entry.find("\n## ").unwrap_or(entry.len());
    entry.map_or("", |entry| entry.get(..end(entry)).unwrap_or_default().trim())
}
