//! A request that a fuzzer wrote: lines of `name: value`, parted by CR and LF together, so that each of the two may
//! also stand in a value. `(route)` names the route.

use std::collections::BTreeMap;
use std::fmt;

use proxy_wasm_cors::request::RequestHead;

/// The head of a request, several lines of a name joined with commas as hosts give them.
#[derive(Clone, Default)]
pub struct Request(BTreeMap<Vec<u8>, Vec<u8>>);

impl Request {
    /// Reads the lines; what has no colon is left out.
    pub fn read(text: &[u8]) -> Self {
        let mut request = Self::default();
        for line in lines(text) {
            // The name of a pseudo-header begins with one.
            let colon = line.iter().skip(1).position(|byte| *byte == b':').map(|at| at + 1);
            if let Some((name, value)) = colon.and_then(|colon| line.split_at_checked(colon)) {
                let value = value[1..].strip_prefix(b" ").unwrap_or(&value[1..]);
                request.add(name, value);
            }
        }
        request
    }

    fn add(&mut self, name: &[u8], value: &[u8]) {
        let joined = match self.0.get(name) {
            Some(before) => [before, value].join(&b','),
            None => value.to_vec(),
        };
        self.0.insert(name.to_ascii_lowercase(), joined);
    }

    /// With one header set to a value, or without it.
    pub fn with(&self, name: &str, value: Option<&[u8]>) -> Self {
        let mut changed = self.clone();
        match value {
            Some(value) => changed.0.insert(name.into(), value.to_vec()),
            None => changed.0.remove(name.as_bytes()),
        };
        changed
    }

    /// The value of a header.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name.as_bytes()).map(Vec::as_slice)
    }
}

/// As it could be written down.
impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): (&Vec<u8>, &Vec<u8>)| {
            format!("{}: {}", name.escape_ascii(), value.escape_ascii())
        };
        out.debug_list().entries(self.0.iter().map(shown)).finish()
    }
}

/// The parts of a text between pairs of CR and LF.
pub fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    lines
}

impl RequestHead for Request {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        self.value(name).map(<[u8]>::to_vec)
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        self.header("(route)")
    }
}
