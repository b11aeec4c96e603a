//! Who reads a file, how that reader interprets a scalar, and what there is to say about it.

use proxy_wasm_cors::config::Value;
use saphyr::{MarkedYaml, ScalarStyle, YamlData};

use super::scalar::Written;
use crate::files::module;

/// Who reads a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Envoy, from a file of YAML.
    Envoy,
    /// Kubernetes, which turns it into JSON for Istio and Envoy Gateway.
    Kubernetes,
    /// Whoever reads JSON.
    Json,
    /// Unknown, because it is a policy by itself.
    Any,
}

/// What there is to say about how a value is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Note {
    /// Readers interpret it differently.
    Ambiguous(String),
    /// Its reader gets another number than it looks like.
    OtherNumber(String),
    /// It explains what else is wrong with the value.
    Hint(String),
}

impl Reader {
    /// The reader of a document: Kubernetes knows its own by `kind`, a Wasm filter of Envoy has a `vm_config`, and
    /// one by a dynamic module names that.
    pub(super) fn of(document: &MarkedYaml<'_>) -> Self {
        if member(document, &["kind"]).is_some() {
            Self::Kubernetes
        } else if has_plugin(document) {
            Self::Envoy
        } else {
            Self::Any
        }
    }

    /// How the reader interprets a scalar.
    pub(super) fn read(self, written: &Written<'_>) -> (Value, Option<Note>) {
        let value = match self {
            Self::Envoy => written.to_envoy(),
            Self::Kubernetes => written.to_kubernetes(),
            Self::Json => written.to_json(),
            Self::Any => written.to_core_schema(),
        };
        let note = match self {
            Self::Envoy => differs("Envoy", &value, written),
            Self::Kubernetes => differs("Kubernetes", &value, written),
            Self::Json => None,
            Self::Any => ambiguous(&value, written),
        };
        let note = note.or_else(|| escaped(written)).or_else(|| template(&value));
        (value, note)
    }
}

fn member<'a, 'b>(node: &'a MarkedYaml<'b>, names: &[&str]) -> Option<&'a MarkedYaml<'b>> {
    let YamlData::Mapping(members) = &node.data else { return None };
    let is_named = |key: &MarkedYaml<'_>| text_of(key).is_some_and(|text| names.contains(&text));
    members.iter().find(|(key, _)| is_named(key)).map(|(_, value)| value)
}

fn text_of<'a>(node: &'a MarkedYaml<'_>) -> Option<&'a str> {
    match &node.data {
        YamlData::Representation(text, _, _) => Some(text),
        _ => None,
    }
}

const PLUGINS: [&str; 4] = ["vm_config", "vmConfig", module::CONFIG[0], module::CONFIG[1]];

fn has_plugin(node: &MarkedYaml<'_>) -> bool {
    match &node.data {
        YamlData::Sequence(items) => items.iter().any(has_plugin),
        YamlData::Mapping(members) => member(node, &PLUGINS).is_some() || members.values().any(has_plugin),
        YamlData::Tagged(_, inner) => has_plugin(inner),
        _ => false,
    }
}

/// How a reader interprets a scalar that YAML 1.2 reads differently.
fn differs(reader: &str, value: &Value, written: &Written<'_>) -> Option<Note> {
    let core = written.to_core_schema();
    if *value == core {
        return None;
    }
    let shown = shown(written);
    let meant = unambiguous(&core).filter(|meant| *meant != shown);
    let instead = meant.map(|meant| format!("; write `{meant}` if you mean {core}")).unwrap_or_default();
    let message = format!("{reader} reads `{shown}` as {value}{instead}");
    let is_other_number = matches!((value, &core), (Value::Number(_), Value::Number(_)));
    Some(if is_other_number { Note::OtherNumber(message) } else { Note::Hint(message) })
}

/// Whether the hosts and YAML 1.2 read a scalar differently.
fn ambiguous(core: &Value, written: &Written<'_>) -> Option<Note> {
    let envoy = written.to_envoy();
    let readings = [("Kubernetes", written.to_kubernetes()), ("YAML 1.2", core.clone())];
    let (reader, other) = readings.into_iter().find(|(_, reading)| *reading != envoy)?;
    let shown = shown(written);
    let quoted = Some(format!("\"{}\"", written.text.escape_default()));
    let all = [unambiguous(&other), unambiguous(&envoy), quoted];
    let mut remedies: Vec<String> = all.into_iter().flatten().filter(|remedy| *remedy != shown).collect();
    remedies.dedup();
    let remedies: Vec<String> = remedies.iter().take(2).map(|remedy| format!("`{remedy}`")).collect();
    Some(Note::Ambiguous(format!(
        "`{shown}` is {envoy} to Envoy and {other} to {reader}; write {}",
        remedies.join(" or ")
    )))
}

/// A scalar as the file has it, on one line.
fn shown(written: &Written<'_>) -> String {
    let tag = written.tag.map(|tag| match (tag.is_yaml_core_schema(), tag.handle.as_str()) {
        (true, _) => format!("!!{} ", tag.suffix),
        (false, handle) => format!("{handle}{} ", tag.suffix),
    });
    let quotes = if written.is_plain() { "" } else { "\"" };
    format!("{}{quotes}{}{quotes}", tag.unwrap_or_default(), written.text.escape_debug())
}

/// How to write a value so that every reader reads the same.
fn unambiguous(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) if !number.is_finite() => None,
        Value::Number(number) => Some(number.to_string()),
        Value::Text(text) => Some(format!("\"{}\"", text.escape_default())),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some("null".to_owned()),
        Value::List(_) | Value::Object(_) => None,
    }
}

/// Double quotes turn `\b`, which means something in a regex, into another character.
fn escaped(written: &Written<'_>) -> Option<Note> {
    let is_escaped = written.style == ScalarStyle::DoubleQuoted
        && written.text.contains(|c: char| c.is_control() || matches!(c, '\u{a0}' | '\u{2028}' | '\u{2029}'));
    let hint = "in double quotes, YAML turns `\\b` and the like into other characters; write a regex in single quotes";
    is_escaped.then(|| Note::Hint(hint.to_owned()))
}

fn template(value: &Value) -> Option<Note> {
    let Value::Text(text) = value else { return None };
    let has_template = text.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"));
    let hint = "this is a template; render it first, for example with `helm template`, and check the result";
    has_template.then(|| Note::Hint(hint.to_owned()))
}
