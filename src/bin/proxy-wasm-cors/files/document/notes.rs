//! Findings about a configuration, including how its values are read.

use std::collections::BTreeMap;

use proxy_wasm_cors::config::{Finding, Loaded, Severity};

use super::Node;
use super::reader::Note;

impl Node {
    /// Adds to the findings in this configuration how its reader interprets its values.
    pub(crate) fn explain(&self, loaded: &mut Loaded) {
        let mut notes = BTreeMap::new();
        self.walk("", &mut |path, node| {
            notes.extend(node.note.clone().map(|note| (path.to_owned(), note)));
        });
        // A finding in an ambiguous value depends on one of its readings.
        loaded.findings.retain(|finding| !matches!(notes.get(&finding.path), Some(Note::Ambiguous(_))));
        for finding in &mut loaded.findings {
            if let Some(Note::Hint(hint) | Note::OtherNumber(hint)) = notes.remove(&finding.path) {
                finding.message = format!("{} ({hint})", finding.message);
            }
        }
        for (path, note) in notes {
            let (severity, message) = match note {
                Note::Ambiguous(message) => {
                    // What the filter gets is not known.
                    loaded.policies = None;
                    (Severity::Problem, message)
                }
                Note::OtherNumber(message) => (Severity::Warning, message),
                Note::Hint(_) => continue,
            };
            loaded.findings.push(Finding { severity, path, message });
        }
    }
}
