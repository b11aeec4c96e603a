//! The manifests in `envoy/` have the shape that Istio and Envoy Gateway accept, by `tests/manifests/schemas.json`, and
//! say what their comments say: before authentication, and never without the filter. Neither platform runs here.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::Path;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Value, json};

const WASM_PLUGIN: &str = "istio-wasmplugin.yaml";
const TRAFFIC_EXTENSION: &str = "istio-trafficextension.yaml";
const ENVOY_GATEWAY: &str = "envoy-gateway.yaml";

const DYNAMIC_MODULE: &str = "envoy-gateway-dynamic-module.yaml";

/// File, and the kinds of the manifests in it.
const MANIFESTS: [(&str, &[&str]); 4] = [
    (WASM_PLUGIN, &["WasmPlugin"]),
    (TRAFFIC_EXTENSION, &["TrafficExtension"]),
    (ENVOY_GATEWAY, &["EnvoyExtensionPolicy", "EnvoyProxy"]),
    (DYNAMIC_MODULE, &["EnvoyExtensionPolicy", "EnvoyProxy"]),
];

/// Mistakes that the schemas must find: file, what is replaced, by what, and where the problem is.
const MISTAKES: [(&str, &str, &str, &str); 15] = [
    (WASM_PLUGIN, "phase: AUTHN", "phase: AuthN", "/spec/phase"),
    (WASM_PLUGIN, "failStrategy:", "failureStrategy:", "/spec"),
    (WASM_PLUGIN, "FAIL_RELOAD\n", "RELOAD\n", "/spec/failStrategy"),
    (WASM_PLUGIN, "sha256: \"0000", "sha256: \"sha256:0000", "/spec/sha256"),
    (TRAFFIC_EXTENSION, "  phase: AUTHN", "  targetRef: {}", "/spec"),
    (TRAFFIC_EXTENSION, "    pluginConfig:", "    config:", "/spec/wasm"),
    (ENVOY_GATEWAY, "url: registry", "url: oci://registry", "/spec/wasm/0/code/image/url"),
    (ENVOY_GATEWAY, "    kind: Gateway\n", "    kind: Service\n", "/spec/targetRefs/0/kind"),
    (ENVOY_GATEWAY, "filters.http.basic_auth", "filters.http.basic-auth", "/spec/filterOrder/2/before"),
    (
        ENVOY_GATEWAY,
        "before: envoy.filters.http.oauth2",
        "by: envoy.filters.http.oauth2",
        "/spec/filterOrder/1",
    ),
    (DYNAMIC_MODULE, "    filterName:", "    filter_name:", "/spec/dynamicModule/0"),
    (
        DYNAMIC_MODULE,
        "- name: proxy-wasm-cors\n    # Stands",
        "- name: proxy_wasm_cors\n    #",
        "/spec/dynamicModule/0/name",
    ),
    (DYNAMIC_MODULE, "type: Local", "type: Remote", "/spec/dynamicModules/0/source/type"),
    (DYNAMIC_MODULE, "local: { path:", "local: { filename:", "/spec/dynamicModules/0/source/local"),
    (
        DYNAMIC_MODULE,
        "http.dynamic_modules, before",
        "http.dynamic_module, before",
        "/spec/filterOrder/0/name",
    ),
];

#[test]
fn all_are_valid() {
    for (file, kinds) in MANIFESTS {
        let manifests = parse(&read(file));
        let found: Vec<_> = manifests.iter().map(|it| it["kind"].as_str().unwrap_or_default()).collect();
        assert_eq!(found, kinds, "{file}");
        for manifest in &manifests {
            assert_eq!(problems(manifest), Vec::<String>::new(), "{file}");
        }
    }
}

#[test]
fn mistakes_are_found() {
    for (file, from, to, place) in MISTAKES {
        let text = read(file);
        assert!(text.contains(from), "{file} has no `{from}`");
        let problems: Vec<_> = parse(&text.replace(from, to)).iter().flat_map(problems).collect();
        let is_found = problems.iter().any(|problem| problem.split(": ").next() == Some(place));
        assert!(is_found, "{file} with `{to}`: {problems:?}");
    }
}

