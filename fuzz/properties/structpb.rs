//! `google.protobuf.Struct`: the filter's decoder and the one of prost read the same bytes.

use prost::Message as _;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use proxy_wasm_cors::config;
use serde_json::{Map, Number, Value as Json};

use super::configuration;

/// How deep a tree may nest to be one that both forms of the configuration can hold.
const MAX_DEPTH: usize = 100;

/// Holds the bytes against prost.
pub fn check(input: &[u8]) {
    configuration::check(input);
    let is_text = input.trim_ascii().is_empty() || serde_json::from_slice::<Json>(input).is_ok();
    if is_text {
        return;
    }
    let is_read = configuration::is_read(&config::load(Some(input)));
    let decoded = Struct::decode(input);
    assert!(decoded.is_ok() || !is_read, "read although {decoded:?}: {}", input.escape_ascii());
    let Some(json) = decoded.ok().filter(|decoded| decoded.encode_to_vec() == input).and_then(to_json) else {
        return;
    };
    assert!(is_read, "not read: {json} in {}", input.escape_ascii());
    configuration::check_alike(&json);
}

/// A tree as a Struct in its binary form.
pub fn encode(members: Map<String, Json>) -> Vec<u8> {
    to_struct(members).encode_to_vec()
}

fn to_struct(members: Map<String, Json>) -> Struct {
    Struct { fields: members.into_iter().map(|(name, value)| (name, to_value(value))).collect() }
}

fn to_value(json: Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(flag) => Kind::BoolValue(flag),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text),
        Json::Array(items) => {
            Kind::ListValue(ListValue { values: items.into_iter().map(to_value).collect() })
        }
        Json::Object(members) => Kind::StructValue(to_struct(members)),
    };
    Value { kind: Some(kind) }
}

/// The tree as JSON; `None` if it has what JSON has not, or is deeper than both forms allow.
fn to_json(decoded: Struct) -> Option<Json> {
    object(decoded, MAX_DEPTH)
}

fn object(decoded: Struct, depth: usize) -> Option<Json> {
    let depth = depth.checked_sub(1)?;
    let members = decoded.fields.into_iter();
    members.map(|(name, value)| Some((name, json(value, depth)?))).collect::<Option<_>>().map(Json::Object)
}

fn json(value: Value, depth: usize) -> Option<Json> {
    let depth = depth.checked_sub(1)?;
    match value.kind? {
        Kind::NullValue(_) => Some(Json::Null),
        Kind::BoolValue(flag) => Some(Json::Bool(flag)),
        Kind::NumberValue(number) => Number::from_f64(number).map(Json::Number),
        Kind::StringValue(text) => Some(Json::String(text)),
        Kind::ListValue(list) => {
            list.values.into_iter().map(|item| json(item, depth)).collect::<Option<_>>().map(Json::Array)
        }
        Kind::StructValue(inner) => object(inner, depth),
    }
}
