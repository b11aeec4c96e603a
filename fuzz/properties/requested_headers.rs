//! `Access-Control-Request-Headers`: each way of allowing headers judges and echoes any bytes as the contract says.

use proxy_wasm_cors::policy::allow_headers::{AllowHeaders, ListedHeaders};
use proxy_wasm_cors::policy::response_edits::HeaderValue;

use super::field;

const LISTED: [&str; 3] = ["authorization", "content-type", "x-a"];

/// Holds the bytes against [`NaiveHeaders`], under each kind of `allow_headers`.
pub fn check(input: &[u8]) {
    let listed =
        |names: &[&str], prefixes: &[&str]| AllowHeaders::Listed(ListedHeaders::new(names, prefixes));
    expect(&listed(&LISTED, &[]), input, &LISTED, false);
    expect(&listed(&[], &[]), input, &[], false);
    expect(
        &listed(&LISTED, &["x-amz-", "c"]),
        input,
        &["x-amz-*", "authorization", "c*", "content-type", "x-a"],
        true,
    );
    expect(&listed(&[], &["x-"]), input, &["x-*"], false);
    expect(&AllowHeaders::AnyAndAuthorization, input, &["*", "authorization"], false);
    expect(&AllowHeaders::AnyWithCredentials, input, &["*"], true);
    expect(&AllowHeaders::AnyButAuthorization, input, &["*"], false);
}

fn expect(allow: &AllowHeaders, requested: &[u8], entries: &[&str], allow_credentials: bool) {
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    let naive = NaiveHeaders::new(&entries, allow_credentials);
    let answer = allow.answer(requested);
    let said = answer.value.as_ref().map(HeaderValue::as_str);
    let (shown, expected) = (requested.escape_ascii(), naive.answer(requested));
    assert_eq!((answer.is_allowed, said), (expected.0, expected.1.as_deref()), "{shown} under {allow:?}");
    assert!(said.is_none_or(|said| field::is_value(said.as_bytes())), "{said:?} is no value of a header");
    assert_eq!(allow.depends_on_request(), naive.is_echo(), "{allow:?}");
    let first = allow.first_refused(requested).unwrap_or_default();
    assert!(answer.is_allowed || first == naive.first_refused(requested), "{shown} under {allow:?}");
}

/// `allow_headers` as it is written, in lower case.
pub struct NaiveHeaders {
    entries: Vec<String>,
    allow_credentials: bool,
}

impl NaiveHeaders {
    /// Takes the entries.
    pub fn new(entries: &[String], allow_credentials: bool) -> Self {
        Self { entries: entries.to_vec(), allow_credentials }
    }

    /// Whether what is asked for is allowed, and what the answer says.
    pub fn answer(&self, requested: &[u8]) -> (bool, Option<String>) {
        let names = read(requested);
        let covers_all = names.as_ref().is_some_and(|names| names.iter().all(|name| self.covers(name)));
        if self.is_any() && !self.is_echo() {
            return (covers_all, Some("*,authorization".to_owned()));
        }
        let is_listed = |entry: &&String| !self.is_any() && !entry.ends_with('*');
        let listed: Vec<String> = self.entries.iter().filter(is_listed).cloned().collect();
        if !self.is_echo() {
            return (covers_all, joined(&listed));
        }
        // Beyond the bounds only what is listed goes out.
        let Some(names) = names.filter(|names| names.len() <= 128) else { return (false, joined(&listed)) };
        let echoed = names.into_iter().filter(|name| self.covers(name) && !listed.contains(name));
        let all: Vec<String> = listed.iter().cloned().chain(echoed).collect();
        (covers_all, joined(&all))
    }

    /// Whether the answer depends on what is asked for.
    pub fn is_echo(&self) -> bool {
        let has_prefix = self.entries.iter().any(|entry| entry.len() > 1 && entry.ends_with('*'));
        let is_star_enough =
            !self.allow_credentials && self.entries.iter().any(|entry| entry == "authorization");
        if self.is_any() { !is_star_enough } else { has_prefix }
    }

    /// The first name that is refused, as it is written; empty if there is none.
    pub fn first_refused(&self, requested: &[u8]) -> Vec<u8> {
        let mut elements = field::elements(requested).into_iter();
        let is_refused = |name: &Vec<u8>| {
            let is_token = field::is_token(name);
            !is_token || !self.covers(&String::from_utf8_lossy(name).to_ascii_lowercase())
        };
        elements.find(is_refused).unwrap_or_default()
    }

    fn is_any(&self) -> bool {
        self.entries.iter().any(|entry| entry == "*")
    }

    fn covers(&self, name: &str) -> bool {
        let is_listed = self.entries.iter().any(|entry| match entry.strip_suffix('*') {
            Some("") => false,
            Some(prefix) => name.len() > prefix.len() && name.starts_with(prefix),
            None => entry == name,
        });
        // Sent back, `*` would be a wildcard, which browsers let cover `authorization`.
        let is_kept_back = !self.allow_credentials && matches!(name, "authorization" | "*");
        let is_star_sent = self.is_any() && !self.is_echo();
        is_listed || (self.is_any() && (is_star_sent || !is_kept_back))
    }
}

fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
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
