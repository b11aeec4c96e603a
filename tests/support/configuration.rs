//! The configuration of the filter, in a listener's.

use serde_json::{Value, json};

use super::base64::base64;

/// The ways in which a configuration can reach the filter.
pub(crate) enum Configuration<'a> {
    /// None at all.
    Absent,
    /// `google.protobuf.StringValue`, as Istio and Envoy Gateway send it.
    Text(String),
    /// `google.protobuf.Struct`, as an Envoy user writes it in YAML.
    Struct(&'a Value),
    /// `google.protobuf.BytesValue`.
    Bytes(&'a [u8]),
}

impl Configuration<'_> {
    /// As an `Any`, if there is one.
    pub(crate) fn to_json(&self) -> Option<Value> {
        let of = |kind: &str, value: Value| json!({ "@type": format!("type.googleapis.com/google.protobuf.{kind}"), "value": value });
        match self {
            Self::Absent => None,
            Self::Text(text) => Some(of("StringValue", json!(text))),
            Self::Struct(value) => Some(of("Struct", (*value).clone())),
            Self::Bytes(bytes) => Some(of("BytesValue", json!(base64(bytes)))),
        }
    }
}
