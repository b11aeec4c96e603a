//! Files of YAML or JSON (which YAML includes), each value with the line that it stands in.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::OnceLock;

use proxy_wasm_cors::config::Value;

use crate::files::embedded;

mod notes;
mod number;
pub(super) mod reader;
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
    /// What there is to say about how the value is read.
    note: Option<Note>,
    /// Whether it is a document that its reader ignores.
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

/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// Reads all documents of a file, and those of files that are embedded in it as texts.
pub(crate) fn read(path: &Path) -> Result<Vec<Node>, Unreadable> {
    let text = text_of(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Unreadable { line: None, message: "is not UTF-8 text".to_owned() },
        _ => Unreadable { line: None, message: format!("cannot be read: {error}") },
    })?;
    read_text(&text, path.extension().is_some_and(|extension| extension == "json"))
}

/// Reads all documents of a text.
pub(crate) fn read_text(text: &str, is_json: bool) -> Result<Vec<Node>, Unreadable> {
    if is_json {
        check_json(text)?;
    }
    let mut documents = parse(text, is_json.then_some(Reader::Json))?;
    let inner = embedded::documents(&documents)?;
    documents.extend(inner);
    Ok(documents)
}

/// The text of a file. Standard input can be read only once, but is needed again to say what is wrong with it.
fn text_of(path: &Path) -> Result<String, Error> {
    static READ: OnceLock<String> = OnceLock::new();
    if path != Path::new(STANDARD_INPUT) {
        return std::fs::read_to_string(path);
    }
    if let Some(text) = READ.get() {
        return Ok(text.clone());
    }
    let text = std::io::read_to_string(std::io::stdin())?;
    Ok(READ.get_or_init(|| text).clone())
}

/// YAML is more tolerant than JSON, for example with commas, but the plugin is not.
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

    /// The same for the JSON in a text.
    pub(crate) fn lines_of_json(&self, otherwise: usize) -> Lines {
        let (Some(text), Some(first)) = (self.text(), self.text_line) else {
            return Lines::all_at(otherwise);
        };
        let in_file = |line: usize| offset(first, line);
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

/// Texts that are files.
impl Node {
    /// The documents of the file that this text is, with the lines of the file in which it stands.
    pub(super) fn parsed(&self, reader: Option<Reader>) -> Result<Vec<Self>, Unreadable> {
        let text = self.text().unwrap_or_default();
        // If lines of the text are not lines of the file, all of it counts as standing where the text begins.
        let in_file = |line: usize| self.text_line.map_or(self.line, |first| offset(first, line));
        let fault =
            |fault: Unreadable| Unreadable { line: Some(fault.line.map_or(self.line, in_file)), ..fault };
        if reader == Some(Reader::Json) {
            check_json(text).map_err(fault)?;
        }
        let mut documents = parse(text, reader).map_err(fault)?;
        documents.iter_mut().for_each(|document| document.move_lines(&in_file, self.text_line.is_some()));
        Ok(documents)
    }

    fn move_lines(&mut self, in_file: &dyn Fn(usize) -> usize, is_line_by_line: bool) {
        self.line = in_file(self.line);
        self.text_line = self.text_line.filter(|_| is_line_by_line).map(in_file);
        match &mut self.data {
            Data::Scalar(_) => {}
            Data::List(items) => items.iter_mut().for_each(|item| item.move_lines(in_file, is_line_by_line)),
            Data::Map(members) => {
                members.iter_mut().for_each(|(_, node)| node.move_lines(in_file, is_line_by_line));
            }
        }
    }
}

/// A line of a text that begins in `first`.
fn offset(first: usize, line: usize) -> usize {
    first.saturating_add(line).saturating_sub(1)
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

    /// For when only the line of the whole is known.
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
