//! Files of YAML or JSON (which YAML includes), each value with the line that it stands in.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use proxy_wasm_cors::config::Value;
use saphyr::{LoadableYamlNode as _, MarkedYaml, Marker, Scalar, YamlData};

/// A value and the line, from 1, in which it stands.
pub(crate) struct Node {
    pub(crate) line: usize,
    data: Data,
    /// The line in which a text begins, if its lines are those of the file.
    text_line: Option<usize>,
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
    if path.extension().is_some_and(|extension| extension == "json") {
        check_json(&text)?;
    }
    parse(&text)
}

/// YAML is more generous than JSON, with commas for example, and the plugin is not.
fn check_json(text: &str) -> Result<(), Unreadable> {
    serde_json::from_str::<Value>(text)
        .map(drop)
        .map_err(|error| Unreadable { line: Some(error.line()), message: format!("is not JSON: {error}") })
}

fn parse(text: &str) -> Result<Vec<Node>, Unreadable> {
    let documents = MarkedYaml::load_from_str(text).map_err(|error| Unreadable {
        line: Some(error.marker().line()),
        message: match error.info() {
            "duplicated key in mapping" => {
                format!(
                    "`{}` says again what a field above says; write it once",
                    key_at(error.marker(), text)
                )
            }
            fault => format!("is neither YAML nor JSON: {fault}"),
        },
    })?;
    let file: Vec<&str> = text.lines().collect();
    Ok(documents.iter().map(|document| Node::of(document, &file)).collect())
}

/// The text of the key that begins there, without the quotes that it may have.
fn key_at(marker: &Marker, text: &str) -> String {
    let line = text.lines().nth(marker.line().saturating_sub(1)).unwrap_or_default();
    let key: String = line.chars().skip(marker.col()).take_while(|c| *c != ':').collect();
    key.trim().trim_matches(['"', '\'']).to_owned()
}

impl Node {
    fn of(yaml: &MarkedYaml<'_>, file: &[&str]) -> Self {
        let data = match &yaml.data {
            YamlData::Sequence(items) => Data::List(items.iter().map(|item| Self::of(item, file)).collect()),
            YamlData::Mapping(members) => Data::Map(
                members.iter().map(|(key, value)| (key_of(key), Self::under(key, value, file))).collect(),
            ),
            YamlData::Tagged(_, inner) => return Self::of(inner, file),
            YamlData::Value(scalar) => Data::Scalar(value_of(scalar)),
            YamlData::Representation(text, _, _) => Data::Scalar(Value::Text(text.to_string())),
            YamlData::Alias(_) | YamlData::BadValue => Data::Scalar(Value::Null),
        };
        let text_line = match &data {
            Data::Scalar(Value::Text(text)) => line_of_text(text, yaml, file),
            _ => None,
        };
        Self { line: yaml.span.start.line(), data, text_line }
    }

    /// A member stands where its name does: its value may begin lines below.
    fn under(key: &MarkedYaml<'_>, value: &MarkedYaml<'_>, file: &[&str]) -> Self {
        Self { line: key.span.start.line(), ..Self::of(value, file) }
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

    /// The line of each place below, by its path as findings write it; of other paths, `otherwise`.
    pub(crate) fn lines(&self, otherwise: usize) -> Lines {
        let mut lines = Lines::all_at(otherwise);
        self.add_lines("", &mut lines.known);
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
        let documents = parse(text).unwrap_or_default();
        let mut lines = documents.first().map_or_else(|| Lines::all_at(1), |json| json.lines(1));
        lines.known.values_mut().for_each(|line| *line = in_file(*line));
        Lines { otherwise, ..lines }
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

/// The lines in which the places of a configuration stand.
pub(crate) struct Lines {
    known: BTreeMap<String, usize>,
    otherwise: usize,
}

impl Lines {
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

/// The line of the file in which a text begins, if each line of it is one of the file: not so where YAML folds lines
/// or the text has `\n` for them.
fn line_of_text(text: &str, yaml: &MarkedYaml<'_>, file: &[&str]) -> Option<usize> {
    let first = yaml.span.start.line();
    let text_begins = text.chars().take_while(|c| *c == '\n').count();
    let rows: Vec<&str> = text.trim_matches('\n').lines().collect();
    let mut below = rows.iter().zip(file.iter().skip(first.saturating_sub(1)));
    let is_line_by_line = rows.len() == 1 || below.all(|(row, line)| line.contains(row.trim()));
    first.checked_sub(text_begins).filter(|_| is_line_by_line)
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
