//! The configuration as a tree, before anything in it means anything.

use std::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::decimal::Decimal;

/// A JSON value. Unlike in `serde_json::Value`, an object keeps repeated names, so that they can be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number: Istio and `google.protobuf.Struct` pass all of them as doubles.
    Number(f64),
    /// A string
    Text(String),
    /// An array
    List(Vec<Value>),
    /// An object, its members in order
    Object(Vec<(String, Value)>),
}

impl fmt::Display for Value {
    /// The kind and the value, as in ``the text `soon` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("`null`"),
            Self::Bool(value) => write!(f, "`{value}`"),
            Self::Number(value) => write!(f, "the number `{}`", Decimal(*value)),
            Self::Text(value) => write!(f, "the text {}", Quoted(value)),
            Self::List(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

/// The longest value that a message shows, in characters.
const MAX_SHOWN_CHARS: usize = 100;

/// A value from the configuration as messages show it: in backticks, escaped, and cut if it is long.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        write_escaped(self.0.chars().take(MAX_SHOWN_CHARS), f)?;
        let is_cut = self.0.chars().nth(MAX_SHOWN_CHARS).is_some();
        f.write_str(if is_cut { "...`" } else { "`" })
    }
}

/// Writes text of the configuration so that it stays on its line.
pub fn write_escaped(text: impl Iterator<Item = char>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for c in text {
        if c.is_control() { write!(f, "{}", c.escape_default())? } else { f.write_char(c)? }
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number that large is out of every range here, exact or not"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number that large is out of every range here, exact or not"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_a_tree_with_repeated_names_kept() {
        let value: Value =
            serde_json::from_str(r#"{"a":[null,true,-1,2.5,18446744073709551615,"x"],"a":{}}"#).unwrap();
        let list = vec![
            Value::Null,
            Value::Bool(true),
            Value::Number(-1.0),
            Value::Number(2.5),
            Value::Number(18_446_744_073_709_551_615.0),
            Value::Text("x".into()),
        ];
        let members = vec![("a".into(), Value::List(list)), ("a".into(), Value::Object(Vec::new()))];
        assert_eq!(value, Value::Object(members));
    }

    #[test]
    fn values_are_shown_escaped_and_cut() {
        assert_eq!(Quoted("a\n\u{1b}é").to_string(), "`a\\n\\u{1b}é`");
        assert_eq!(Quoted(&"x".repeat(100)).to_string(), format!("`{}`", "x".repeat(100)));
        assert_eq!(Quoted(&"x".repeat(101)).to_string(), format!("`{}...`", "x".repeat(100)));
        assert_eq!(Value::Number(600.5).to_string(), "the number `600.5`");
        assert_eq!(Value::Number(1e300).to_string(), "the number `1e300`");
    }
}
