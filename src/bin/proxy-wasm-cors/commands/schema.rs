//! `schema`: a JSON Schema of the configuration, made from the fields that the plugin reads.

#![expect(clippy::indexing_slicing, reason = "writing a member of a JSON object by its name adds it")]

use proxy_wasm_cors::config::{FIELDS, MATCH_FIELDS, ON_INVALID, Switch, camel_case};
use serde_json::{Map, Value, json};

/// A name of a method or header: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>.
const TOKEN: &str = "^([!#$%&'+.^_`|~0-9A-Za-z-]+|\\*+)$";
/// The same, or the beginning of names and `*`.
const TOKEN_OR_PREFIX: &str = "^([!#$%&'+.^_`|~0-9A-Za-z-]+\\*?|\\*+)$";

/// The schema as text.
pub(crate) fn text() -> String {
    format!("{:#}", schema())
}

fn schema() -> Value {
    let one = FIELDS.into_iter().filter(|field| *field != "match").chain([ON_INVALID]);
    let several = ["policies", ON_INVALID].into_iter();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "proxy-wasm-cors",
        "description": "Which web pages may call an API from the browser: one policy, or several with `policies`. \
                        Every field may be written in camelCase too.",
        "if": { "required": ["policies"] },
        "then": object(several, property),
        "else": policy(one),
    })
}

fn policy(fields: impl Iterator<Item = &'static str>) -> Value {
    let mut schema = object(fields, property);
    schema["if"] = needs_no_origins();
    schema["else"] = either("allow_origins", &json!({ "minItems": 1 }));
    schema
}

/// A policy that leaves all requests alone.
fn needs_no_origins() -> Value {
    let chooses_by_origin = either("allowed_origins_only", &json!({ "const": true }));
    json!({
        "required": ["mode"],
        "properties": { "mode": { "const": "passthrough" } },
        "not": { "required": ["match"], "properties": { "match": chooses_by_origin } },
    })
}

/// Requires a field, in either style, and says what then has to hold for it.
fn either(field: &str, holds: &Value) -> Value {
    let there = |name: &str| json!({ "required": [name], "properties": { name: holds } });
    json!({ "anyOf": [there(field), there(&camel_case(field))] })
}

/// An object of the fields, each also in camelCase, and no others.
fn object<'a>(fields: impl Iterator<Item = &'a str>, property: fn(&str) -> Value) -> Value {
    let mut properties = Map::new();
    for field in fields {
        // The plugin accepts this one only in this style.
        if field != "policies" {
            properties.insert(camel_case(field), property(field));
        }
        properties.insert(field.to_owned(), property(field));
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn property(field: &str) -> Value {
    let (about, mut schema) = described(field);
    schema["description"] = json!(about);
    schema
}

fn described(field: &str) -> (&'static str, Value) {
    match field {
        "allow_origins" => ("Who may read responses: `*` alone, origins, or patterns of them.", origins()),
        "allow_methods" => ("Methods beyond GET, HEAD and POST, or `*`.", list(TOKEN)),
        "allow_headers" => (
            "Request headers that scripts may send; may contain `*`, and prefixes (`x-amz-*`).",
            list(TOKEN_OR_PREFIX),
        ),
        "expose_headers" => ("Response headers that scripts may read, or `*`.", list(TOKEN)),
        "max_age" => ("How long browsers may reuse the answer to a preflight.", max_age()),
        "preflight_status" => (
            "The status of an answered preflight.",
            json!({ "type": "integer", "minimum": 200, "maximum": 299, "default": 204 }),
        ),
        "block_denied_requests" => (
            "Answer 403 to CORS requests from origins that are not allowed, or only to `websockets`.",
            json!({ "enum": [true, false, "websockets"], "default": false }),
        ),
        "mode" => (
            "`shadow` judges, counts and records, but leaves traffic untouched; `passthrough` does nothing.",
            json!({ "enum": ["enforce", "shadow", "passthrough"], "default": "enforce" }),
        ),
        "dangerously_allow" => {
            let switch = json!({ "enum": Switch::ALL.map(Switch::as_str) });
            ("Safety checks that are lifted.", json!({ "type": "array", "items": switch }))
        }
        "name" => (
            "The name in logs, metrics and the access log.",
            json!({ "type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "default": "default" }),
        ),
        "match" => (
            "Which requests the policy is for; if it is absent, all.",
            object(MATCH_FIELDS.into_iter(), match_property),
        ),
        "policies" => ("Policies, of which the first that matches applies.", policies()),
        ON_INVALID => (
            "What happens if the configuration has problems: `reject` refuses it, `deny` allows no origin.",
            json!({ "enum": ["reject", "deny"], "default": "reject" }),
        ),
        other => (described_flag(other), flag()),
    }
}

fn described_flag(field: &str) -> &'static str {
    match field {
        "allow_credentials" => "Whether pages may call with cookies and other credentials.",
        "allow_private_network" => "Answer `Access-Control-Request-Private-Network`.",
        "allow_timing" => "Send `Timing-Allow-Origin` to allowed origins, and remove the upstream's.",
        other => unreachable_field(other),
    }
}

fn policies() -> Value {
    let mut policy = policy(FIELDS.into_iter());
    policy["required"] = json!(["name"]);
    json!({ "type": "array", "minItems": 1, "items": policy })
}

fn match_property(field: &str) -> Value {
    let (about, pattern) = match field {
        "allowed_origins_only" => {
            let mut schema = flag();
            schema["description"] = json!("Match only requests with an `Origin` that the policy allows.");
            return schema;
        }
        "hosts" => (
            "Hosts, or `*.` and a host for its subdomains; without port.",
            "^[^/:*]+$|^\\*\\.[^/:*]+$|^\\[.*\\]$",
        ),
        "paths" => ("Prefixes of whole segments of the path.", "^/[!$-)+-;=@-\\]_a-z|~]*$"),
        "routes" => ("Names of Envoy's routes, or the beginning of names and `*`.", "."),
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

/// What a schema can say about the form of an origin. `check` knows the rest, such as valid IP addresses.
fn origin_pattern() -> String {
    let scheme = "(?!(file|wss?|data|blob|about):)[a-z][a-z0-9+.-]{0,63}";
    let label = "[a-z0-9_-]{1,63}";
    let host = format!("((\\*\\.)?{label}(\\.{label})*|\\[[0-9a-f:]+\\])");
    let port = "(:([1-9][0-9]{0,4}|\\*))?";
    let default_ports = "(?!http://.*:80$|https://.*:443$)";
    format!("^(\\*|null|file://|same-site|{default_ports}{scheme}://{host}{port})$")
}

fn origins() -> Value {
    let text = json!({ "type": "string", "pattern": origin_pattern() });
    let one_of = |name: &str, inner: Value| {
        let properties = json!({ name: inner });
        json!({ "type": "object", "properties": properties, "required": [name], "additionalProperties": false })
    };
    json!({
        "type": "array",
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
