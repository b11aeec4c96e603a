//! A JSON Schema of expectations files, for editors. `test` has the final say about mistakes.

use proxy_wasm_cors::policy::decision::Reason;
use serde_json::{Map, Value, json};

use super::expectations::{CALL_FIELDS, FIELDS};
use crate::page::summary::Page;

/// The schema as text.
pub(crate) fn text() -> String {
    let schema = object(&FIELDS, &["configuration", "calls"], property);
    let about = "What pages should get under a configuration of the CORS filter.";
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "proxy-wasm-cors test",
        "description": about,
    });
    if let (Value::Object(whole), Value::Object(schema)) = (&mut whole, schema) {
        whole.extend(schema);
    }
    format!("{whole:#}")
}

fn object(fields: &[&str], required: &[&str], property: fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), property(field))).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(field: &str) -> Value {
    match field {
        "configuration" => text_of("The file that holds the configuration, relative to this one."),
        "filter" => text_of("Which configuration is meant, if the file has several."),
        _ => json!({
            "description": "Calls by pages, each with the expected result.",
            "type": "array",
            "minItems": 1,
            "items": object(&CALL_FIELDS, &["origin", "expect"], call_property),
        }),
    }
}

fn call_property(field: &str) -> Value {
    match field {
        "name" => text_of("What the report calls it."),
        "origin" => text_of("The origin of the page."),
        "method" => text_of("The method; GET if it is missing."),
        "headers" => json!({
            "description": "Request headers that the script sets, by name or as `name: value`.",
            "type": "array",
            "items": { "type": "string", "minLength": 1 },
        }),
        "credentials" => json!({
            "description": "Whether the script sends credentials.", "type": "boolean", "default": false,
        }),
        "host" => text_of("The API's host."),
        "path" => json!({ "description": "The path of the call.", "type": "string", "pattern": "^/" }),
        "route" => text_of("The name of the route that Envoy chooses."),
        "expect" => json!({
            "description": "What the page gets: the answer, an error, or whatever the upstream's own headers say.",
            "enum": Page::ALL.map(Page::as_str),
        }),
        "reason" => json!({
            "description": "Why the filter denies it.", "enum": Reason::ALL.map(Reason::as_str),
        }),
        _ => text_of("The policy that judges it."),
    }
}

fn text_of(description: &str) -> Value {
    json!({ "description": description, "type": "string", "minLength": 1 })
}
