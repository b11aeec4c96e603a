//! Files as people have them, and beside each the policy that it means, what has to be said, and calls of pages.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::binary::{repository, run};
use crate::support::failures::Failures;

/// What holds for all policies of a file and is said once at its top, in whatever case.
const SAID_ONCE: [(&str, &str); 14] = [
    ("changed", "metadata.annotations"),
    ("changed", "spec.cors"),
    ("ask", "spec.cors"),
    ("ask", "spec.targetRefs"),
    ("changed", "spec.rules[0].filters[0].cors"),
    ("ask", "spec.rules[0].filters[0]"),
    ("changed", "spec.http[0].corsPolicy"),
    ("ask", "spec.http[0].corsPolicy"),
    ("changed", "virtual_hosts[0]"),
    ("changed", "services[0].routes[0].plugins[0].config"),
    ("changed", "http.middlewares.cors.headers"),
    ("narrower", "http.routers.api.rule"),
    ("changed", "plugins.cors"),
    ("wider", "uri"),
];

/// Where a policy in passthrough mode says what none could when the cases were written: the policy, by its place, and
/// the note that it makes superfluous.
fn exception(case: &str) -> Option<(usize, Value, (&'static str, &'static str))> {
    let hooks = json!({
        "name": "hooks",
        "match": { "hosts": ["api.example.com"], "routes": ["hooks"] },
        "mode": "passthrough",
    });
    (case == "envoy/2-levels").then_some((1, hooks, ("ask", "virtual_hosts[0].routes[1]")))
}

/// A file and what is expected of it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    expected: Value,
}

/// All cases of the sources that are read.
pub(crate) fn all() -> Vec<Case> {
    let top = repository().join("tests/cases/convert");
    let mut all = Vec::new();
    for source in entries(&top).into_iter().filter(|path| path.is_dir()) {
        let name = source.file_name().expect("a name").to_string_lossy().into_owned();
        let inputs = entries(&source).into_iter().filter(|path| is_input(path));
        // `tests/conversions.rs` has more files, of which it says itself what they mean.
        all.extend(inputs.filter_map(|file| case(&name, file)));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() >= 16, "{} cases", all.len());
    all
}

fn entries(path: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(path).expect("the cases are there");
    read.map(|entry| entry.expect("an entry").path()).collect()
}

fn is_input(path: &Path) -> bool {
    let name = path.to_string_lossy();
    !name.ends_with(".expected.json") && (name.ends_with(".yaml") || name.ends_with(".json"))
}

fn case(source: &str, file: PathBuf) -> Option<Case> {
    let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
    let expected = fs::read_to_string(file.with_file_name(format!("{stem}.expected.json"))).ok()?;
    let expected = serde_json::from_str(&expected).expect("JSON");
    Some(Case { name: format!("{source}/{stem}"), file, expected })
}

#[test]
fn policies_and_notes_are_as_expected() {
    let mut failures = Failures::new("convert");
    for case in all() {
        let file = case.file.to_str().expect("a path");
        let ended = run(repository(), &["convert", "--format", "json", file]);
        let converted: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        let asks = kinds_and_places(&converted["notes"]).iter().any(|(kind, _)| kind == "ask");
        let mut faults = case.differences(&converted);
        if ended.code != i32::from(asks) {
            faults.push(format!("ended with {}", ended.code));
        }
        failures.row(case.name, faults);
    }
    failures.finish();
}

/// What pages get under the policy, by the browser's algorithms that `explain` has.
#[test]
fn pages_get_what_is_expected() {
    let mut failures = Failures::new("probes");
    for case in all() {
        let file = case.file.to_str().expect("a path");
        let policy =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.yaml", case.name.replace('/', "-")));
        fs::write(&policy, run(repository(), &["convert", file]).stdout).expect("it can be written");
        for probe in case.expected["probes"].as_array().expect("a list") {
            let has_passthrough = exception(&case.name).is_some() && probe["route"] == "hooks";
            let expected = &probe[if has_passthrough { "there" } else { "here" }];
            let got = page(&policy, probe);
            let faults = if got == *expected { Vec::new() } else { vec![format!("{got}, not {expected}")] };
            failures.row(format!("{}: {probe}", case.name), faults);
        }
    }
    failures.finish();
}

/// Whether a page gets the answer; `upstream` if the service decides.
fn page(policy: &Path, probe: &Value) -> Value {
    let mut args = vec!["explain".to_owned(), policy.display().to_string()];
    for name in ["origin", "method", "host", "path", "route"] {
        if let Some(value) = probe[name].as_str() {
            args.extend([format!("--{name}"), value.to_owned()]);
        }
    }
    for header in probe["headers"].as_array().into_iter().flatten() {
        args.extend(["--header".to_owned(), header.as_str().expect("a text").to_owned()]);
    }
    if probe["credentials"] == true {
        args.push("--credentials".to_owned());
    }
    let ended = run(repository(), &args);
    let last = ended.stdout.lines().rfind(|line| line.starts_with("browser"));
    let last = last.unwrap_or_else(|| panic!("no browser in {}{}", ended.stdout, ended.stderr));
    match last {
        _ if last.contains("as the upstream's own headers say") => json!("upstream"),
        _ if last.contains("gives the page the answer") => json!(true),
        _ => json!(false),
    }
}

fn kinds_and_places(notes: &Value) -> Vec<(String, String)> {
    let text = |note: &Value, name: &str| note[name].as_str().expect("a text").to_owned();
    notes.as_array().expect("a list").iter().map(|note| (text(note, "kind"), text(note, "at"))).collect()
}

impl Case {
    fn differences(&self, converted: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let mut policy = self.expected["policy"].clone();
        let mut expected = kinds_and_places(&self.expected["notes"]);
        let exception = exception(&self.name);
        if let Some((place, passthrough, (kind, at))) = exception.clone() {
            policy["policies"].as_array_mut().expect("a list").insert(place, passthrough);
            expected.retain(|note| *note != (kind.to_owned(), at.to_owned()));
        }
        if converted["policy"] != policy {
            faults.push(format!("{}, not {policy}", converted["policy"]));
        }
        let said = kinds_and_places(&converted["notes"]);
        faults.extend(
            expected.iter().filter(|note| !said.contains(note)).map(|it| format!("not said: {it:?}")),
        );
        let is_left_alone = |note: &(String, String)| exception.as_ref().is_some_and(|it| it.2.1 == note.1);
        let is_known = |note: &(String, String)| {
            expected.contains(note)
                || SAID_ONCE.contains(&(note.0.as_str(), note.1.as_str()))
                || (note.0 == "same" && (is_left_alone(note) || note.1 == "spec.cors.allowHeaders"))
        };
        faults.extend(said.iter().filter(|note| !is_known(note)).map(|note| format!("surplus: {note:?}")));
        faults.extend(self.lines(&converted["notes"]));
        faults
    }

    /// Each note names the file and a line of it.
    fn lines(&self, notes: &Value) -> Vec<String> {
        let count = fs::read_to_string(&self.file).expect("the case is there").lines().count();
        let is_line = |note: &&Value| {
            let line = note["line"].as_u64().and_then(|line| usize::try_from(line).ok());
            line.is_none_or(|line| line < 1 || line > count) || note["file"] != json!(self.file)
        };
        notes
            .as_array()
            .expect("a list")
            .iter()
            .filter(is_line)
            .map(|note| format!("no such line: {note}"))
            .collect()
    }
}
