//! Files of YAML or JSON (which YAML includes), each value with the line that it stands in.

use std::collections::BTreeMap;
use std::path::Path;

use proxy_wasm_cors::config::Value;
use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};

/// A value and the line, from 1, in which it stands.
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) data: Data,
}

/// What a node holds.
pub(crate) enum Data {
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
    let text = std::fs::read_to_string(path)
        .map_err(|error| Unreadable { line: None, message: format!("cannot be read: {error}") })?;
    let documents = MarkedYaml::load_from_str(&text).map_err(|error| Unreadable {
        line: Some(error.marker().line()),
        message: format!("is neither YAML nor JSON: {}", error.info()),
    })?;
    Ok(documents.iter().map(Node::of).collect())
}

impl Node {
    fn of(yaml: &MarkedYaml<'_>) -> Self {
        let data = match &yaml.data {
            YamlData::Sequence(items) => Data::List(items.iter().map(Self::of).collect()),
            YamlData::Mapping(members) => {
                Data::Map(members.iter().map(|(key, value)| (key_of(key), Self::under(key, value))).collect())
            }
            YamlData::Tagged(_, inner) => return Self::of(inner),
            YamlData::Value(scalar) => Data::Scalar(value_of(scalar)),
            YamlData::Representation(text, _, _) => Data::Scalar(Value::Text(text.to_string())),
            YamlData::Alias(_) | YamlData::BadValue => Data::Scalar(Value::Null),
        };
        Self { line: yaml.span.start.line(), data }
    }

    /// A member stands where its name does: its value may begin lines below.
    fn under(key: &MarkedYaml<'_>, value: &MarkedYaml<'_>) -> Self {
        Self { line: key.span.start.line(), ..Self::of(value) }
    }

    /// The member of a map, by any of its names.
    pub(crate) fn get(&self, names: &[&str]) -> Option<&Self> {
        let Data::Map(members) = &self.data else { return None };
        members.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, node)| node)
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(Value::Text(text)) => Some(text),
            _ => None,
        }
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

    /// The line of each place below, by its path as findings write it.
    pub(crate) fn lines(&self) -> BTreeMap<String, usize> {
        let mut lines = BTreeMap::new();
        self.add_lines("", &mut lines);
        lines
    }

    fn add_lines(&self, path: &str, lines: &mut BTreeMap<String, usize>) {
        lines.insert(path.to_owned(), self.line);
        match &self.data {
            Data::Scalar(_) => {}
            Data::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    item.add_lines(&format!("{path}[{at}]"), lines);
                }
            }
            Data::Map(members) => {
                let dot = if path.is_empty() { "" } else { "." };
                for (name, node) in members {
                    node.add_lines(&format!("{path}{dot}{}", name.escape_debug()), lines);
                }
            }
        }
    }
}

/// The line of a place, or of the nearest place above it that is written.
pub(crate) fn line_of(lines: &BTreeMap<String, usize>, path: &str) -> Option<usize> {
    let mut path = path;
    loop {
        if let Some(line) = lines.get(path) {
            return Some(*line);
        }
        path = path.rfind(['.', '[']).and_then(|end| path.get(..end)).unwrap_or_default();
        if path.is_empty() {
            return lines.get(path).copied();
        }
    }
}

fn key_of(key: &MarkedYaml<'_>) -> String {
    match &key.data {
        YamlData::Value(scalar) => match value_of(scalar) {
            Value::Text(text) => text,
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            _ => "null".to_owned(),
        },
        _ => "(not a name)".to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "Envoy passes numbers as doubles, too")]
fn value_of(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(flag) => Value::Bool(*flag),
        Scalar::Integer(number) => Value::Number(*number as f64),
        Scalar::FloatingPoint(number) => Value::Number(number.into_inner()),
        Scalar::String(text) => Value::Text(text.to_string()),
    }
}
