//! A value of a file together with its place, and what a source expects to find there.

use proxy_wasm_cors::config::Value;

use crate::files::document::Node;
use crate::sources::note::{Note, NoteKind};

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct At<'a> {
    node: &'a Node,
    path: String,
    /// Whether notes on values below also name this place.
    is_sealed: bool,
}

impl<'a> At<'a> {
    /// The root of a document.
    pub(crate) fn root(node: &'a Node) -> Self {
        Self { node, path: String::new(), is_sealed: false }
    }

    /// The same value; notes on what stands below it name this place, and their own lines.
    pub(crate) fn sealed(self) -> Self {
        Self { is_sealed: true, ..self }
    }

    /// The same value under another place, for what is written in a shorter way in notes.
    pub(crate) fn called(self, path: String) -> Self {
        Self { path, ..self }
    }

    fn below(&self, step: &str, node: &'a Node) -> Self {
        let path = if self.is_sealed { self.path.clone() } else { join(&self.path, step) };
        Self { node, path, is_sealed: self.is_sealed }
    }

    /// A member of a map; `null` counts as absent, as it does to Kubernetes and in JSON of protobuf.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        self.get_any(&[name])
    }

    /// A member by any of its names.
    pub(crate) fn get_any(&self, names: &[&str]) -> Option<Self> {
        let (name, node) = self.node.members().find(|(name, _)| names.contains(name))?;
        (!node.is_null()).then(|| self.below(name, node))
    }

    /// A member far below.
    pub(crate) fn get_path(&self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self.clone(), |at, name| at.get(name))
    }

    /// The text of a member, where it is one: for fields that say what a document is.
    pub(crate) fn said(&self, name: &str) -> Option<&'a str> {
        self.node.get(&[name]).and_then(Node::text)
    }

    /// The members of a map.
    pub(crate) fn members(&self) -> Vec<(&'a str, Self)> {
        self.node.members().map(|(name, node)| (name, self.below(name, node))).collect()
    }

    /// The entries of a list; nothing else has any.
    pub(crate) fn items(&self) -> Vec<Self> {
        let items = self.node.items().iter().enumerate();
        items.map(|(at, item)| self.below(&format!("[{at}]"), item)).collect()
    }

    /// The entries of a list, or a note if it is not one.
    pub(crate) fn list(&self, notes: &mut Vec<Note>) -> Vec<Self> {
        if !self.node.is_list() {
            notes.push(self.wrong("a list"));
        }
        self.items()
    }

    /// The line in which it stands.
    pub(crate) fn line(&self) -> usize {
        self.node.line.max(1)
    }

    /// Its place.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What stands there.
    pub(crate) fn value(&self) -> Value {
        self.node.to_value()
    }

    /// Whether it is a map.
    pub(crate) fn is_map(&self) -> bool {
        self.node.is_map()
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&self) -> bool {
        self.node.is_list()
    }

    /// The text, or a note if it is not one.
    pub(crate) fn text(&self, notes: &mut Vec<Note>) -> Option<&'a str> {
        let text = self.node.text();
        if text.is_none() {
            notes.push(self.wrong("a text"));
        }
        text
    }

    /// The texts of a list with their places, and a note for everything else.
    pub(crate) fn texts(&self, notes: &mut Vec<Note>) -> Vec<(&'a str, Self)> {
        let items = self.list(notes);
        items.into_iter().filter_map(|item| Some((item.text(notes)?, item))).collect()
    }

    /// `true` or `false`, or a note if it is neither.
    pub(crate) fn flag(&self, notes: &mut Vec<Note>) -> Option<bool> {
        match self.value() {
            Value::Bool(flag) => Some(flag),
            _ => {
                notes.push(self.wrong("`true` or `false`"));
                None
            }
        }
    }

    /// A number, or a note if it is not one.
    pub(crate) fn number(&self, notes: &mut Vec<Note>) -> Option<f64> {
        match self.value() {
            Value::Number(number) => Some(number),
            _ => {
                notes.push(self.wrong("a number"));
                None
            }
        }
    }

    /// A map, or a note if it is not one.
    pub(crate) fn map(&self, notes: &mut Vec<Note>) -> Option<Self> {
        if !self.is_map() {
            notes.push(self.wrong("an object"));
        }
        self.is_map().then(|| self.clone())
    }

    /// A note for each member that is not known.
    pub(crate) fn only(&self, known: &[&str], notes: &mut Vec<Note>) {
        for (name, at) in self.members().into_iter().filter(|(name, _)| !known.contains(name)) {
            let name = name.escape_debug();
            let text = format!("`convert` does not know the field `{name}`, so it was left out");
            notes.push(at.note(NoteKind::Ask, text));
        }
    }

    /// A note on this place.
    pub(crate) fn note(&self, kind: NoteKind, text: impl Into<String>) -> Note {
        let (line, at) = (self.line(), self.path.clone());
        Note { kind, file: 0, line, at, text: text.into(), about: String::new() }
    }

    /// A note on a value of a wrong type.
    pub(crate) fn wrong(&self, expected: &str) -> Note {
        let text = format!("{expected} belongs here, not {}, so it was left out", self.value());
        self.note(NoteKind::Ask, text)
    }
}

fn join(path: &str, step: &str) -> String {
    match (path.is_empty(), step.starts_with('[')) {
        (true, _) => step.to_owned(),
        (false, true) => format!("{path}{step}"),
        (false, false) => format!("{path}.{}", step.escape_debug()),
    }
}
