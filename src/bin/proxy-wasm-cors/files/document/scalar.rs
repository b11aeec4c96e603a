//! What a YAML scalar is, which depends on the reader.

use std::borrow::Cow;

use proxy_wasm_cors::config::Value;
use saphyr::{Scalar, ScalarStyle, Tag};

use super::number::{c_integer, go_number};

/// A scalar as it is written.
pub(super) struct Written<'a> {
    pub(super) text: &'a str,
    pub(super) style: ScalarStyle,
    pub(super) tag: Option<&'a Cow<'a, Tag>>,
}

/// Words that are `true` or `false` in YAML 1.1 (<https://yaml.org/type/bool.html>), which both hosts follow.
const BOOLEANS: [(&str, bool); 8] = [
    ("y", true),
    ("yes", true),
    ("true", true),
    ("on", true),
    ("n", false),
    ("no", false),
    ("false", false),
    ("off", false),
];

impl Written<'_> {
    /// As Envoy does: `parseYamlNode` in
    /// <https://github.com/envoyproxy/envoy/blob/v1.40.0/source/common/protobuf/yaml_utility.cc>, on top of yaml-cpp.
    /// It knows no tag but `!`: even `!!str 5` is a number. What is neither null, a boolean nor an integer is a text.
    pub(super) fn to_envoy(&self) -> Value {
        if self.is_null() && self.tag.is_none() {
            return Value::Null;
        }
        let is_text = self.tag.map_or(!self.is_plain(), |tag| tag.handle.is_empty() && tag.suffix == "!");
        if is_text {
            return self.to_text();
        }
        boolean(self.text).or_else(|| c_integer(self.text)).unwrap_or_else(|| self.to_text())
    }

    /// As Kubernetes does, whose YAML becomes JSON first: `resolve` in
    /// <https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go>.
    pub(super) fn to_kubernetes(&self) -> Value {
        let is_text = match self.tag {
            None => !self.is_plain(),
            Some(tag) => !tag.is_yaml_core_schema() || tag.suffix == "str",
        };
        if is_text {
            return self.to_text();
        }
        if is_null(self.text) {
            return Value::Null;
        }
        boolean(self.text).or_else(|| go_number(self.text)).unwrap_or_else(|| self.to_text())
    }

    /// As YAML 1.2 says: <https://yaml.org/spec/1.2.2/#103-core-schema>.
    #[expect(clippy::cast_precision_loss, reason = "Envoy passes numbers as doubles, too")]
    pub(super) fn to_core_schema(&self) -> Value {
        match Scalar::parse_from_cow_and_metadata(self.text.into(), self.style, self.tag) {
            Some(Scalar::Null) => Value::Null,
            Some(Scalar::Boolean(flag)) => Value::Bool(flag),
            Some(Scalar::Integer(number)) => Value::Number(number as f64),
            Some(Scalar::FloatingPoint(number)) => Value::Number(number.into_inner()),
            Some(Scalar::String(_)) | None => self.to_text(),
        }
    }

    /// As JSON says.
    pub(super) fn to_json(&self) -> Value {
        let value = if self.is_plain() { serde_json::from_str(self.text).ok() } else { None };
        value.unwrap_or_else(|| self.to_text())
    }

    fn to_text(&self) -> Value {
        Value::Text(self.text.to_owned())
    }

    pub(super) fn is_plain(&self) -> bool {
        self.style == ScalarStyle::Plain
    }

    fn is_null(&self) -> bool {
        self.is_plain() && is_null(self.text)
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// All lower-case, all upper-case, or the first letter upper-case; no other mixture.
fn boolean(text: &str) -> Option<Value> {
    let lower = text.to_ascii_lowercase();
    let (_, flag) = BOOLEANS.iter().find(|(word, _)| *word == lower)?;
    let mut rest = text.chars();
    let is_lower_at_first = rest.next().is_some_and(|first| first.is_ascii_lowercase());
    let rest = rest.as_str();
    let is_lower = rest.chars().all(|c| c.is_ascii_lowercase());
    let is_upper = rest.chars().all(|c| c.is_ascii_uppercase());
    (is_lower || (is_upper && !is_lower_at_first)).then_some(Value::Bool(*flag))
}
