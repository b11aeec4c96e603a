//! The fingerprint of a configuration: a number for its meaning, however it is written or delivered.

use std::fmt;
use std::hash::Hasher;

use super::object::member;
use super::value::Value;
use crate::origin::fnv::Fnv;

/// Names a configuration in logs and metrics. Configurations that mean the same have the same fingerprint, whatever the
/// style of their fields, the order of members and the form of delivery. It tells configurations apart; it is not
/// cryptographic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    hash: u64,
    policies: usize,
    origins: usize,
}

impl Fingerprint {
    /// The fingerprint of a configuration, valid or not.
    #[must_use]
    pub(super) fn of(configuration: &Value) -> Self {
        let policies = match list(configuration, "policies") {
            Some(policies) => policies,
            None => std::slice::from_ref(configuration),
        };
        let origins = |policy| list(policy, "allow_origins").map_or(0, <[Value]>::len);
        Self {
            hash: hash(configuration),
            policies: policies.len(),
            origins: policies.iter().map(origins).sum(),
        }
    }

    /// How many policies the configuration has.
    #[must_use]
    pub fn policies(&self) -> usize {
        self.policies
    }

    /// How many entries the `allow_origins` of its policies have.
    #[must_use]
    pub fn origins(&self) -> usize {
        self.origins
    }
}

/// 16 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.hash)
    }
}

fn list<'a>(value: &'a Value, name: &str) -> Option<&'a [Value]> {
    match member(value, name) {
        Some(Value::List(items)) => Some(items),
        _ => None,
    }
}

/// The first byte is the kind of value, so that values of different kinds differ.
fn hash(value: &Value) -> u64 {
    let mut hasher = Fnv::default();
    match value {
        Value::Null => hasher.write(b"0"),
        Value::Bool(value) => hasher.write(if *value { b"t" } else { b"f" }),
        Value::Number(value) => {
            hasher.write(b"n");
            hasher.write(&value.to_bits().to_le_bytes());
        }
        Value::Text(text) => {
            hasher.write(b"s");
            hasher.write(text.as_bytes());
        }
        Value::List(items) => {
            hasher.write(b"l");
            for item in items {
                hasher.write(&hash(item).to_le_bytes());
            }
        }
        Value::Object(members) => match members.as_slice() {
            // Another way to write the text.
            [(name, text @ Value::Text(_))] if name == "exact" => return hash(text),
            members => {
                hasher.write(b"o");
                // A sum does not depend on the order.
                let sum = members.iter().fold(0_u64, |sum, member| sum.wrapping_add(hash_of_member(member)));
                hasher.write(&sum.to_le_bytes());
            }
        },
    }
    hasher.finish()
}

fn hash_of_member((name, value): &(String, Value)) -> u64 {
    let mut hasher = Fnv::default();
    for byte in name.bytes() {
        if byte.is_ascii_uppercase() {
            hasher.write(b"_");
        }
        hasher.write(&[byte.to_ascii_lowercase()]);
    }
    hasher.write(b":");
    hasher.write(&hash(value).to_le_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Fingerprint {
        Fingerprint::of(&serde_json::from_str(json).unwrap())
    }

    const ONE: &str = r#"{"allow_origins":["https://a.example","https://b.example"],"max_age":600}"#;

    #[test]
    fn it_is_of_what_a_configuration_says() {
        let one = of(ONE);
        assert_eq!(
            one,
            of(r#" {"maxAge":600.0, "allowOrigins":[{"exact":"https://a.example"},"https://b.example"]}"#)
        );
        for other in [
            r#"{"allow_origins":["https://a.example","https://b.example"],"max_age":"600"}"#,
            r#"{"allow_origins":["https://a.example","https://b.example"]}"#,
            r#"{"allow_origins":["https://b.example","https://a.example"],"max_age":600}"#,
            r#"{"allow_origins":"https://a.example,https://b.example","max_age":600}"#,
            r#"{"policies":[{"allow_origins":["https://a.example","https://b.example"],"max_age":600}]}"#,
        ] {
            assert_ne!(one.to_string(), of(other).to_string(), "{other}");
        }
        assert_eq!(one.to_string().len(), 16);
        assert_eq!(of("{}").to_string().len(), 16);
    }

    #[test]
    fn it_counts() {
        assert_eq!((of(ONE).policies(), of(ONE).origins()), (1, 2));
        let several =
            of(r#"{"policies":[{"allowOrigins":["*"]},{"mode":"passthrough"},{"allow_origins":["a","b"]}]}"#);
        assert_eq!((several.policies(), several.origins()), (3, 3));
    }
}
