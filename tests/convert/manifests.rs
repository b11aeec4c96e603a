//! What `--as` writes passes `check`, and has the targets of the source.

use std::fs;
use std::path::Path;

use crate::binary::{repository, run};
use crate::cases;
use crate::support::failures::Failures;

#[test]
fn every_manifest_passes_check() {
    let mut failures = Failures::new("manifests");
    for case in cases::all() {
        for shape in ["policy", "envoy", "istio", "envoy-gateway"] {
            let file = case.file.to_str().expect("a path");
            let text = run(repository(), &["convert", "--as", shape, file]).stdout;
            let written = write(&format!("{}-{shape}", case.name.replace('/', "-")), &text);
            let checked = run(repository(), &["check", &written]);
            let passes = checked.stdout.contains(": 1 configuration, 0 problems, ");
            let faults = if passes { Vec::new() } else { vec![checked.stdout + &text] };
            failures.row(format!("{} as {shape}", case.name), faults);
        }
    }
    failures.finish();
}

#[test]
fn targets_are_those_of_the_source() {
    let as_shape = |shape: &str, file: &str| {
        let file = format!("tests/cases/convert/{file}");
        run(repository(), &["convert", "--as", shape, &file]).stdout
    };
    let rows = [
        (
            "envoy-gateway",
            "envoy-gateway-securitypolicy/1-one-route.yaml",
            "kind: HTTPRoute\n      name: shop\n",
        ),
        (
            "envoy-gateway",
            "envoy-gateway-securitypolicy/2-extensions.yaml",
            "kind: Gateway\n      name: public\n",
        ),
        ("istio", "gateway-api-httproute/1-plain.yaml", "kind: Gateway\n      name: public\n"),
        ("istio", "istio-virtualservice/1-one-route.yaml", "\n  namespace: istio-ingress\n"),
    ];
    for (shape, file, part) in rows {
        let text = as_shape(shape, file);
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

fn write(name: &str, text: &str) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("as-{name}.yaml"));
    fs::write(&file, text).expect("it can be written");
    file.display().to_string()
}
