//! The regexes in the rows of `tests/cases`.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

/// All of them, each once, whatever their row is about.
pub(crate) fn regexes() -> BTreeSet<String> {
    let mut regexes = BTreeSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    for entry in fs::read_dir(folder).expect("the cases are there") {
        let path = entry.expect("an entry can be read").path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let text = fs::read_to_string(&path).expect("a file of cases can be read");
            for line in text.lines() {
                collect(&serde_json::from_str(line).expect("a row is JSON"), &mut regexes);
            }
        }
    }
    regexes
}

fn collect(value: &Value, regexes: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            regexes.extend(members.get("regex").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, regexes));
        }
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, regexes)),
        _ => {}
    }
}
