//! `convert`: a policy made from the CORS settings of another product, and how its meaning differs.

mod manifests;
mod output;
mod yaml;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use proxy_wasm_cors::config::{Finding, Severity, Value, load_tree};

use crate::Format;
use crate::files::document::{self, Node, Unreadable};
use crate::sources::draft::{Draft, Standing};
use crate::sources::note::{Note, NoteKind};
use crate::sources::{Conversion, Kind};
use crate::style::{BAD, styled};

/// What to convert, and into what.
#[derive(Args)]
pub(crate) struct ConvertArgs {
    /// The files, or `-` for standard input; all become one configuration
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read only the settings of this product; otherwise the product is recognized by the file
    #[arg(long, value_name = "KIND")]
    from: Option<Kind>,
    /// What to write
    #[arg(long = "as", value_name = "SHAPE", default_value = "policy")]
    shape: Shape,
    /// How to print it
    #[arg(long, default_value = "text")]
    format: Format,
}

/// What the policy is written as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// The policy alone
    Policy,
    /// The entry of `http_filters` of an Envoy listener
    Envoy,
    /// A WasmPlugin
    Istio,
    /// An EnvoyExtensionPolicy
    EnvoyGateway,
}

/// The exit code if there is nothing to convert.
const NOTHING: u8 = 2;

/// Converts files and prints the policy and the notes.
pub(crate) fn run(args: &ConvertArgs) -> ExitCode {
    let mut conversion = Conversion::default();
    for (number, file) in args.files.iter().enumerate() {
        match read(file) {
            Ok(documents) => conversion.read(number, &documents, args.from),
            Err(Unreadable { line, message }) => {
                let line = line.map(|line| format!(":{line}")).unwrap_or_default();
                anstream::eprintln!("{}{line}: {}: {message}", file.display(), styled(BAD, "problem"));
                return ExitCode::from(NOTHING);
            }
        }
    }
    if !conversion.is_found {
        let files: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
        anstream::eprintln!("{}: {}", files.join(", "), nothing(args.from));
        return ExitCode::from(NOTHING);
    }
    conversion.finish();
    ask_about_problems(&mut conversion);
    output::print(args, &conversion);
    let asks = conversion.all_notes().iter().any(|note| note.kind == NoteKind::Ask);
    if asks { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn nothing(kind: Option<Kind>) -> String {
    let name =
        |kind: &Kind| kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    match kind {
        Some(kind) => format!("holds no CORS settings of `{}`", name(&kind)),
        None => {
            let all: Vec<String> = Kind::value_variants().iter().map(name).collect();
            format!("contains no CORS settings of a known product: {}", all.join(", "))
        }
    }
}

fn read(file: &Path) -> Result<Vec<Node>, Unreadable> {
    if file != Path::new("-") {
        return document::read(file);
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Unreadable { line: None, message: format!("cannot be read: {error}") })?;
    document::read_text(&text, false)
}

/// A person has to decide about what `check` refuses.
fn ask_about_problems(conversion: &mut Conversion) {
    let Some(policy) = policy(&conversion.drafts) else { return };
    for finding in load_tree(&policy).findings {
        let draft = draft_of(&finding, &conversion.drafts);
        let Some(draft) = draft.filter(|_| finding.severity == Severity::Problem) else { continue };
        let place = place_in_draft(&finding.path);
        if !is_asked(draft, place) {
            let note = problem(draft, place, &finding);
            conversion.notes.push(note);
        }
    }
}

fn draft_of<'a>(finding: &Finding, drafts: &'a [Draft]) -> Option<&'a Draft> {
    let number = finding.path.strip_prefix("policies[").and_then(|rest| rest.split_once(']'));
    match number {
        Some((number, _)) => drafts.get(number.parse::<usize>().ok()?),
        None => drafts.first(),
    }
}

/// The part of a finding's path that is below the policy.
fn place_in_draft(path: &str) -> &str {
    let below = path.strip_prefix("policies[").and_then(|rest| rest.split_once(']'));
    below.map_or(path, |(_, rest)| rest.trim_start_matches('.'))
}

fn is_asked(draft: &Draft, place: &str) -> bool {
    let is_about = |about: &str| about == place || (about == "allow_origins" && place == "allow_origins[0]");
    draft
        .notes
        .iter()
        .any(|note| note.kind == NoteKind::Ask && (is_about(&note.about) || is_field_of(&note.about, place)))
}

/// A problem with credentials belongs to the origins that get them.
fn is_field_of(about: &str, place: &str) -> bool {
    place == "allow_credentials" && about.starts_with("allow_origins")
}

fn problem(draft: &Draft, place: &str, finding: &Finding) -> Note {
    let number = place.strip_prefix("allow_origins[").and_then(|rest| rest.split(']').next());
    let number = number.and_then(|number| number.parse::<usize>().ok());
    let text = format!("`check` refuses it: {}", finding.message);
    let note = draft.note_here(NoteKind::Ask, text).about(place);
    match number.and_then(|number| draft.origin_places.get(number)) {
        Some((line, at)) => Note { line: *line, at: at.clone(), ..note },
        None => note,
    }
}

/// The configuration that the drafts make; `None` if nobody is allowed anything.
pub(crate) fn policy(drafts: &[Draft]) -> Option<Value> {
    match drafts {
        [] => None,
        [one] if one.standing == Standing::Alone => Some(one.to_value(Some(&one.name))),
        [one] if one.standing == Standing::AloneUnnamed => Some(one.to_value(None)),
        several => {
            let policies = several.iter().map(|draft| draft.to_value(Some(&draft.name))).collect();
            Some(Value::Object(vec![("policies".to_owned(), Value::List(policies))]))
        }
    }
}

/// Where in a configuration the policy of a draft is.
pub(crate) fn place_of(drafts: &[Draft], number: usize) -> String {
    let is_list = policy(drafts).is_some_and(|policy| {
        matches!(&policy, Value::Object(members) if members.iter().any(|(name, _)| name == "policies"))
    });
    if is_list { format!("policies[{number}]") } else { String::new() }
}
