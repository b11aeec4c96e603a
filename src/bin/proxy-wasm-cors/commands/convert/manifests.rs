//! The policy in the manifest of a platform, in the shape of the examples in `envoy/`.

use proxy_wasm_cors::config::Value;

use crate::commands::convert::output::{Document, comments};
use crate::commands::convert::policy;
use crate::sources::draft::Draft;
use crate::sources::{Conversion, Target};

const IMAGE: &str = "registry.example.com/proxy-wasm-cors:0.1.0";
const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const PLACEHOLDERS: &str = "Placeholders. Replace both with your image of the plugin and its digest.";

/// The entry of `http_filters`, which comes first in the list.
pub(crate) fn envoy(policy: Document) -> Document {
    let local = object([("filename", text("target/wasm32-wasip1/release/proxy_wasm_cors.wasm"))]);
    let vm = object([
        ("vm_id", text("cors")),
        ("runtime", text("envoy.wasm.runtime.v8")),
        ("code", object([("local", local)])),
    ]);
    let kind = "type.googleapis.com/google.protobuf.Struct";
    let configuration = object([("@type", text(kind)), ("value", policy.value)]);
    let config = object([
        ("name", text("cors")),
        ("failure_policy", text("FAIL_RELOAD")),
        ("vm_config", vm),
        ("configuration", configuration),
    ]);
    let kind = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
    let typed = object([("@type", text(kind)), ("config", config)]);
    let filter = object([("name", text("cors")), ("typed_config", typed)]);
    let value = object([("http_filters", Value::List(vec![filter]))]);
    let place = "http_filters[0].typed_config.config";
    let code = format!("{place}.vm_config.code.local.filename");
    let own = vec![
        (
            "http_filters[0]".to_owned(),
            "Goes before all other filters, instead of envoy.filters.http.cors.".to_owned(),
        ),
        (code, "Relative to the directory that Envoy is started in.".to_owned()),
    ];
    Document { value, comments: moved(policy.comments, &format!("{place}.configuration.value"), own) }
}

/// A WasmPlugin for the gateways of the source.
pub(crate) fn istio(policy: Document, conversion: &Conversion) -> Document {
    let refs = |target: &&Target| target.fields.iter().any(|(name, _)| name == "targetRefs");
    let target = conversion.targets.iter().find(refs).or(conversion.targets.first());
    let labels = object([("matchLabels", object([("istio", text("ingressgateway"))]))]);
    let (field, to, about) = match target.and_then(gateways) {
        Some(gateways) => ("targetRefs", gateways, "The gateways of the source."),
        None => ("selector", labels, "The gateway that pages call: replace its labels with yours."),
    };
    let spec = object([
        (field, to),
        ("url", text(&format!("oci://{IMAGE}"))),
        ("sha256", text(DIGEST)),
        ("phase", text("AUTHN")),
        ("priority", Value::Number(1000.0)),
        ("failStrategy", text("FAIL_RELOAD")),
        ("pluginConfig", policy.value),
    ]);
    let namespace = target.and_then(|target| target.namespace.as_deref()).unwrap_or("istio-ingress");
    let value = resource("extensions.istio.io/v1alpha1", "WasmPlugin", ("cors", Some(namespace)), spec);
    let own = vec![
        (format!("spec.{field}"), about.to_owned()),
        ("spec.url".to_owned(), PLACEHOLDERS.to_owned()),
        ("spec.phase".to_owned(), "Before authentication: a preflight never carries credentials.".to_owned()),
    ];
    Document { value, comments: moved(policy.comments, "spec.pluginConfig", own) }
}

/// The Gateways among the targets: a WasmPlugin takes these only.
fn gateways(target: &Target) -> Option<Value> {
    let (_, refs) = target.fields.iter().find(|(name, _)| name == "targetRefs")?;
    let Value::List(refs) = refs else { return None };
    let is_gateway = |it: &&Value| member(it, "kind") == Some(&Value::Text("Gateway".to_owned()));
    let gateways: Vec<Value> = refs.iter().filter(is_gateway).cloned().collect();
    (!gateways.is_empty()).then_some(Value::List(gateways))
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Object(members) = value else { return None };
    members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// An EnvoyExtensionPolicy for each resource that says what some policies apply to.
pub(crate) fn envoy_gateway(conversion: &Conversion) -> Vec<Document> {
    let mut targets: Vec<Option<usize>> = Vec::new();
    for draft in &conversion.drafts {
        if !targets.contains(&draft.target) {
            targets.push(draft.target);
        }
    }
    let of = |target: Option<usize>| {
        let drafts = conversion.drafts.iter().filter(|draft| draft.target == target);
        extension_policy(&drafts.cloned().collect::<Vec<Draft>>(), target, conversion)
    };
    targets.into_iter().filter_map(of).collect()
}

fn extension_policy(drafts: &[Draft], target: Option<usize>, conversion: &Conversion) -> Option<Document> {
    let target = target.and_then(|number| conversion.targets.get(number)).or(conversion.targets.first());
    let image = object([("url", text(IMAGE)), ("sha256", text(DIGEST))]);
    let code = object([("type", text("Image")), ("image", image)]);
    let wasm = object([
        ("name", text("cors")),
        ("code", code),
        ("failOpen", Value::Bool(false)),
        ("config", policy(drafts)?),
    ]);
    let mut spec = target.map(|target| target.fields.clone()).unwrap_or_default();
    let mut own = vec![("spec.wasm[0].code.image.url".to_owned(), PLACEHOLDERS.to_owned())];
    if spec.is_empty() {
        let gateway = object([
            ("group", text("gateway.networking.k8s.io")),
            ("kind", text("Gateway")),
            ("name", text("api")),
        ]);
        spec.push(("targetRefs".to_owned(), Value::List(vec![gateway])));
        own.push(("spec.targetRefs".to_owned(), "The Gateway that pages call: replace its name.".to_owned()));
    }
    spec.push(("wasm".to_owned(), Value::List(vec![wasm])));
    let name = target.map_or("cors", |target| target.name.as_str());
    let namespace = target.and_then(|target| target.namespace.as_deref());
    let version = "gateway.envoyproxy.io/v1alpha1";
    let value = resource(version, "EnvoyExtensionPolicy", (name, namespace), Value::Object(spec));
    let comments = moved(comments(drafts, &conversion.notes), "spec.wasm[0].config", own);
    Some(Document { value, comments })
}

fn resource(version: &str, kind: &str, (name, namespace): (&str, Option<&str>), spec: Value) -> Value {
    let mut metadata = vec![("name".to_owned(), text(name))];
    metadata.extend(namespace.map(|namespace| ("namespace".to_owned(), text(namespace))));
    object([
        ("apiVersion", text(version)),
        ("kind", text(kind)),
        ("metadata", Value::Object(metadata)),
        ("spec", spec),
    ])
}

/// Comments on a configuration that now stands further down, and some more.
fn moved(comments: Vec<(String, String)>, below: &str, own: Vec<(String, String)>) -> Vec<(String, String)> {
    let moved = comments.into_iter().map(|(place, comment)| (format!("{below}.{place}"), comment));
    own.into_iter().chain(moved).collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
