//! A header list: <https://fetch.spec.whatwg.org/#concept-header-list>.

use super::request_header::is_token;
use super::support::http::Head;

/// "The values of all headers in list whose name is a byte-case-insensitive match for name, separated from each other
/// by 0x2C 0x20, in order": <https://fetch.spec.whatwg.org/#concept-header-list-get>.
pub(crate) fn get(name: &str, list: &Head) -> Option<Vec<u8>> {
    let values = list.values(name);
    (!values.is_empty()).then(|| values.join(&b", "[..]))
}

/// A header value that is not what its name's grammar says.
#[derive(Debug)]
pub(crate) struct Failure;

/// <https://fetch.spec.whatwg.org/#extract-header-list-values>, where the value is a list of tokens; `None` is null.
pub(crate) fn extract_header_list_values(name: &str, list: &Head) -> Option<Result<Vec<String>, Failure>> {
    // "If list does not contain name, then return null."
    let lines = list.values(name);
    if lines.is_empty() {
        return None;
    }
    // "For each header header list contains whose name is name: let extract be the result of extracting header values
    // from header. If extract is failure, then return failure. Append each value in extract, in order, to values."
    let elements = lines.iter().flat_map(|line| line.split(|byte| *byte == b','));
    let texts = elements.map(|element| String::from_utf8_lossy(element.trim_ascii()).into_owned());
    // An empty element is allowed by the grammar and means nothing.
    let named = texts.filter(|text| !text.is_empty());
    Some(named.map(|text| if is_token(&text) { Ok(text) } else { Err(Failure) }).collect())
}
