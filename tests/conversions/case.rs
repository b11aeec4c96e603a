//! The inputs of `tests/cases/convert`.

use std::fs;
use std::path::PathBuf;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::binary::repository;

/// A file as people have it.
pub(crate) struct Case {
    /// Its source and its name: `envoy/1-one-host`.
    pub(crate) name: String,
    pub(crate) source: &'static str,
    pub(crate) file: PathBuf,
    pub(crate) text: String,
    /// Its documents, whatever form they are written in.
    pub(crate) documents: Vec<Value>,
    /// Calls of a page and whether it gets the answer, where somebody has written them down.
    pub(crate) probes: Vec<Value>,
}

/// Every input of these sources, in order.
#[track_caller]
pub(crate) fn of(sources: &[&'static str]) -> Vec<Case> {
    sources.iter().flat_map(|source| inputs(source)).collect()
}

fn inputs(source: &'static str) -> Vec<Case> {
    let directory = repository().join("tests/cases/convert").join(source);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| is_input(file.to_str().expect("the names are ASCII")));
    files.sort();
    assert!(!files.is_empty(), "{} has no inputs", directory.display());
    files.into_iter().map(|file| read(source, file)).collect()
}

fn is_input(file: &str) -> bool {
    (file.ends_with(".yaml") || file.ends_with(".json")) && !file.ends_with(".expected.json")
}

fn read(source: &'static str, file: PathBuf) -> Case {
    let text = fs::read_to_string(&file).expect("the file was listed");
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let expected =
        fs::read_to_string(file.with_extension("expected.json")).unwrap_or_else(|_| "{}".to_owned());
    let expected: Value = serde_json::from_str(&expected).expect("the expectation is JSON");
    let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("the names are ASCII");
    Case {
        name: format!("{source}/{stem}"),
        source,
        documents: documents.iter().map(to_json).collect(),
        probes: expected["probes"].as_array().cloned().unwrap_or_default(),
        text,
        file,
    }
}

fn to_json(node: &Yaml) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(members) => {
            let member = |(key, value)| (key_of(key), to_json(value));
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        other => panic!("{other:?} has no place in JSON"),
    }
}

fn key_of(key: &Yaml) -> String {
    match to_json(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The texts of a list, or of none.
pub(crate) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The items of a list, or of none.
pub(crate) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
