//! What `check` says of files that Envoy does not read: those of Kubernetes, policies by themselves, JSON.

use std::fs;
use std::path::Path;

use crate::binary::run;

/// Checks that `check` says all of that of a file, and nothing else but what is accepted and its last line.
#[track_caller]
fn check(name: &str, text: &str, expected: &[&str]) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosts");
    fs::create_dir_all(&directory).expect("the directory can be made");
    fs::write(directory.join(name), text).expect("it can be written");
    let printed = run(&directory, &["check", name]).stdout;
    let mut lines: Vec<&str> = printed.lines().collect();
    lines.pop();
    lines.retain(|line| !line.contains(": accepted: "));
    assert_eq!(lines.len(), expected.len(), "{printed}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "no `{expected}` in `{line}`");
    }
}

#[track_caller]
fn check_kubernetes(field: &str, expected: &[&str]) {
    let start = "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: {name: cors}\nspec:\n  \
                 url: oci://registry.example.com/proxy-wasm-cors:1\n  phase: AUTHN\n  pluginConfig:\n    \
                 allow_origins: [\"https://a.example\"]\n";
    check("kubernetes.yaml", &format!("{start}    {field}\n"), expected);
}

#[track_caller]
fn check_policy(field: &str, expected: &[&str]) {
    check("policy.yaml", &format!("allow_origins: [\"https://a.example\"]\n{field}\n"), expected);
}

#[test]
fn kubernetes() {
    check_kubernetes("name: off", &["problem: name: is `false`; "]);
    check_kubernetes("name: \"off\"", &[]);
    check_kubernetes("name: oFF", &["problem: name: `oFF` cannot"]);
    check_kubernetes("name: !!str off", &[]);
    check_kubernetes("name: 1e3", &["problem: name: is the number `1000`; "]);
    check_kubernetes("name: 2024-01-01", &[]);
    check_kubernetes("allow_credentials: yes", &[]);
    check_kubernetes("max_age: 600.0", &[]);
    check_kubernetes("max_age: 1e3", &[]);
    check_kubernetes("max_age: 1_000", &[]);
    check_kubernetes("max_age: 0o10", &[]);
    check_kubernetes("max_age: 0b1000", &[]);
    check_kubernetes(
        "max_age: 010",
        &["warning: max_age: Kubernetes reads `010` as the number `8`; write `10`"],
    );
    check_kubernetes("preflight_status: 0204", &["problem: preflight_status: is the number `132`; "]);
    check_kubernetes("preflight_status: 0209", &[]);
    check_kubernetes("max_age: .inf", &["problem: max_age: is the number `inf`; "]);
    check_kubernetes("max_age: 2147483648", &["problem: max_age: is the number `2147483648`; "]);
    check_kubernetes("<<: {max_age: 5, allow_origins: []}", &[]);
}

/// What means the same to all is taken, with or without quotes.
#[test]
fn policies() {
    for field in ["name: \"off\"", "name: '010'", "max_age: 600", "max_age: 10m", "allow_credentials: true"] {
        check_policy(field, &[]);
    }
}

#[test]
fn ambiguous_policies() {
    check_policy(
        "name: off",
        &["name: `off` is `false` to Envoy and the text `off` to YAML 1.2; write `\"off\"` or `false`"],
    );
    check_policy("allow_credentials: yes", &["`yes` is `true` to Envoy"]);
    check_policy(
        "max_age: 010",
        &["`010` is the number `8` to Envoy and the number `10` to YAML 1.2; write `10` or `8`"],
    );
    check_policy(
        "max_age: 08",
        &["`08` is the text `08` to Envoy and the number `8` to Kubernetes; write `8` or `\"08\"`"],
    );
    check_policy(
        "max_age: 600.0",
        &["`600.0` is the text `600.0` to Envoy and the number `600` to Kubernetes"],
    );
    check_policy("max_age: 1e3", &["write `1000` or `\"1e3\"`"]);
    check_policy("max_age: 1_000", &["write `1000` or `\"1_000\"`"]);
    check_policy("max_age: .inf", &["`.inf` is the text `.inf` to Envoy"]);
    check_policy("name: !!str 5", &["`!!str 5` is the number `5` to Envoy and the text `5` to Kubernetes"]);
}

/// JSON means one thing to everyone.
#[test]
fn json() {
    check("policy.json", r#"{"allow_origins": ["https://a.example"], "max_age": 6e2, "name": "off"}"#, &[]);
}

#[test]
fn sentences() {
    check(
        "star.yaml",
        "allow_origins: [*]\n",
        &["star.yaml:1: problem: `*` without quotes is a YAML alias; write `\"*\"`"],
    );
    check(
        "star.yaml",
        "allow_origins:\n# *\n- *.a.example # *\n",
        &["star.yaml:3: problem: `*.a.example` without quotes"],
    );
    check(
        "regex.yaml",
        "allow_origins:\n- regex: \"https://\\\\w+\\.a\\.example\"\n",
        &[
            "regex.yaml:2: problem: `\\.` means nothing in double quotes; write a regex in single quotes, which keep `\\` as it is: `'",
        ],
    );
    check(
        "template.yaml",
        "# {{ no }}\nallow_origins: {{ .Values.origins }}\n",
        &["template.yaml:2: problem: `{{ .Values.origins }}` is a template"],
    );
    check(
        "template.yaml",
        "allow_origins:\n{{- toYaml .Values.origins | nindent 2 }}\n",
        &["template.yaml:2: problem: `{{- toYaml"],
    );
    check(
        "values.yaml",
        "image: a\ncors:\n  policy:\n    allowOrigins: [\"https://a.example\"]\n",
        &["values.yaml:4: problem: `allowOrigins` stands below `cors.policy`"],
    );
}

/// A resource with its own CORS fields does not contain a policy of this filter.
#[test]
fn fields_of_others() {
    let text = "kind: VirtualService\nspec:\n  http:\n  - corsPolicy: {allowOrigins: [{exact: \"https://a.example\"}]}\n";
    check(
        "others.yaml",
        text,
        &["others.yaml:4: problem: has the CORS settings of an Istio VirtualService, not of this filter"],
    );
}
