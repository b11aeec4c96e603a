//! Modules in WebAssembly's text form, which do nothing beyond calling the host.

use std::fmt::Write as _;

/// A call of the host, all of whose arguments are constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Asks for a header: of the request, or of the response while that is at hand.
    Read(&'static str),
    /// Replaces a response header.
    Set(&'static str, &'static str),
    /// Removes a response header.
    Remove(&'static str),
    /// Sets the filter state that the access log shows.
    Record(&'static str),
    /// Answers the request.
    Reply(u16, Vec<(&'static str, &'static str)>),
}

/// The types of header maps, <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1>.
const REQUEST_HEADERS: u8 = 0;
const RESPONSE_HEADERS: u8 = 2;

/// Where the constants begin. Below are the two words for results, and the buffer that the host writes to. It is always
/// the same, because nobody reads it.
const CONSTANTS: usize = 4096;

const HEAD: &str = r#"(module
  (import "env" "proxy_get_header_map_value" (func $read (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_replace_header_map_value" (func $set (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_remove_header_map_value" (func $remove (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_property" (func $record (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $reply (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 1024))
"#;

/// The module that does nothing.
pub(crate) fn empty() -> Vec<u8> {
    wat::parse_str(include_str!("empty.wat")).expect("the text is a module")
}

/// A module that makes these calls for each request and each response.
pub(crate) fn making(request: &[Call], response: &[Call]) -> Vec<u8> {
    let mut text = Text { code: HEAD.to_owned(), constants: Vec::new() };
    text.callback("proxy_on_request_headers", REQUEST_HEADERS, request);
    text.callback("proxy_on_response_headers", RESPONSE_HEADERS, response);
    wat::parse_str(text.end()).expect("the text is a module")
}

struct Text {
    code: String,
    constants: Vec<u8>,
}

impl Text {
    fn callback(&mut self, name: &str, map: u8, calls: &[Call]) {
        writeln!(self.code, "  (func (export \"{name}\") (param i32 i32 i32) (result i32)")
            .expect("a String grows");
        for call in calls {
            let call = self.call(map, call);
            writeln!(self.code, "    (drop {call})").expect("a String grows");
        }
        let pauses = calls.iter().any(|call| matches!(call, Call::Reply(..)));
        writeln!(self.code, "    (i32.const {}))", i32::from(pauses)).expect("a String grows");
    }

    fn call(&mut self, map: u8, call: &Call) -> String {
        match call {
            Call::Read(name) => {
                format!("(call $read (i32.const {map}) {} (i32.const 0) (i32.const 4))", self.constant(name))
            }
            Call::Set(name, value) => {
                format!("(call $set (i32.const {map}) {} {})", self.constant(name), self.constant(value))
            }
            Call::Remove(name) => format!("(call $remove (i32.const {map}) {})", self.constant(name)),
            Call::Record(value) => {
                format!("(call $record {} {})", self.constant("cors"), self.constant(value))
            }
            Call::Reply(status, headers) => {
                let headers = self.constant(serialized(headers));
                let nothing = "(i32.const 0) (i32.const 0)";
                format!("(call $reply (i32.const {status}) {nothing} {nothing} {headers} (i32.const -1))")
            }
        }
    }

    /// Puts a constant into memory; its address and length as two operands.
    fn constant(&mut self, bytes: impl AsRef<[u8]>) -> String {
        let at = CONSTANTS + self.constants.len();
        self.constants.extend(bytes.as_ref());
        format!("(i32.const {at}) (i32.const {})", bytes.as_ref().len())
    }

    fn end(mut self) -> String {
        write!(self.code, "  (data (i32.const {CONSTANTS}) \"").expect("a String grows");
        for byte in self.constants {
            write!(self.code, "\\{byte:02x}").expect("a String grows");
        }
        self.code + "\"))"
    }
}

/// Header lines as the ABI passes them: their number, the lengths, then names and values, each with a zero after it.
fn serialized(headers: &[(&str, &str)]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).expect("lengths are small").to_le_bytes();
    let lengths = headers.iter().flat_map(|(name, value)| [word(name.len()), word(value.len())]);
    let mut bytes: Vec<u8> = [word(headers.len())].into_iter().chain(lengths).flatten().collect();
    for text in headers.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend(text.bytes().chain([0]));
    }
    bytes
}