/// What the README says of placing the filter.
#[test]
fn the_filter_comes_before_authentication() {
    let wasm_plugin = &parse(&read(WASM_PLUGIN))[0]["spec"];
    assert_eq!(
        (&wasm_plugin["phase"], &wasm_plugin["failStrategy"]),
        (&json!("AUTHN"), &json!("FAIL_RELOAD"))
    );
    let extension = &parse(&read(TRAFFIC_EXTENSION))[0]["spec"];
    assert_eq!(
        (&extension["phase"], &extension["wasm"]["failStrategy"]),
        (&json!("AUTHN"), &json!("FAIL_RELOAD"))
    );
    let gateway = parse(&read(ENVOY_GATEWAY));
    assert_eq!(gateway[0]["spec"]["wasm"][0]["failOpen"], json!(false));
    for (manifests, filter) in [(gateway, "wasm"), (parse(&read(DYNAMIC_MODULE)), "dynamic_modules")] {
        let order = in_envoy_gateway(&manifests[1]["spec"]["filterOrder"]);
        let place = |name: &str| order.iter().position(|filter| filter == name);
        for authentication in ["ext_authz", "api_key_auth", "basic_auth", "oauth2", "jwt_authn"] {
            assert!(place(filter) < place(authentication), "{authentication}: {order:?}");
        }
    }
}

/// A policy asks for a module by the name that the proxy registers.
#[test]
fn the_module_is_registered() {
    let manifests = parse(&read(DYNAMIC_MODULE));
    let name = |manifest: usize, list: &str| manifests[manifest]["spec"][list][0]["name"].clone();
    assert_eq!(name(0, "dynamicModule"), name(1, "dynamicModules"));
    let path = &manifests[1]["spec"]["dynamicModules"][0]["source"]["local"]["path"];
    let file = concat!("/libproxy_wasm_cors_", env!("CARGO_PKG_VERSION"), ".so");
    assert!(path.as_str().is_some_and(|path| path.ends_with(file)), "{path} is not of this version");
}

/// The order of a chain after `filterOrder`, by the documented rule: each entry moves one filter next to another.
/// <https://gateway.envoyproxy.io/docs/api/extension_types/#filterposition>
fn in_envoy_gateway(moves: &Value) -> Vec<String> {
    let default = [
        "cors",
        "ext_authz",
        "api_key_auth",
        "basic_auth",
        "oauth2",
        "jwt_authn",
        "wasm",
        "dynamic_modules",
        "rbac",
    ];
    let mut order: Vec<String> = default.map(str::to_owned).to_vec();
    let short =
        |name: &Value| name.as_str().and_then(|it| it.rsplit('.').next()).unwrap_or_default().to_owned();
    for entry in moves.as_array().expect("filterOrder is a list") {
        let (name, before) = (short(&entry["name"]), short(&entry["before"]));
        order.retain(|filter| *filter != name);
        let place = order.iter().position(|filter| *filter == before).expect("the chain has this filter");
        order.insert(place, name);
    }
    order
}

/// Each place that the schema of the manifest's kind does not accept, and why.
fn problems(manifest: &Value) -> Vec<String> {
    let mut schema: Value =
        serde_json::from_str(&read("../tests/manifests/schemas.json")).expect("the schemas are JSON");
    schema["$ref"] = json!(format!("#/$defs/{}", manifest["kind"].as_str().expect("a manifest has a kind")));
    let validator = jsonschema::validator_for(&schema).expect("there is a valid schema of this kind");
    validator.iter_errors(manifest).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("envoy").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(text: &str) -> Vec<Value> {
    Yaml::load_from_str(text).expect("the file is YAML").iter().map(to_json).collect()
}

fn to_json(node: &Yaml) -> Value {
    match node {
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(entries) => entries.iter().map(|(key, value)| (to_text(key), to_json(value))).collect(),
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::Null) => Value::Null,
        other => json!(to_text(other)),
    }
}

fn to_text(node: &Yaml) -> String {
    node.as_str().unwrap_or_else(|| panic!("a manifest has {node:?}")).to_owned()
}
