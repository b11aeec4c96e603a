//! YAML as JSON, as far as configurations have it.

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

/// The documents of a text.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    documents.iter().map(to_json).collect()
}

/// The only document of a text.
#[track_caller]
pub(crate) fn document(text: &str) -> Value {
    let documents = documents(text);
    assert_eq!(documents.len(), 1, "one document is expected:\n{text}");
    documents.into_iter().next().unwrap_or_default()
}

fn to_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Mapping(members) => {
            let member = |(name, value): (&Yaml<'_>, &Yaml<'_>)| {
                (name.as_str().expect("names are texts").to_owned(), to_json(value))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        other => other
            .as_bool()
            .map(Value::from)
            .or(other.as_integer().map(Value::from))
            .or(other.as_str().map(Value::from))
            .unwrap_or(Value::Null),
    }
}
