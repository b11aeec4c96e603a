//! `Access-Control-Request-Headers`: each way of allowing headers judges and echoes any bytes as the contract says.

use proxy_wasm_cors::policy::allow_headers::{AllowHeaders, ListedHeaders};
use proxy_wasm_cors::policy::response_edits::HeaderValue;

use super::field;

const LISTED: [&str; 3] = ["authorization", "content-type", "x-a"];

/// Holds the bytes against [`read`], under each kind of `allow_headers`.
pub fn check(input: &[u8]) {
    let names = read(input);
    let are_all = |is_allowed: fn(&str) -> bool| {
        names.as_deref().is_some_and(|names| names.iter().all(|name| is_allowed(name)))
    };
    let listed = AllowHeaders::Listed(ListedHeaders::new(&LISTED));
    expect(&listed, input, are_all(|name| LISTED.contains(&name)), Some("authorization,content-type,x-a"));
    expect(&AllowHeaders::Listed(ListedHeaders::default()), input, are_all(|_| false), None);
    expect(&AllowHeaders::AnyAndAuthorization, input, are_all(|_| true), Some("*,authorization"));

    let sent = names.as_deref().filter(|names| names.len() <= 128);
    let value = sent.and_then(echoed);
    expect(&AllowHeaders::AnyWithCredentials, input, sent.is_some(), value.as_deref());

    // Sent back, `*` would be a wildcard, which browsers let cover `authorization`.
    let is_covered = |name: &&String| !matches!(name.as_str(), "authorization" | "*");
    let covered = sent.map(|names| names.iter().filter(is_covered).cloned().collect::<Vec<_>>());
    let covers_all = sent.is_some() && covered.as_deref() == sent;
    let value = covered.as_deref().and_then(echoed);
    expect(&AllowHeaders::AnyButAuthorization, input, covers_all, value.as_deref());
}

fn echoed(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
}

fn expect(allow: &AllowHeaders, requested: &[u8], is_allowed: bool, value: Option<&str>) {
    let answer = allow.answer(requested);
    let said = answer.value.as_ref().map(HeaderValue::as_str);
    let shown = requested.escape_ascii();
    assert_eq!((answer.is_allowed, said), (is_allowed, value), "{shown} under {allow:?}");
    assert!(said.is_none_or(|said| field::is_value(said.as_bytes())), "{said:?} is no value of a header");
}

/// The different names in lower case, in order; `None` if the value is too long or holds something else.
fn read(value: &[u8]) -> Option<Vec<String>> {
    let elements = field::elements(value);
    if value.len() > 4096 || !elements.iter().all(|element| field::is_token(element)) {
        return None;
    }
    let names = field::without_repeats(elements.into_iter());
    Some(names.iter().map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).collect())
}
