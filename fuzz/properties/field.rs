//! Values of header fields as RFC 9110 has them, written down once more.

use std::collections::HashSet;

/// The elements of a list, blanks around them and empty ones left out,
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1.2>.
pub fn elements(value: &[u8]) -> Vec<Vec<u8>> {
    let mut elements: Vec<Vec<u8>> = value.split(|byte| *byte == b',').map(<[u8]>::to_vec).collect();
    elements.iter_mut().for_each(trim);
    elements.retain(|element| !element.is_empty());
    elements
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3>
fn trim(element: &mut Vec<u8>) {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    while is_blank(element.last()) {
        element.pop();
    }
    while is_blank(element.first()) {
        element.remove(0);
    }
}

/// The first of each, case aside.
pub fn without_repeats(names: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(name.to_ascii_lowercase())).collect()
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>
pub fn is_token(bytes: &[u8]) -> bool {
    const DELIMITERS: &[u8] = b"\"(),/:;<=>?@[\\]{}";
    !bytes.is_empty() && bytes.iter().all(|byte| (0x21..=0x7e).contains(byte) && !DELIMITERS.contains(byte))
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.5>
pub fn is_value(bytes: &[u8]) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let is_content = |byte: &u8| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..);
    !is_blank(bytes.first()) && !is_blank(bytes.last()) && bytes.iter().all(is_content)
}
