//! The `google.protobuf.Any` around a configuration of Envoy, and what keeps Envoy from reading it:
//! <https://protobuf.dev/programming-guides/json/#any>.

use proxy_wasm_cors::config::{Finding, Severity};

use crate::files::base64;
use crate::files::document::Node;

const STRUCT: &str = "`\"@type\": type.googleapis.com/google.protobuf.Struct`";

/// Where the bytes that the filter gets come from.
pub(crate) enum Any<'a> {
    /// As a `Struct`.
    Tree(&'a Node),
    /// As a `StringValue`.
    Text(&'a Node),
    /// As a `BytesValue`.
    Bytes(Vec<u8>),
    /// Not at all.
    Nothing,
}

/// What is wrong with it, and in which line.
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) finding: Finding,
}

impl Fault {
    /// Of several documents in a file Envoy reads the first.
    pub(crate) fn unread(document: &Node) -> Self {
        let message = "stands in a later document of the file, but Envoy reads only the first; put it into its own \
            file";
        let path = "configuration".to_owned();
        let finding = Finding { severity: Severity::Warning, path, message: message.to_owned() };
        Self { line: document.line, finding }
    }

    pub(crate) fn is_problem(&self) -> bool {
        self.finding.severity == Severity::Problem
    }
}

/// What the filter gets, as far as one can tell, and what keeps Envoy from starting with it: findings say that it is at
/// this `place`.
pub(crate) fn read<'a>(any: &'a Node, place: &str) -> (Any<'a>, Vec<Fault>) {
    let (value, mut faults) = in_place(any);
    for fault in &mut faults {
        let field = std::mem::take(&mut fault.finding.path);
        fault.finding.path = if field.is_empty() { place.to_owned() } else { format!("{place}.{field}") };
    }
    (value, faults)
}

fn in_place(any: &Node) -> (Any<'_>, Vec<Fault>) {
    if any.is_null() || any.is_empty_map() {
        return (Any::Nothing, Vec::new());
    }
    let Some(kind) = any.get(&["@type"]) else {
        return (inner(any), vec![fault(any.line, "", no_type(any))]);
    };
    let (value, mut faults) = of_kind(any, kind);
    // Only then: without a value, the fields are below the wrong name, which has been reported already.
    if any.get(&["value"]).is_some() {
        faults.extend(any.members().filter_map(|(name, node)| beside_value(name, node)));
    }
    (value, faults)
}

fn of_kind<'a>(any: &'a Node, kind: &Node) -> (Any<'a>, Vec<Fault>) {
    let name = kind.text().and_then(|kind| kind.rsplit_once('/')).filter(|(host, _)| !host.is_empty());
    let value = any.get(&["value"]).filter(|value| !value.is_null());
    match (name.map(|(_, name)| name), value) {
        (Some("google.protobuf.Struct"), value) => of_struct(any, value),
        (Some("google.protobuf.StringValue" | "google.protobuf.BytesValue"), None) => {
            (Any::Nothing, Vec::new())
        }
        (Some("google.protobuf.StringValue"), Some(value)) => match value.text() {
            Some(_) => (Any::Text(value), Vec::new()),
            None => (inner(any), vec![fault(value.line, "value", not_a_text(value))]),
        },
        (Some("google.protobuf.BytesValue"), Some(value)) => match value.text().map(base64::decode) {
            Some(Some(bytes)) => (Any::Bytes(bytes), Vec::new()),
            _ => (Any::Nothing, vec![fault(value.line, "value", not_base64())]),
        },
        _ => (inner(any), vec![fault(kind.line, "@type", other_type(kind))]),
    }
}

fn of_struct<'a>(any: &'a Node, value: Option<&'a Node>) -> (Any<'a>, Vec<Fault>) {
    let stray = any.members().find(|(name, _)| !matches!(*name, "@type" | "value"));
    match (value, stray) {
        (Some(value), _) if value.is_map() => (Any::Tree(value), Vec::new()),
        (Some(value), _) => {
            let message =
                "is not an object, so Envoy refuses it; write the fields of the policy below `value`";
            (Any::Nothing, vec![fault(value.line, "value", message.to_owned())])
        }
        (None, None) => (Any::Nothing, Vec::new()),
        (None, Some((name, node))) => {
            let message = "stands beside `@type`, so Envoy refuses it; write it below `value:`".to_owned();
            (Any::Tree(any), vec![fault(node.line, name, message)])
        }
    }
}

/// What was probably meant: what is below `value`, or all.
fn inner(any: &Node) -> Any<'_> {
    let value = any.get(&["value"]).unwrap_or(any);
    if value.is_map() { Any::Tree(value) } else { Any::Nothing }
}

fn beside_value(name: &str, node: &Node) -> Option<Fault> {
    let message = "stands beside `value`, so Envoy refuses it; write it below `value`".to_owned();
    (!matches!(name, "@type" | "value")).then(|| fault(node.line, name, message))
}

fn no_type(any: &Node) -> String {
    if !any.is_map() {
        return format!(
            "is not an object, so Envoy refuses it; write {STRUCT} and the fields below `value:`"
        );
    }
    let fields = if any.get(&["value"]).is_some() { "" } else { ", and the fields below `value:`" };
    format!("has no `@type`, so Envoy refuses it; write {STRUCT} first{fields}")
}

fn other_type(kind: &Node) -> String {
    let kind = kind.text().unwrap_or_default().escape_debug();
    format!("the `@type` `{kind}` is not one that the filter can read; write {STRUCT}")
}

fn not_a_text(value: &Node) -> String {
    let what = value.to_value();
    format!("is {what} in a `StringValue`, so Envoy refuses it; write {STRUCT}, or JSON as a text")
}

fn not_base64() -> String {
    format!("is not base64, so Envoy refuses it; write {STRUCT} and the fields below `value:`")
}

/// Its place is told below the whole's.
fn fault(line: usize, field: &str, message: String) -> Fault {
    let path = field.escape_debug().to_string();
    Fault { line, finding: Finding { severity: Severity::Problem, path, message } }
}
