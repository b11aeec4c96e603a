//! The configuration: any bytes give policies or problems that a log can show, and JSON text and Struct mean the same.

use proxy_wasm_cors::config::{self, Finding, Loaded};
use proxy_wasm_cors::policy::Policy;
use proxy_wasm_cors::policy::set::PolicySet;
use serde_json::Value;

use super::request::Request;
use super::structpb;
use super::told::Told;

/// The longest line that a finding may take in a log, in bytes.
const MAX_LINE_BYTES: usize = 2048;

/// Holds the bytes as a configuration.
pub fn check(input: &[u8]) {
    let loaded = config::load(Some(input));
    assert!(loaded.policies.is_some() || loaded.problems() > 0, "refused without a word");
    if let Some(policies) = loaded.policies.as_ref().filter(|_| loaded.problems() > 0) {
        check_stand_in(policies);
    }
    loaded.findings.iter().for_each(check_line);
    assert_eq!(loaded.findings, config::load(Some(input)).findings, "a second look finds something else");
    if let Ok(value) = serde_json::from_slice(input) {
        check_alike(&value);
    }
}

/// What stands in for a configuration that is refused, because it says so itself, allows no one.
fn check_stand_in(policies: &PolicySet) {
    assert_eq!(policies.policies().map(Policy::name).collect::<Vec<_>>(), ["default"]);
    let request = Request::default().with("origin", Some(b"https://a.example"));
    let told = Told::of(&policies.decide(&request).decision);
    assert_eq!((told.verdict.as_str(), &told.reply), ("denied:config-invalid", &None));
    assert!(told.headers.iter().all(|(name, value)| value.is_none() || name == "proxy-status"), "{told:?}");
}

/// `config: <path>: <what is wrong>; <what to write instead>`
fn check_line(finding: &Finding) {
    let line = finding.to_string();
    assert!(!line.chars().any(char::is_control), "a character of control is in {line:?}");
    assert!(line.len() <= MAX_LINE_BYTES, "{} bytes: {line}", line.len());
    let (wrong, instead) = finding.message.split_once("; ").unwrap_or_default();
    assert!(!finding.path.is_empty() && !wrong.is_empty() && !instead.is_empty(), "no advice: {line}");
}

/// Holds a tree that is written as JSON text against the same one that another encoder made a Struct of.
pub fn check_alike(value: &Value) {
    let text = value.to_string();
    // From the very text, so that both forms hold the numbers that a reader of it sees.
    let Ok(Value::Object(members)) = serde_json::from_str(&text) else { return };
    if members.is_empty() {
        return; // as a Struct no bytes at all
    }
    let from_text = config::load(Some(text.as_bytes()));
    let from_struct = config::load(Some(&structpb::encode(members)));
    assert_eq!(from_text.findings, from_struct.findings, "{text}");
}

/// Whether the bytes were read as a tree, whatever it then meant.
pub fn is_read(loaded: &Loaded) -> bool {
    const UNREAD: [&str; 3] = ["there is no configuration", "is neither JSON", "is not JSON ("];
    !loaded.findings.iter().any(|finding| UNREAD.iter().any(|start| finding.message.starts_with(start)))
}
