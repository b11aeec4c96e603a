//! `schema`: a JSON Schema of the configuration, made from the fields that the plugin reads.

#![expect(clippy::indexing_slicing, reason = "writing a member of a JSON object by its name adds it")]

use proxy_wasm_cors::config::{FIELDS, MATCH_FIELDS, Switch, camel_case};
use serde_json::{Map, Value, json};

/// A name of a method or header: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>.
const TOKEN: &str = "^([!#$%&'+.^_`|~0-9A-Za-z-]+|\\*+)$";

/// The schema as text.
pub(crate) fn text() -> String {
    format!("{:#}", schema())
}

fn schema() -> Value {
    let policy = |extra: &[&str], required: &[&str]| {
        let fields = FIELDS.iter().filter(|field| **field != "match" || extra.contains(&"match"));
        object(fields.copied(), property, required)
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "proxy-wasm-cors",
        "description": "Which web pages may call an API from the browser: one policy, or several with `policies`. \
                        Every field may be written in camelCase too.",
        "if": { "required": ["policies"] },
        "then": {
            "type": "object",
            "properties": {
                "policies": {
                    "description": "Policies, of which the first that matches applies.",
                    "type": "array",
                    "minItems": 1,
                    "items": policy(&["match"], &["name"]),
                },
            },
            "required": ["policies"],
            "additionalProperties": false,
        },
        "else": policy(&[], &[]),
    })
}

/// An object of the fields, each also in camelCase, and no others.
fn object<'a>(
    fields: impl Iterator<Item = &'a str>,
    property: fn(&str) -> Value,
    required: &[&str],
) -> Value {
    let mut properties = Map::new();
    for field in fields {
        properties.insert(camel_case(field), property(field));
        properties.insert(field.to_owned(), property(field));
    }
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if schema["properties"].get("allow_origins").is_some() {
        schema["anyOf"] = json!([{ "required": ["allow_origins"] }, { "required": ["allowOrigins"] }]);
    }
    schema
}

fn property(field: &str) -> Value {
    let (about, mut schema) = described(field);
    schema["description"] = json!(about);
    schema
}

fn described(field: &str) -> (&'static str, Value) {
    match field {
        "allow_origins" => ("Who may read responses: `*` alone, origins, or patterns of them.", origins()),
        "allow_credentials" => ("Whether pages may call with cookies and other credentials.", flag()),
        "allow_methods" => ("Methods beyond GET, HEAD and POST, or `*`.", list(TOKEN)),
        "allow_headers" => ("Request headers that scripts may send; may contain `*`.", list(TOKEN)),
        "expose_headers" => ("Response headers that scripts may read, or `*`.", list(TOKEN)),
        "max_age" => ("How long browsers may keep the answer to a preflight.", max_age()),
        "allow_private_network" => ("Answer `Access-Control-Request-Private-Network`.", flag()),
        "preflight_status" => (
            "The status of an answered preflight.",
            json!({ "type": "integer", "minimum": 200, "maximum": 299, "default": 204 }),
        ),
        "block_denied_requests" => {
            ("Answer 403 to a CORS request from an origin that is not allowed.", flag())
        }
        "mode" => (
            "`shadow` judges, counts and records, but leaves traffic untouched.",
            json!({ "enum": ["enforce", "shadow"], "default": "enforce" }),
        ),
        "dangerously_allow" => (
            "Safety checks that are lifted.",
            json!({ "type": "array", "items": { "enum": Switch::ALL.map(Switch::as_str) } }),
        ),
        "name" => (
            "The name in logs, metrics and the access log.",
            json!({ "type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "default": "default" }),
        ),
        "match" => (
            "Which requests the policy is for; absent, all.",
            object(MATCH_FIELDS.into_iter(), match_property, &[]),
        ),
        other => unreachable_field(other),
    }
}

fn match_property(field: &str) -> Value {
    let (about, pattern) = match field {
        "hosts" => (
            "Hosts, or `*.` and a host for its subdomains; without port.",
            "^[^/:*]+$|^\\*\\.[^/:*]+$|^\\[.*\\]$",
        ),
        "paths" => ("Prefixes of whole segments of the path.", "^/[!$-)+-;=@-\\]_a-z|~]*$"),
        "routes" => ("Names of Envoy's routes.", "."),
        other => unreachable_field(other),
    };
    json!({ "description": about, "type": "array", "minItems": 1, "items": { "type": "string", "pattern": pattern } })
}

#[expect(
    clippy::panic,
    reason = "a field was added to the configuration and not here; the test of the schema says so"
)]
fn unreachable_field(field: &str) -> ! {
    panic!("the schema does not know the field `{field}`")
}

fn flag() -> Value {
    json!({ "type": "boolean", "default": false })
}

fn list(pattern: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string", "pattern": pattern }, "default": [] })
}

/// What can be said of an origin's form. The rest, such as which IP addresses there are, `check` knows.
fn origin_pattern() -> String {
    let scheme = "(?!(file|wss?|data|blob|about):)[a-z][a-z0-9+.-]{0,63}";
    let label = "[a-z0-9_-]{1,63}";
    let host = format!("((\\*\\.)?{label}(\\.{label})*|\\[[0-9a-f:]+\\])");
    let port = "(:([1-9][0-9]{0,4}|\\*))?";
    let default_ports = "(?!http://.*:80$|https://.*:443$)";
    format!("^(\\*|null|{default_ports}{scheme}://{host}{port})$")
}

fn origins() -> Value {
    let text = json!({ "type": "string", "pattern": origin_pattern() });
    let one_of = |name: &str, inner: Value| {
        let properties = json!({ name: inner });
        json!({ "type": "object", "properties": properties, "required": [name], "additionalProperties": false })
    };
    json!({
        "type": "array",
        "minItems": 1,
        "items": { "anyOf": [text.clone(), one_of("exact", text), one_of("regex", json!({ "type": "string" }))] },
        "examples": [["https://app.example.com", "https://*.preview.example.com", "http://localhost:*"]],
    })
}

fn max_age() -> Value {
    json!({
        "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": 2_147_483_647_u32 },
            { "type": "string", "pattern": "^([0-9]+[hms])+$" },
        ],
        "examples": [600, "10m", "24h"],
    })
}
