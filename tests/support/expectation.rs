//! What a client must get: the exact `Access-Control-*` headers, one line each, and nothing beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::latin1;
use super::http::{Response, show};

/// The response headers of the CORS protocol, in the order in which the filter edits them.
pub(crate) const RESPONSE_HEADERS: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// The part of a response that the filter answers for.
pub(crate) struct Expectation {
    /// The status code.
    pub(crate) status: u16,
    /// Every `access-control-*` header.
    pub(crate) headers: BTreeMap<String, String>,
    /// The names in `Vary`, lower-case and sorted; `None`: not looked at.
    pub(crate) vary: Option<Vec<String>>,
    /// Every `Timing-Allow-Origin`; `None`: not looked at.
    pub(crate) timing: Option<Vec<String>>,
    /// Whether several lines of a header may count as one value: the filter did not touch what the upstream sent.
    pub(crate) is_untouched: bool,
    /// The reason in the body, if the filter itself denies the request.
    pub(crate) denial: Option<String>,
}

impl Expectation {
    /// A response with exactly these `access-control-*` headers and these names in `Vary`.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], vary: &[&str]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut vary: Vec<String> = vary.iter().map(|name| (*name).to_owned()).collect();
        vary.sort();
        Self { status, headers, vary: Some(vary), timing: None, is_untouched: false, denial: None }
    }

    /// A denial by the filter for that reason.
    pub(crate) fn denial(reason: &str, vary: &[&str]) -> Self {
        Self { denial: Some(reason.to_owned()), ..Self::new(403, &[], vary) }
    }

    /// What is wrong with the response; empty if nothing is.
    pub(crate) fn differences(&self, response: &Response) -> Vec<String> {
        let mut differences = Vec::new();
        if response.status != self.status {
            differences.push(format!("status: expected {}, got {}", self.status, response.status));
        }
        differences.extend(self.header_differences(response));
        let vary = vary_names(response);
        if let Some(expected) = self.vary.as_ref().filter(|expected| **expected != vary) {
            differences.push(format!("vary: expected {expected:?}, got {vary:?}"));
        }
        let timing = response.head.values("timing-allow-origin");
        let timing: Vec<String> = timing.iter().map(|value| value.escape_ascii().to_string()).collect();
        if let Some(expected) = self.timing.as_ref().filter(|expected| **expected != timing) {
            differences.push(format!("timing: expected {expected:?}, got {timing:?}"));
        }
        differences.extend(self.denial.iter().flat_map(|reason| denial_differences(reason, response)));
        differences
    }

    fn header_differences(&self, response: &Response) -> Vec<String> {
        let lines: BTreeSet<&str> = cors_names(response).collect();
        let names = self.headers.keys().map(String::as_str).chain(lines).collect::<BTreeSet<_>>();
        names.into_iter().filter_map(|name| self.header_difference(name, response)).collect()
    }

    fn header_difference(&self, name: &str, response: &Response) -> Option<String> {
        let mut values = response.head.values(name);
        let joined = values.join(&b","[..]);
        if self.is_untouched && !values.is_empty() {
            values = vec![&joined];
        }
        let expected = self.headers.get(name).map(|value| latin1(value));
        let is_held = match (&expected, values.as_slice()) {
            (None, []) => true,
            (Some(expected), [value]) => is_same(name, expected, value),
            _ => false,
        };
        let shown = |values: &[&[u8]]| {
            values.iter().map(|value| value.escape_ascii().to_string()).collect::<Vec<_>>()
        };
        let wanted: Vec<&[u8]> = expected.iter().map(Vec::as_slice).collect();
        (!is_held).then(|| format!("{name}: expected {:?}, got {:?}", shown(&wanted), shown(&values)))
    }
}

/// The names in all `Vary` lines, lower-case and sorted. A name that is there twice stays twice.
pub(crate) fn vary_names(response: &Response) -> Vec<String> {
    let joined = response.head.values("vary").join(&b","[..]);
    let text = String::from_utf8_lossy(&joined).to_ascii_lowercase();
    let mut names: Vec<String> =
        text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    names.sort();
    names
}

/// What is wrong with the body of a denial by the filter: plain text with the reason in it.
fn denial_differences(reason: &str, response: &Response) -> Vec<String> {
    let mut differences = Vec::new();
    if !String::from_utf8_lossy(&response.body).contains(reason) {
        differences.push(format!("body: expected `{reason}` in it, got `{}`", response.body.escape_ascii()));
    }
    if response.head.value("content-type").is_none_or(|it| !it.starts_with("text/plain")) {
        differences.push(format!("content-type: expected text/plain, got {}", show(&response.head.headers)));
    }
    differences
}

fn cors_names(response: &Response) -> impl Iterator<Item = &str> {
    let names = response.head.headers.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.starts_with("access-control-"))
}

/// Lists compare as sets, in which nothing may come twice; everything else byte for byte.
fn is_same(name: &str, expected: &[u8], actual: &[u8]) -> bool {
    match name {
        "access-control-allow-methods" => is_same_list(expected, actual),
        "access-control-allow-headers" | "access-control-expose-headers" => {
            is_same_list(&expected.to_ascii_lowercase(), &actual.to_ascii_lowercase())
        }
        _ => expected == actual,
    }
}

fn is_same_list(expected: &[u8], actual: &[u8]) -> bool {
    let sorted = |value: &[u8]| {
        let mut names: Vec<_> =
            value.split(|byte| *byte == b',').map(|it| it.trim_ascii().to_vec()).collect();
        names.sort();
        names
    };
    sorted(expected) == sorted(actual)
}
