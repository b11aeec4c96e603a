//! What `convert` prints.

use proxy_wasm_cors::config::Value;
use serde_json::json;

use crate::Format;
use crate::commands::convert::{ConvertArgs, Shape, manifests, place_of, policy, yaml};
use crate::sources::Conversion;
use crate::sources::draft::Draft;
use crate::sources::note::{Note, NoteKind};
use crate::style::{BAD, DOUBTFUL, GOOD, LABEL, say, styled};

/// A document, and the comments above its lines.
pub(crate) struct Document {
    pub(crate) value: Value,
    /// Places in it, and the comments on them.
    pub(crate) comments: Vec<(String, String)>,
}

/// Prints the policy and the notes.
pub(crate) fn print(args: &ConvertArgs, conversion: &Conversion) {
    let documents = documents(args.shape, conversion);
    match args.format {
        Format::Text => {
            let texts: Vec<String> = documents.iter().map(yaml::to_text).collect();
            if !texts.is_empty() {
                say(texts.join("\n---\n").trim_end());
            }
            conversion.all_notes().iter().for_each(|note| anstream::eprintln!("{}", to_text(args, note)));
        }
        Format::Json => say(&format!("{:#}", json(args, conversion, &documents))),
    }
}

fn documents(shape: Shape, conversion: &Conversion) -> Vec<Document> {
    let Some(value) = policy(&conversion.drafts) else { return Vec::new() };
    let comments = comments(&conversion.drafts, &conversion.notes);
    let whole = Document { value, comments };
    match shape {
        Shape::Policy => vec![whole],
        Shape::Envoy => vec![manifests::envoy(whole)],
        Shape::Istio => vec![manifests::istio(whole, conversion)],
        Shape::EnvoyGateway => manifests::envoy_gateway(conversion),
    }
}

/// The comments on the lines of a configuration.
pub(crate) fn comments(drafts: &[Draft], also: &[Note]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (number, draft) in drafts.iter().enumerate() {
        let here = place_of(drafts, number);
        let own = also.iter().filter(|note| note.file == draft.file && is_of(note, draft));
        for note in draft.notes.iter().chain(own).filter(|note| !note.about.is_empty()) {
            let dot = if here.is_empty() { "" } else { "." };
            all.push((
                format!("{here}{dot}{}", note.about),
                format!("{}: {}", note.kind.as_str(), note.text),
            ));
        }
    }
    all
}

fn is_of(note: &Note, draft: &Draft) -> bool {
    let place = (note.line, note.at.clone());
    place == draft.place || draft.origin_places.contains(&place)
}

fn to_text(args: &ConvertArgs, note: &Note) -> String {
    let style = match note.kind {
        NoteKind::Same | NoteKind::Dropped | NoteKind::Changed => GOOD,
        NoteKind::Narrower => DOUBTFUL,
        NoteKind::Wider | NoteKind::Ask => BAD,
    };
    let at = styled(LABEL, &note.at);
    format!("{}:{}: {}: {at}: {}", file(args, note), note.line, styled(style, note.kind.as_str()), note.text)
}

fn file(args: &ConvertArgs, note: &Note) -> String {
    args.files.get(note.file).map(|file| file.display().to_string()).unwrap_or_default()
}

fn json(args: &ConvertArgs, conversion: &Conversion, documents: &[Document]) -> serde_json::Value {
    let note = |note: &Note| {
        json!({
            "kind": note.kind.as_str(),
            "file": file(args, note),
            "line": note.line,
            "at": note.at,
            "text": note.text,
        })
    };
    let notes: Vec<serde_json::Value> = conversion.all_notes().iter().map(note).collect();
    let policy = policy(&conversion.drafts).as_ref().map(yaml::to_json);
    if args.shape == Shape::Policy {
        return json!({ "policy": policy, "notes": notes });
    }
    let manifests: serde_json::Value =
        documents.iter().map(|document| yaml::to_json(&document.value)).collect();
    json!({ "policy": policy, "notes": notes, "manifests": manifests })
}
