//! Each alert of `envoy/prometheus-alerts.yaml` fires in the outage that it is for and stays silent on other days, as
//! Prometheus itself evaluates it: `tests/grafana/alerts.yaml` has the days.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const DAYS: &str = "tests/grafana/alerts.yaml";
const RULES: &str = "envoy/prometheus-alerts.yaml";

fn promtool(arguments: &[&str]) -> (bool, String) {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/prometheus/usr/bin/promtool");
    let program = match std::env::var("PROMTOOL") {
        Ok(program) => program,
        Err(_) if fetched.is_file() => fetched.display().to_string(),
        Err(_) => "promtool".to_owned(),
    };
    let ended = Command::new(&program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let ended = ended.unwrap_or_else(|error| {
        panic!(
            "{program} cannot be started ({error}); `python3 tools/fetch.py prometheus` fetches it, or set PROMTOOL to it"
        )
    });
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn alerts_fire_in_outages_and_only_then() {
    let (is_good, said) = promtool(&["test", "rules", DAYS]);
    assert!(is_good, "{said}");
}

#[test]
fn rules_are_those_of_prometheus() {
    let (is_good, said) = promtool(&["check", "rules", RULES]);
    assert!(is_good, "{said}");
}

/// An alert that no day expects to fire could be one that never does.
#[test]
fn each_alert_fires_on_some_day_and_is_silent_on_another() {
    let read = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        fs::read_to_string(path).expect("the file is there")
    };
    let names = |text: &str, start: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix(start));
        lines.map(|rest| rest.split(',').next().unwrap_or_default().trim().to_owned()).collect()
    };
    let alerts = names(&read(RULES), "- alert: ");
    let days = read(DAYS);
    assert_eq!(names(&days, "alertname: "), alerts, "alerts that fire on some day");
    assert_eq!(names(&days, "- { eval_time: 25m, alertname: "), alerts, "alerts that are silent on some day");
}

/// Who is woken at night finds the section that the alert names.
#[test]
fn each_runbook_url_leads_to_a_section() {
    const PAGE: &str = "runbook_url: https://github.com/OWNER/proxy-wasm-cors/blob/main/docs/operate.md#";
    let read = |path: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there")
    };
    let (rules, page) = (read(RULES), read("docs/operate.md"));
    let sections: BTreeSet<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|it| it.to_lowercase().replace(' ', "-"))
        .collect();
    let urls: Vec<_> = rules.lines().filter_map(|line| line.trim_start().strip_prefix(PAGE)).collect();
    assert_eq!(urls.len(), rules.matches("- alert: ").count(), "each alert has one");
    for section in urls {
        assert!(sections.contains(section), "docs/operate.md has no section #{section}");
    }
}
