//! What `convert` made of a file.

use std::path::Path;

use proxy_wasm_cors::config;
use serde_json::{Value, json};

use super::binary::{self, repository};
use super::case::{Case, items};
use super::service::Service;
use super::side::Side;
use super::support::native::Native;
use super::support::upstream::Answer;

/// Each lifts a check that a conversion may not pass; a person who follows a note that asks would write one of them.
const SWITCHES: [&str; 5] = [
    "any-origin-with-credentials",
    "insecure-origins-with-credentials",
    "public-suffix-wildcards",
    "null-origin",
    "file-origin",
];

/// A policy with its notes.
pub(crate) struct Converted {
    policy: Option<Value>,
    pub(crate) notes: Vec<Value>,
    code: i32,
    /// What the command said if it converted nothing.
    failed: Option<String>,
}

impl Converted {
    /// Runs the command.
    #[track_caller]
    pub(crate) fn of(case: &Case) -> Self {
        let file = case.file.strip_prefix(repository()).unwrap_or(&case.file);
        let args = ["convert", "--format", "json", file.to_str().expect("the names are ASCII")];
        let ended = binary::run(repository(), &args);
        let printed: Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
        let failed = printed.is_null().then(|| format!("exit code {}: {}", ended.code, ended.stderr));
        let policy = Some(printed["policy"].clone()).filter(|policy| !policy.is_null());
        Self { policy, notes: items(&printed["notes"]).cloned().collect(), code: ended.code, failed }
    }

    /// The policy as a person would have to write it for the filter to take it; `None` where it would do nothing.
    pub(crate) fn accepted(&self) -> Option<Value> {
        let policy = self.policy.clone()?;
        if is_accepted(&policy) { Some(policy) } else { Some(with_switches(policy)) }
    }

    /// The converted policy before a service, without a proxy.
    pub(crate) fn in_the_core(&self) -> Side<'static> {
        let Some(policy) = self.accepted() else {
            return Side::new(|request, service: Service| service.answer(request));
        };
        let core = Native::new(&policy);
        Side::new(move |request, service| {
            let response = service.answer(request);
            let answer = Answer { status: 200, headers: response.head.headers, body: Vec::new() };
            core.send(request, &answer).1
        })
    }

    /// The rules that hold for every conversion and are broken.
    pub(crate) fn broken_rules(&self, case: &Case) -> Vec<String> {
        // Nothing may have been found where nothing is set: then pages must not see a difference.
        let failed = self.failed.iter().filter(|_| self.code != 2);
        let mut broken: Vec<String> = failed.cloned().collect();
        let text = self.policy.as_ref().map(Value::to_string).unwrap_or_default();
        if text.contains("dangerously") {
            broken.push(format!("a switch was written: {text}"));
        }
        let is_refused = self.policy.as_ref().is_some_and(|policy| !is_accepted(policy));
        let code = i32::from(is_refused || self.notes.iter().any(|note| note["kind"] == "ask"));
        if self.policy.is_some() && self.code != code {
            broken.push(format!("exit code: expected {code}, got {}", self.code));
        }
        broken.extend(self.notes.iter().filter_map(|note| misplaced(note, case)));
        broken
    }
}

/// What is wrong with where a note says it is from.
fn misplaced(note: &Value, case: &Case) -> Option<String> {
    let lines = u64::try_from(case.text.lines().count()).expect("no file is so long");
    let is_there = note["line"].as_u64().is_some_and(|line| (1..=lines).contains(&line));
    let is_file = note["file"].as_str().is_some_and(|file| case.file.ends_with(Path::new(file)));
    let kinds = ["same", "changed", "narrower", "wider", "dropped", "ask"];
    let has_kind = note["kind"].as_str().is_some_and(|kind| kinds.contains(&kind));
    let is_said = ["at", "text"].iter().all(|member| note[*member].is_string());
    (!(is_there && is_file && has_kind && is_said)).then(|| format!("this note is not whole: {note}"))
}

/// Whether a note of one of these kinds speaks of a difference. What is to be done with the old setting, or with the new
/// one, is asked of everybody and tells nothing of pages.
pub(crate) fn says(notes: &[Value], kinds: &[&str]) -> bool {
    let is_chore = |note: &&Value| {
        let text = note["text"].as_str().unwrap_or_default().to_ascii_lowercase();
        note["kind"] == "ask" && CHORES.iter().any(|chore| text.starts_with(chore))
    };
    let mut telling = notes.iter().filter(|note| !is_chore(note));
    telling.any(|note| note["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)))
}

/// How notes begin that ask for what has to be done in any case.
const CHORES: [&str; 4] = ["remove ", "goes into ", "a kongplugin says ", "a middleware says "];

fn is_accepted(policy: &Value) -> bool {
    config::load(Some(policy.to_string().as_bytes())).policies.is_some()
}

fn with_switches(mut policy: Value) -> Value {
    match policy.get_mut("policies").and_then(Value::as_array_mut) {
        Some(policies) => {
            policies.iter_mut().for_each(|policy| policy["dangerously_allow"] = json!(SWITCHES))
        }
        None => policy["dangerously_allow"] = json!(SWITCHES),
    }
    policy
}
