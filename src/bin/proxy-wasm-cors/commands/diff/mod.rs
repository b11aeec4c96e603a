//! `diff`: what changes for pages from one configuration to another.

mod changes;
mod coverage;
mod json;
mod outcomes;
mod regexes;
mod samples;
mod settings;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use proxy_wasm_cors::config::{ON_INVALID, Value, member};

use super::check;
use super::explain::unusable_text;
use crate::files::in_force::InForce;
use crate::style::say;
use crate::{DiffArgs, Format};
use changes::Change;
use outcomes::Turned;
use settings::Settings;

/// The exit code if one of the two cannot be read or is refused.
const UNREADABLE: u8 = 2;

/// Two configurations and the differences between them.
struct Difference {
    /// The old one and the new one.
    files: [PathBuf; 2],
    fingerprints: [String; 2],
    policies: Vec<Change>,
    /// The policies that both have, if their order changed.
    order: Option<(Vec<String>, Vec<String>)>,
    /// What happens to a configuration with problems, if that changed.
    on_invalid: Option<(String, String)>,
    calls: Vec<Turned>,
    /// How many more calls turn out differently.
    more: usize,
}

/// Compares two configurations; ends with 1 if something changes, and with 2 if one of them cannot be read or is refused.
pub(crate) fn run(args: &DiffArgs) -> ExitCode {
    let load = |file: &Path| load(file, args.filter.as_deref()).map_err(|text| anstream::eprintln!("{text}"));
    let (Ok(old), Ok(new)) = (load(&args.old), load(&args.new)) else { return ExitCode::from(UNREADABLE) };
    let difference = Difference::of([args.old.clone(), args.new.clone()], &old, &new);
    match args.format {
        Format::Text => say(&text::of(&difference)),
        Format::Json => say(&format!("{:#}", json::of(&difference))),
    }
    if difference.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn load(file: &Path, filter: Option<&str>) -> Result<InForce, String> {
    let in_force = InForce::load(file, filter).map_err(|unusable| unusable_text(file, unusable))?;
    if in_force.is_stand_in { Err(check::text_of(file)) } else { Ok(in_force) }
}

impl Difference {
    fn of(files: [PathBuf; 2], old: &InForce, new: &InForce) -> Self {
        let named = [settings::policies(&old.tree), settings::policies(&new.tree)];
        let unnamed =
            |all: &[(String, Settings)]| -> Vec<Settings> { all.iter().map(|(_, it)| it.clone()).collect() };
        let [before, now] = &named;
        let (calls, more) = outcomes::turned((old, &unnamed(before)), (new, &unnamed(now)));
        let fingerprint = |it: &InForce| it.fingerprint.map(|it| it.to_string()).unwrap_or_default();
        Self {
            files,
            fingerprints: [fingerprint(old), fingerprint(new)],
            policies: changes::changes(before, now),
            order: changes::order(before, now),
            on_invalid: on_invalid(&old.tree, &new.tree),
            calls,
            more,
        }
    }

    fn is_none(&self) -> bool {
        self.policies.iter().all(Change::is_none)
            && self.order.is_none()
            && self.on_invalid.is_none()
            && self.calls.is_empty()
    }
}

fn on_invalid(old: &Value, new: &Value) -> Option<(String, String)> {
    let value = |tree| match member(tree, ON_INVALID) {
        Some(Value::Text(text)) => text.clone(),
        _ => "reject".to_owned(),
    };
    let (old, new) = (value(old), value(new));
    (old != new).then_some((old, new))
}
