//! The dashboard, checked against Grafana's own schema by `tests/grafana/schema.py`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::dashboard;

/// It has Grafana's own classes.
const PYTHON: &str = "target/grafana-schema/bin/python";

/// What the schema says against a dashboard, one finding a line.
fn findings(dashboard: &Value) -> Vec<String> {
    let mut script = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(PYTHON))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grafana/schema.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`python3 tools/fetch.py grafana-schema` fetches what runs it");
    let mut input = script.stdin.take().expect("it is piped");
    input.write_all(dashboard.to_string().as_bytes()).expect("the script reads it");
    drop(input);
    let ended = script.wait_with_output().expect("the script ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    String::from_utf8_lossy(&ended.stdout)
        .lines()
        .map(str::to_owned)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn dashboard_is_what_grafana_takes() {
    assert_eq!(findings(&dashboard()), Vec::<String>::new());
}

/// A check that finds nothing in these would find nothing in the dashboard either.
#[test]
fn grafana_would_not_take() {
    for (at, value, finding) in [
        ("/refreshing", json!("30s"), "dashboard.refreshing: not a field of Grafana's schema"),
        ("/schemaVersion", json!("39"), "dashboard.schema_version: '39' is not <class 'int'>"),
        ("/panels/0/type", json!("stats"), "dashboard.panels[0].type: 'stats' is not a kind of panel"),
        ("/panels/0/gridPos/w", json!("6"), "dashboard.panels[0].grid_pos.w: '6' is not <class 'int'>"),
        (
            "/panels/0/options/colorMode",
            json!("bright"),
            "dashboard.panels[0].options.color_mode: 'bright' is not",
        ),
        (
            "/panels/0/options/colourMode",
            json!("value"),
            "dashboard.panels[0].options.colourMode: not a field",
        ),
        ("/panels/0/targets/0/legend", json!("all"), "dashboard.panels[0].targets[0].legend: not a field"),
        (
            "/panels/4/fieldConfig/defaults/custom/width",
            json!(1),
            "dashboard.panels[4].fieldConfig.defaults.custom.width",
        ),
        ("/templating/list/1/hide", json!("no"), "dashboard.templating.list_val[1].hide: 'no' is not"),
    ] {
        let mut dashboard = dashboard();
        let (parent, name) = at.rsplit_once('/').expect("a pointer has a slash");
        dashboard.pointer_mut(parent).expect("the dashboard has it")[name] = value;
        let found = findings(&dashboard);
        assert!(found.len() == 1 && found[0].starts_with(finding), "{at}: {found:?}");
    }
}
