//! Files of YAML or JSON (which YAML includes), each value with the line that it stands in.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use proxy_wasm_cors::config::Value;

mod notes;
mod number;
mod reader;
mod scalar;
mod sentences;
mod yaml;

use reader::{Note, Reader};
use yaml::parse;

/// A value and the line, from 1, in which it stands.
pub(crate) struct Node {
    pub(crate) line: usize,
    data: Data,
    /// The line in which a text begins, if its lines are those of the file.
    text_line: Option<usize>,
    /// What is to be said of how the value is read.
    note: Option<Note>,
    /// Whether it is a document that its reader does not come to.
    pub(crate) is_unread: bool,
}

/// What a node holds.
enum Data {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Why a file cannot be read.
pub(crate) struct Unreadable {
    pub(crate) line: Option<usize>,
    pub(crate) message: String,
}

/// Reads all documents of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<Node>, Unreadable> {
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Unreadable { line: None, message: "is not text in UTF-8".to_owned() },
        _ => Unreadable { line: None, message: format!("cannot be read: {error}") },
    })?;
    read_text(&text, path.extension().is_some_and(|extension| extension == "json"))
}

/// Reads all documents of a text.
pub(crate) fn read_text(text: &str, is_json: bool) -> Result<Vec<Node>, Unreadable> {
    if is_json {
        check_json(text)?;
    }
    parse(text, is_json.then_some(Reader::Json))
}

/// YAML is more generous than JSON, with commas for example, and the plugin is not.
fn check_json(text: &str) -> Result<(), Unreadable> {
    serde_json::from_str::<Value>(text)
        .map(drop)
        .map_err(|error| Unreadable { line: Some(error.line()), message: format!("is not JSON: {error}") })
}

impl Node {
    /// The member of a map, by any of its names.
    pub(crate) fn get(&self, names: &[&str]) -> Option<&Self> {
        let Data::Map(members) = &self.data else { return None };
        members.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, node)| node)
    }

    /// The members of a map; nothing else has any.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = if let Data::Map(members) = &self.data { members.as_slice() } else { &[] };
        members.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// Whether it is a map.
    pub(crate) fn is_map(&self) -> bool {
        matches!(self.data, Data::Map(_))
    }

    /// Whether it is a map without members.
    pub(crate) fn is_empty_map(&self) -> bool {
        matches!(&self.data, Data::Map(members) if members.is_empty())
    }

    /// Whether it is nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.data, Data::Scalar(Value::Null))
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The entries of a list; nothing else has any.
    pub(crate) fn items(&self) -> &[Self] {
        if let Data::List(items) = &self.data { items } else { &[] }
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.data, Data::List(_))
    }

    /// What stands directly below a list or a map.
    pub(crate) fn children(&self) -> Vec<&Self> {
        match &self.data {
            Data::Scalar(_) => Vec::new(),
            Data::List(items) => items.iter().collect(),
            Data::Map(members) => members.iter().map(|(_, node)| node).collect(),
        }
    }

    /// The tree without lines.
    pub(crate) fn to_value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Data::Map(members) => {
                Value::Object(members.iter().map(|(name, node)| (name.clone(), node.to_value())).collect())
            }
        }
    }

    /// The line of each place below, by its path as findings write it; of other paths, `otherwise`.
    pub(crate) fn lines(&self, otherwise: usize) -> Lines {
        let mut lines = Lines::all_at(otherwise);
        self.walk("", &mut |path, node| {
            lines.known.insert(path.to_owned(), node.line);
        });
        lines
    }

    /// The same of the JSON that a text holds.
    pub(crate) fn lines_of_json(&self, otherwise: usize) -> Lines {
        let (Some(text), Some(first)) = (self.text(), self.text_line) else {
            return Lines::all_at(otherwise);
        };
        let in_file = |line: usize| first.saturating_add(line).saturating_sub(1);
        if let Err(error) = serde_json::from_str::<Value>(text) {
            return Lines::all_at(in_file(error.line()));
        }
        let documents = parse(text, Some(Reader::Json)).unwrap_or_default();
        let mut lines = documents.first().map_or_else(|| Lines::all_at(1), |json| json.lines(1));
        lines.known.values_mut().for_each(|line| *line = in_file(*line));
        Lines { otherwise, ..lines }
    }

    /// Visits each place below, with its path as findings write it.
    pub(crate) fn walk(&self, path: &str, visit: &mut dyn FnMut(&str, &Self)) {
        visit(path, self);
        match &self.data {
            Data::Scalar(_) => {}
            Data::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    item.walk(&format!("{path}[{at}]"), visit);
                }
            }
            Data::Map(members) => {
                let dot = if path.is_empty() { "" } else { "." };
                for (name, node) in members {
                    node.walk(&format!("{path}{dot}{}", name.escape_debug()), visit);
                }
            }
        }
    }
}

/// The lines in which the places of a configuration stand.
pub(crate) struct Lines {
    known: BTreeMap<String, usize>,
    otherwise: usize,
}

impl Lines {
    /// Adds a place.
    pub(crate) fn add(&mut self, path: &str, line: usize) {
        self.known.insert(path.to_owned(), line);
    }

    /// Where only the line of the whole is known.
    pub(crate) fn all_at(line: usize) -> Self {
        Self { known: BTreeMap::new(), otherwise: line }
    }

    /// The line of a place, or of the nearest place above it that is written.
    pub(crate) fn of(&self, mut path: &str) -> usize {
        loop {
            if let Some(line) = self.known.get(path) {
                return *line;
            }
            path = match path.rfind(['.', '[']) {
                Some(end) => path.get(..end).unwrap_or_default(),
                None => return self.otherwise,
            };
        }
    }
}
