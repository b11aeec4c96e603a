//! From the bytes that a host passes to a tree of values.

use super::structpb;
use super::value::Value;

/// Why the bytes are not a configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as far as it can be said.
    pub place: String,
    /// What is wrong, then after `;` what to write instead.
    pub message: String,
}

const SMALLEST: &str = "{\"allow_origins\": [\"https://app.example.com\"]}";

/// Reads JSON text or a binary `google.protobuf.Struct`.
///
/// The two cannot be confused: JSON contains no control characters except whitespace, and every field of a Struct has
/// the byte 0x12 before its value.
///
/// # Errors
/// When the bytes are neither.
pub fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.trim_ascii().is_empty() {
        let message = format!("there is no configuration; write at least `{SMALLEST}`");
        return Err(Fault { place: "(none)".to_owned(), message });
    }
    // Some editors begin a file with a byte order mark. JSON text may not have one, but a reader may ignore it.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(text).or_else(|error| structpb::decode(bytes).ok_or_else(|| fault(text, &error)))
}

fn fault(bytes: &[u8], error: &serde_json::Error) -> Fault {
    let is_control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\n' | b'\r' | b'\t');
    let is_text = std::str::from_utf8(bytes).is_ok() && !bytes.iter().any(is_control);
    // Bytes that begin like an object were meant to be JSON, whatever follows; a Struct begins with 0x0a.
    let was_meant_as_json = bytes.first() != Some(&b'\n') && bytes.trim_ascii_start().first() == Some(&b'{');
    if !is_text && !was_meant_as_json {
        let message = "is neither JSON text nor a google.protobuf.Struct; write the configuration as a \
                       google.protobuf.Struct (in YAML) or as JSON in a google.protobuf.StringValue";
        return Fault { place: "(bytes)".to_owned(), message: message.to_owned() };
    }
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let what = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    // The parser's own words, which contain nothing of the input.
    let message = format!("is not JSON ({what}); write an object such as `{SMALLEST}`");
    Fault { place: format!("line {line}, column {column}"), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(bytes: &[u8], place: &str, message: &str) {
        let fault = parse(bytes).expect_err("no configuration");
        assert_eq!(fault.place, place);
        assert!(fault.message.contains(message), "{}", fault.message);
    }

    #[test]
    fn text_that_is_no_json() {
        refused(b"", "(none)", "there is no configuration; write at least");
        refused(b" \n", "(none)", "there is no configuration");
        refused(b"{\n \"a\": 1,\n}", "line 3, column 1", "is not JSON (trailing comma)");
        refused(b"allow_origins: []", "line 1, column 1", "is not JSON (expected value)");
        refused(b"{} {}", "line 1, column 4", "is not JSON (trailing characters)");
        refused(&b"[".repeat(1000), "line 1, column 128", "is not JSON (recursion limit exceeded)");
    }

    #[test]
    fn bytes_that_are_neither() {
        refused(b"\xff\xfe", "(bytes)", "is neither JSON text nor a google.protobuf.Struct");
        refused(b"\x0a\x05\x0a", "(bytes)", "is neither");
        refused(b"\xff{}", "(bytes)", "is neither");
    }

    #[test]
    fn json_with_a_byte_that_it_may_not_have() {
        refused(b"{\"a\":\"\xff\"}", "line 1, column 7", "is not JSON");
        refused(b"{\"a\":\n\"\x01\"}", "line 2, column 2", "is not JSON (control character");
        assert!(parse(b"\xef\xbb\xbf{\"a\":1}").is_ok());
    }
}
