//! `google.protobuf.Struct` in its binary form, which is how Envoy passes a configuration written in YAML.
//!
//! <https://protobuf.dev/reference/protobuf/google.protobuf/#struct> and
//! <https://protobuf.dev/programming-guides/encoding/>.

use super::value::Value;

/// How deep lists and objects may nest, as in JSON.
const MAX_DEPTH: u32 = 128;

/// Decodes a Struct; `None` if the bytes are not exactly one.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Value> {
    decode_struct(bytes, MAX_DEPTH)
}

/// `message Struct { map<string, Value> fields = 1; }`
fn decode_struct(bytes: &[u8], depth: u32) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let mut members = Vec::new();
    for field in Fields(bytes) {
        let (1, Payload::Bytes(entry)) = field? else { return None };
        members.push(decode_entry(entry, depth)?);
    }
    Some(Value::Object(members))
}

/// An entry of a map is a message with key 1 and value 2. Some encoders leave out an empty key.
fn decode_entry(bytes: &[u8], depth: u32) -> Option<(String, Value)> {
    let (mut key, mut value) = (String::new(), None);
    for field in Fields(bytes) {
        match field? {
            (1, Payload::Bytes(name)) => key = text(name)?,
            (2, Payload::Bytes(inner)) => value = Some(decode_value(inner, depth)?),
            _ => return None,
        }
    }
    Some((key, value?))
}

/// `message Value { oneof kind { NullValue null_value = 1; double number_value = 2; string string_value = 3;
/// bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }`
fn decode_value(bytes: &[u8], depth: u32) -> Option<Value> {
    let mut value = Value::Null;
    for field in Fields(bytes) {
        value = match field? {
            (1, Payload::Varint(_)) => Value::Null,
            (2, Payload::Double(number)) => Value::Number(number),
            (3, Payload::Bytes(inner)) => Value::Text(text(inner)?),
            (4, Payload::Varint(flag)) => Value::Bool(flag != 0),
            (5, Payload::Bytes(inner)) => decode_struct(inner, depth)?,
            (6, Payload::Bytes(inner)) => decode_list(inner, depth)?,
            _ => return None,
        };
    }
    Some(value)
}

/// `message ListValue { repeated Value values = 1; }`
fn decode_list(bytes: &[u8], depth: u32) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let mut items = Vec::new();
    for field in Fields(bytes) {
        let (1, Payload::Bytes(inner)) = field? else { return None };
        items.push(decode_value(inner, depth)?);
    }
    Some(Value::List(items))
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// What a field holds, by its wire type.
enum Payload<'a> {
    Varint(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

/// The fields of a message, each with its number. A broken one is `None`, and nothing follows it.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Payload<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Payload<'a>)> {
        let tag = self.varint()?;
        let payload = match tag & 0b111 {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Double(f64::from_le_bytes(self.bytes(8)?.try_into().ok()?)),
            2 => {
                let length = self.varint()?;
                Payload::Bytes(self.bytes(usize::try_from(length).ok()?)?)
            }
            _ => return None,
        };
        Some((tag >> 3, payload))
    }

    /// <https://protobuf.dev/programming-guides/encoding/#varints>
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.bytes(1)?.first().copied()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other direction, written apart from the decoder.
    fn encode(value: &Value) -> Vec<u8> {
        match value {
            Value::Null => vec![0x08, 0],
            Value::Bool(flag) => vec![0x20, u8::from(*flag)],
            Value::Number(number) => [&[0x11][..], &number.to_le_bytes()].concat(),
            Value::Text(text) => field(0x1a, text.as_bytes()),
            Value::Object(_) => field(0x2a, &encode_struct(value)),
            Value::List(items) => {
                field(0x32, &items.iter().flat_map(|i| field(0x0a, &encode(i))).collect::<Vec<_>>())
            }
        }
    }

    fn encode_struct(value: &Value) -> Vec<u8> {
        let Value::Object(members) = value else { panic!("no object") };
        let entry = |(key, value): &(String, Value)| {
            [field(0x0a, key.as_bytes()), field(0x12, &encode(value))].concat()
        };
        members.iter().flat_map(|member| field(0x0a, &entry(member))).collect()
    }

    fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
        let mut length = bytes.len();
        let mut out = vec![tag];
        while length >= 0x80 {
            out.push(u8::try_from(length % 0x80).unwrap() | 0x80);
            length /= 0x80;
        }
        out.push(u8::try_from(length).unwrap());
        out.extend(bytes);
        out
    }

    #[test]
    fn what_json_says_a_struct_says() {
        let json = r#"{"a":[null,true,false,-1.5,600,"x",{"b":{}},[[]]],"long":"LONG","ü":""}"#;
        let value: Value = serde_json::from_str(&json.replace("LONG", &"x".repeat(300))).unwrap();
        assert_eq!(decode(&encode_struct(&value)), Some(value));
    }

    #[test]
    fn broken_bytes_are_none() {
        let value: Value = serde_json::from_str(r#"{"a":["x"]}"#).unwrap();
        let bytes = encode_struct(&value);
        for end in 1..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None, "cut at {end}");
        }
        for bytes in [
            &b"\x0b"[..],
            b"\x0a\x02\x0a\x00",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"{}",
        ] {
            assert_eq!(decode(bytes), None);
        }
    }

    #[test]
    fn an_empty_name_may_be_left_out() {
        let expected = Value::Object(vec![(String::new(), Value::Bool(true))]);
        for bytes in [&b"\x0a\x04\x12\x02\x20\x01"[..], b"\x0a\x06\x0a\x00\x12\x02\x20\x01"] {
            assert_eq!(decode(bytes).as_ref(), Some(&expected), "{}", bytes.escape_ascii());
        }
    }

    /// A field of 123 bytes begins a Struct with a line feed and `{`, as JSON text could begin.
    #[test]
    fn a_struct_that_looks_like_json_is_a_struct() {
        let member = ("k".to_owned(), Value::Text("x".repeat(116)));
        let value = Value::Object(vec![member]);
        let bytes = encode_struct(&value);
        assert!(bytes.starts_with(b"\n{"), "{}", bytes.escape_ascii());
        assert_eq!(crate::config::source::parse(&bytes), Ok(value));
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth| (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        let within = |depth| encode_struct(&Value::Object(vec![("a".into(), nested(depth))]));
        assert!(decode(&within(MAX_DEPTH - 1)).is_some());
        assert!(decode(&within(MAX_DEPTH)).is_none());
    }
}
