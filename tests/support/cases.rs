//! The rows of `tests/cases` (see its README).

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::expectation::Expectation;
use super::http::Request;
use super::upstream::Answer;

/// Header lines in order: the name as sent, the value as bytes.
pub(crate) type Headers = Vec<(String, Vec<u8>)>;

/// A row of `requests.jsonl`.
pub(crate) struct RequestRow {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) request: RowRequest,
    pub(crate) upstream: RowUpstream,
    pub(crate) expect: RowExpectation,
}

/// The request of a row.
pub(crate) struct RowRequest {
    pub(crate) method: String,
    pub(crate) authority: String,
    pub(crate) path: String,
    pub(crate) headers: Headers,
}

/// What the upstream of a row answers.
pub(crate) struct RowUpstream {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
}

/// What a row expects.
pub(crate) struct RowExpectation {
    pub(crate) is_preflight: bool,
    pub(crate) is_forwarded: bool,
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) vary: Option<Vec<String>>,
    /// Every `Timing-Allow-Origin`; `None`: not looked at.
    pub(crate) timing: Option<Vec<String>>,
    pub(crate) reason: Option<String>,
}

/// A row of `configs.jsonl`.
pub(crate) struct ConfigRow {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) is_valid: bool,
    pub(crate) problems: Vec<String>,
}

impl RequestRow {
    /// Whether the row's configuration selects among policies.
    pub(crate) fn has_policies(&self) -> bool {
        self.config.get("policies").is_some()
    }

    /// Whether the policy that applies only looks on: `Vary` is then as the upstream has it.
    pub(crate) fn is_shadow(&self) -> bool {
        let names_origin = |names: &Vec<String>| names.iter().any(|name| name == "origin");
        let mut policies = self.config["policies"].as_array().into_iter().flatten();
        let is_one_among = policies.any(|policy| policy["mode"] == "shadow");
        let names_origin = self.expect.vary.as_ref().is_some_and(names_origin);
        let is_untouched = self.expect.is_forwarded && (self.expect.is_preflight || !names_origin);
        self.config["mode"] == "shadow" || (is_one_among && is_untouched)
    }

    /// The request as it is sent.
    pub(crate) fn to_request(&self) -> Request {
        Request {
            method: self.request.method.clone(),
            path: self.request.path.clone(),
            authority: self.request.authority.clone().into_bytes(),
            headers: self.request.headers.clone(),
        }
    }

    /// What the upstream answers.
    pub(crate) fn to_answer(&self) -> Answer {
        Answer { headers: self.upstream.headers.clone(), ..Answer::new(self.upstream.status) }
    }

    /// What the client must get.
    pub(crate) fn expectation(&self) -> Expectation {
        Expectation {
            status: self.expect.status,
            headers: self.expect.headers.clone(),
            vary: self.expect.vary.clone(),
            timing: self.expect.timing.clone(),
            is_untouched: self.is_shadow(),
            denial: self.expect.reason.clone().filter(|_| self.expect.status == 403),
        }
    }

    /// What the filter leaves in the filter state, `-` for nothing.
    pub(crate) fn recorded(&self) -> String {
        // A preflight that an enforced policy applies to is never forwarded: a forwarded one had no policy.
        let is_judged = !self.expect.is_forwarded || self.is_shadow();
        match &self.expect.reason {
            Some(reason) if self.is_shadow() => format!("shadow-denied:{reason}"),
            Some(reason) => format!("denied:{reason}"),
            None if self.expect.is_preflight && is_judged => "allowed".to_owned(),
            None => "-".to_owned(),
        }
    }
}

/// All rows of `requests.jsonl` and `requests-2.jsonl`.
pub(crate) fn requests() -> Vec<RequestRow> {
    ["requests.jsonl", "requests-2.jsonl"].into_iter().flat_map(rows).map(|row| request_row(&row)).collect()
}

/// All rows of `configs.jsonl`.
pub(crate) fn configs() -> Vec<ConfigRow> {
    rows("configs.jsonl").iter().map(config_row).collect()
}

fn request_row(row: &Value) -> RequestRow {
    let (request, upstream, expect) = (&row["request"], &row["upstream"], &row["expect"]);
    RequestRow {
        name: field(row, "name"),
        config: field(row, "config"),
        request: RowRequest {
            method: field(request, "method"),
            authority: field(request, "authority"),
            path: field(request, "path"),
            headers: headers(request),
        },
        upstream: RowUpstream { status: field(upstream, "status"), headers: headers(upstream) },
        expect: RowExpectation {
            is_preflight: field::<String>(expect, "kind") == "preflight",
            is_forwarded: field(expect, "forwarded"),
            status: field(expect, "status"),
            headers: field(expect, "headers"),
            vary: field(expect, "vary"),
            timing: expect
                .get("timing")
                .map(|_| field::<Option<Vec<String>>>(expect, "timing").unwrap_or_default()),
            reason: field(expect, "reason"),
        },
    }
}

fn config_row(row: &Value) -> ConfigRow {
    ConfigRow {
        name: field(row, "name"),
        config: field(row, "config"),
        is_valid: field(row, "valid"),
        problems: field(row, "problems"),
    }
}

/// All rows of a file.
pub(crate) fn rows(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/cases/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let row = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error} in {line}"));
    text.lines().map(row).collect()
}

fn field<T: DeserializeOwned>(object: &Value, name: &str) -> T {
    serde_json::from_value(object[name].clone())
        .unwrap_or_else(|error| panic!("`{name}` of {object}: {error}"))
}

fn headers(message: &Value) -> Headers {
    let lines: Vec<(String, String)> = field(message, "headers");
    lines.into_iter().map(|(name, value)| (name, latin1(&value))).collect()
}

/// Each character is one byte.
pub(crate) fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(char).expect("a character of a case is one byte")).collect()
}
