//! What a single setting of a source becomes, and what is said of it.

use serde_json::{Value, json};

use crate::binary::{repository, run_with_input};
use crate::kubernetes;
use crate::support::failures::Failures;

/// A setting, the part of the policy that it becomes, and what has to be said with it.
pub(crate) struct Row {
    name: &'static str,
    input: String,
    pointer: &'static str,
    expected: Value,
    notes: &'static [&'static str],
}

/// A `CorsPolicy` of Envoy on the only virtual host of a file.
fn envoy(fields: &str) -> String {
    format!(
        r#"{{"virtual_hosts": [{{"name": "api", "domains": ["api.example.com"], "typed_per_filter_config": {{"envoy.filters.http.cors": {{
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy", {fields}}}}}}}]}}"#
    )
}

fn origins(matchers: &str) -> String {
    envoy(&format!(r#""allow_origin_string_match": [{matchers}]"#))
}

/// The same with credentials.
fn trusted(matchers: &str) -> String {
    envoy(&format!(r#""allow_credentials": true, "allow_origin_string_match": [{matchers}]"#))
}

const APP: &str = r#""allow_origin_string_match": [{"exact": "https://app.example.com"}]"#;

fn with(fields: &str) -> String {
    envoy(&format!("{APP}, {fields}"))
}

pub(crate) fn row(
    name: &'static str,
    input: String,
    pointer: &'static str,
    expected: Value,
    notes: &'static [&'static str],
) -> Row {
    Row { name, input, pointer, expected, notes }
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn of_origins() -> Vec<Row> {
    let list = "/policies/0/allow_origins";
    vec![
        row(
            "upper case",
            origins(r#"{"exact": "https://App.example.com/"}"#),
            list,
            json!(["https://app.example.com"]),
            &["wider"],
        ),
        row("no origin", origins(r#"{"exact": "app.example.com"}"#), "", Value::Null, &["dropped", "same"]),
        row("null", origins(r#"{"exact": "null"}"#), list, json!(["null"]), &["ask"]),
        row("everyone", origins(r#"{"safe_regex": {"regex": ".+"}}"#), list, json!(["*"]), &["changed"]),
        row("everyone as the user", trusted(r#"{"prefix": ""}"#), list, json!(["*"]), &["ask", "narrower"]),
        row(
            "prefix",
            origins(r#"{"prefix": "https://app.example.com"}"#),
            list,
            json!(["https://app.example.com:*"]),
            &["narrower"],
        ),
        row(
            "prefix within a name",
            origins(r#"{"prefix": "https://app."}"#),
            "",
            Value::Null,
            &["ask", "same"],
        ),
        row(
            "suffix",
            origins(r#"{"suffix": ".example.com"}"#),
            list,
            json!(["https://*.example.com"]),
            &["narrower"],
        ),
        row("contains", origins(r#"{"contains": "example"}"#), "", Value::Null, &["ask", "same"]),
        row(
            "look-around",
            origins(r#"{"safe_regex": {"regex": "(?=x)https://a"}}"#),
            "",
            Value::Null,
            &["ask", "same"],
        ),
        row(
            "http among https",
            trusted(r#"{"safe_regex": {"regex": "https?://[a-z]+\\.example\\.com"}}"#),
            list,
            json!([{ "regex": "https://[a-z]+\\.example\\.com" }]),
            &["narrower"],
        ),
        row(
            "http",
            trusted(r#"{"exact": "http://app.example.com"}"#),
            list,
            json!(["http://app.example.com"]),
            &["ask"],
        ),
        row(
            "strangers",
            trusted(r#"{"safe_regex": {"regex": "https://.*example\\.com"}}"#),
            list,
            json!([{ "regex": "https://.*example\\.com" }]),
            &["ask"],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn of_lists() -> Vec<Row> {
    let headers = "/policies/0/allow_headers";
    let age = "/policies/0/max_age";
    vec![
        row(
            "no script may",
            with(r#""allow_methods": "PUT,TRACE""#),
            "/policies/0/allow_methods",
            json!(["PUT"]),
            &["dropped"],
        ),
        row(
            "forbidden header",
            with(r#""allow_headers": "x-a, cookie""#),
            headers,
            json!(["x-a"]),
            &["dropped"],
        ),
        row("star within a name", with(r#""allow_headers": "x-amz-*""#), headers, Value::Null, &["ask"]),
        row(
            "any header",
            with(r#""allow_headers": "*""#),
            headers,
            json!(["*", "Authorization"]),
            &["changed"],
        ),
        row(
            "any header as the user",
            with(r#""allow_headers": "*", "allow_credentials": true"#),
            headers,
            json!(["*"]),
            &["same"],
        ),
        row(
            "expose all as the user",
            with(r#""expose_headers": "*", "allow_credentials": true"#),
            "/policies/0/expose_headers",
            Value::Null,
            &["dropped"],
        ),
        row("too long", with(r#""max_age": "100000""#), age, json!(86400), &["dropped"]),
        row("no seconds", with(r#""max_age": "1d""#), age, Value::Null, &["dropped"]),
        row("wrong type", with(r#""max_age": 600"#), age, Value::Null, &["ask"]),
        row(
            "unknown field",
            with(r#""allow_method": "PUT""#),
            "/policies/0/allow_methods",
            Value::Null,
            &["ask"],
        ),
        row(
            "shadow",
            with(
                r#""filter_enabled": {"default_value": {"numerator": 0}}, "shadow_enabled": {"default_value": {"numerator": 100}}"#,
            ),
            "/policies/0/mode",
            json!("shadow"),
            &[],
        ),
        row(
            "a part of the requests",
            with(r#""filter_enabled": {"default_value": {"numerator": 5}}"#),
            "/policies/0/mode",
            Value::Null,
            &["ask"],
        ),
    ]
}

#[test]
fn settings_become_what_they_mean() {
    let mut failures = Failures::new("rules");
    for row in of_origins().into_iter().chain(of_lists()).chain(kubernetes::of_ingress()) {
        let ended = run_with_input(repository(), &["convert", "--format", "json", "-"], &row.input);
        let converted: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        let got = converted["policy"].pointer(row.pointer).unwrap_or(&Value::Null);
        let mut faults = Vec::new();
        if *got != row.expected {
            faults.push(format!("{got}, not {}", row.expected));
        }
        let kinds: Vec<&str> = kinds(&converted);
        faults
            .extend(row.notes.iter().filter(|kind| !kinds.contains(kind)).map(|kind| format!("no `{kind}`")));
        let asks = row.notes.contains(&"ask");
        if ended.code != i32::from(asks) || kinds.contains(&"ask") != asks {
            faults.push(format!("ended with {}: {}", ended.code, converted["notes"]));
        }
        failures.row(row.name, faults);
    }
    failures.finish();
}

fn kinds(converted: &Value) -> Vec<&str> {
    let notes = converted["notes"].as_array().expect("a list");
    notes.iter().map(|note| note["kind"].as_str().expect("a text")).collect()
}
