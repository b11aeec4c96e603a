//! A configuration as YAML with comments, and as JSON.

use proxy_wasm_cors::config::Value;
use saphyr::{Mapping, Scalar, Yaml, YamlEmitter};
use serde_json::json;

use crate::commands::convert::output::Document;
use crate::files::document;

/// The length of a comment line, in characters.
const WIDTH: usize = 110;

/// The text of a document, each comment above the line of its place.
pub(crate) fn to_text(document: &Document) -> String {
    let mut text = String::new();
    // Emitting cannot fail, because a text accepts everything.
    YamlEmitter::new(&mut text).dump(&to_yaml(&document.value)).unwrap_or_default();
    let text = text.trim_start_matches("---\n");
    let nodes = document::read_text(text, false).unwrap_or_default();
    let Some(lines) = nodes.first().map(|node| node.lines(1)) else { return text.to_owned() };
    let mut all = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let here = document.comments.iter().filter(|(place, _)| lines.of(place) == number);
        let indent = line.len().saturating_sub(line.trim_start().len());
        here.for_each(|(_, comment)| all += &wrapped(comment, indent));
        all += line;
        all.push('\n');
    }
    all.trim_end().to_owned()
}

fn wrapped(comment: &str, indent: usize) -> String {
    let start = format!("{}#", " ".repeat(indent));
    let mut all = String::new();
    let mut line = start.clone();
    for word in comment.split_whitespace() {
        let length = line.chars().count().saturating_add(word.chars().count());
        if length >= WIDTH && line != start {
            all += &format!("{line}\n");
            line.clone_from(&start);
        }
        line += &format!(" {word}");
    }
    format!("{all}{line}\n")
}

fn to_yaml(value: &Value) -> Yaml<'_> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(flag) => Yaml::Value(Scalar::Boolean(*flag)),
        Value::Number(number) => match whole(*number) {
            Some(integer) => Yaml::Value(Scalar::Integer(integer)),
            None => Yaml::Value(Scalar::FloatingPoint((*number).into())),
        },
        Value::Text(text) => Yaml::Value(Scalar::String(text.into())),
        Value::List(items) => Yaml::Sequence(items.iter().map(to_yaml).collect()),
        Value::Object(members) => {
            let mut mapping = Mapping::new();
            for (name, value) in members {
                mapping.insert(Yaml::Value(Scalar::String(name.into())), to_yaml(value));
            }
            Yaml::Mapping(mapping)
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is small")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

/// A configuration as JSON.
pub(crate) fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => json!(flag),
        Value::Number(number) => whole(*number).map_or_else(|| json!(number), |integer| json!(integer)),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), to_json(value))).collect()
        }
    }
}
