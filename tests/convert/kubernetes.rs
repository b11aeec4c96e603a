//! What settings of resources of Kubernetes become: annotations of an Ingress, and VirtualServices that delegate.

use serde_json::{Value, json};

use crate::binary::{repository, run_with_input};
use crate::rules::{Row, row};

fn ingress(annotations: &str) -> String {
    format!(
        r#"{{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {{"name": "api", "annotations": {{
        "nginx.ingress.kubernetes.io/enable-cors": "true", {annotations}}}}},
        "spec": {{"rules": [{{"host": "api.example.com"}}]}}}}"#
    )
}

pub(crate) fn of_ingress() -> Vec<Row> {
    let origins = "/policies/0/allow_origins";
    let all = r#""nginx.ingress.kubernetes.io/cors-allow-origin":"#;
    vec![
        row(
            "a slash",
            ingress(&format!(r#"{all} "https://app.example.com/""#)),
            origins,
            json!(["*"]),
            &["ask", "same"],
        ),
        row(
            "no scheme",
            ingress(&format!(r#"{all} "app.example.com""#)),
            "",
            Value::Null,
            &["dropped", "same"],
        ),
        row(
            "star among others",
            ingress(&format!(r#"{all} "https://a.example, *""#)),
            origins,
            json!(["*"]),
            &["same"],
        ),
        row(
            "any header",
            ingress(r#""nginx.ingress.kubernetes.io/cors-allow-headers": "*""#),
            "/policies/0/allow_headers/0",
            json!("User-Agent"),
            &["same"],
        ),
    ]
}

/// A VirtualService with one route, named `jobs`.
fn virtual_service(spec: &str, route: &str) -> String {
    format!(
        r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {{"name": "shop"}},
        "spec": {{{spec} "http": [{{"name": "jobs", {route}
        "corsPolicy": {{"allowOrigins": [{{"exact": "https://app.example.com"}}]}}}}]}}}}"#
    )
}

/// Checks which notes are made at a place, by their kinds.
#[track_caller]
fn check_notes(input: &str, place: &str, expected: &[&str]) {
    let ended = run_with_input(repository(), &["convert", "--format", "json", "-"], input);
    let converted: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let notes = converted["notes"].as_array().expect("a list");
    let kinds =
        notes.iter().filter(|note| note["at"] == place).map(|note| note["kind"].as_str().expect("a text"));
    assert_eq!(kinds.collect::<Vec<_>>(), expected, "{}", converted["notes"]);
}

/// Hosts and names of routes are put together from both, which one file does not show.
#[test]
fn delegation_is_asked_about() {
    let hosts = r#""hosts": ["shop.example.com"],"#;
    check_notes(&virtual_service(hosts, ""), "spec.http[0].delegate", &[]);
    check_notes(&virtual_service(hosts, ""), "spec", &[]);
    check_notes(
        &virtual_service(hosts, r#""delegate": {"name": "jobs"},"#),
        "spec.http[0].delegate",
        &["ask"],
    );
    check_notes(&virtual_service("", ""), "spec", &["ask", "wider"]);
}
