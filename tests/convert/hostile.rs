//! Whatever a file contains, the command ends by itself, reports it with its place, and writes no switch.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::binary::{repository, run};
use crate::cases;
use crate::support::failures::Failures;
use crate::support::yaml;

#[test]
fn any_value_may_stand_anywhere() {
    let mut failures = Failures::new("mutations");
    for case in cases::all() {
        let text = fs::read_to_string(&case.file).expect("the case is there");
        let document = yaml::document(&text);
        for (place, changed) in mutations(&document) {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutated.json");
            fs::write(&file, changed.to_string()).expect("it can be written");
            let ended = run(repository(), &["convert", "--format", "json", &file.display().to_string()]);
            failures.row(format!("{}: {place}", case.name), faults(&ended.stdout, ended.code, &ended.stderr));
        }
    }
    failures.finish();
}

fn faults(stdout: &str, code: i32, stderr: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !(0..=2).contains(&code) || stderr.contains("panicked") {
        faults.push(format!("ended with {code}: {stderr}"));
    }
    if stdout.contains("dangerously_allow\":") {
        faults.push("wrote a switch".to_owned());
    }
    let is_object = serde_json::from_str::<Value>(stdout).is_ok_and(|value| value.is_object());
    if code != 2 && !is_object {
        faults.push(format!("printed {stdout}"));
    }
    faults
}

/// The document with each node in turn replaced by values of every type, or taken out.
fn mutations(document: &Value) -> Vec<(String, Value)> {
    let others =
        [json!(null), json!(true), json!(-1.5), json!("(?=x"), json!("*"), json!([[]]), json!({ "x": {} })];
    let mut all = Vec::new();
    for pointer in pointers(document) {
        for other in &others {
            let mut changed = document.clone();
            *changed.pointer_mut(&pointer).expect("it is there") = other.clone();
            all.push((format!("{pointer} = {other}"), changed));
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
        let mut changed = document.clone();
        if let Some(members) = changed.pointer_mut(parent).and_then(Value::as_object_mut) {
            members.remove(&name.replace("~1", "/"));
            all.push((format!("without {pointer}"), changed));
        }
    }
    all
}

fn pointers(value: &Value) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.replace('/', "~1"), value)).collect()
        }
        _ => Vec::new(),
    };
    let deeper = |(name, value): (String, &Value)| {
        let own = format!("/{name}");
        let deeper = pointers(value).into_iter().map(|below| format!("{own}{below}")).collect::<Vec<_>>();
        [vec![own.clone()], deeper].concat()
    };
    below.into_iter().flat_map(deeper).collect()
}
