//! Parsing YAML, and JSON, which is YAML too.

use saphyr::{MarkedYaml, ScanError, YamlData, YamlLoader};
use saphyr_parser::Parser;

use super::reader::{Note, Reader};
use super::scalar::Written;
use super::sentences::{not_a_name, not_yaml};
use super::{Data, Node, Unreadable};

/// The key whose map YAML 1.1 merges into the one that it stands in: <https://yaml.org/type/merge.html>.
const MERGE: &str = "<<";

/// Parses all documents of a text as its reader does: the given reader, or the one that the document seems to be made
/// for.
pub(super) fn parse(text: &str, reader: Option<Reader>) -> Result<Vec<Node>, Unreadable> {
    let documents = load(text).map_err(|error| not_yaml(&error, text))?;
    let lines: Vec<&str> = text.lines().collect();
    let node = |(index, document): (usize, &MarkedYaml<'_>)| {
        let reader = reader.unwrap_or_else(|| Reader::of(document));
        let node = Builder { reader, lines: &lines }.node(document)?;
        // Of several documents in a file Envoy reads the first.
        Ok(Node { is_unread: reader == Reader::Envoy && index > 0, ..node })
    };
    documents.iter().enumerate().map(node).collect()
}

/// The scalars as they are written; the readers decide what they are.
fn load(text: &str) -> Result<Vec<MarkedYaml<'_>>, ScanError> {
    let mut loader = YamlLoader::default();
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, true)?;
    match loader.error() {
        Some(error) => Err(error.clone()),
        None => Ok(loader.into_documents()),
    }
}

struct Builder<'a> {
    reader: Reader,
    /// Those of the file.
    lines: &'a [&'a str],
}

impl Builder<'_> {
    fn node(&self, yaml: &MarkedYaml<'_>) -> Result<Node, Unreadable> {
        let line = yaml.span.start.line();
        let data = match &yaml.data {
            YamlData::Sequence(items) => {
                Data::List(items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)
            }
            YamlData::Mapping(_) => Data::Map(self.members(yaml)?),
            YamlData::Tagged(_, inner) => return self.node(inner),
            YamlData::Representation(text, style, tag) => {
                let written = Written { text, style: *style, tag: tag.as_ref() };
                let (value, note) = self.reader.read(&written);
                let text_line = line_of_text(text, line, self.lines);
                return Ok(Node { line, data: Data::Scalar(value), text_line, note, is_unread: false });
            }
            YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => Data::Scalar(super::Value::Null),
        };
        Ok(Node { line, data, text_line: None, note: None, is_unread: false })
    }

    fn members(&self, yaml: &MarkedYaml<'_>) -> Result<Vec<(String, Node)>, Unreadable> {
        let YamlData::Mapping(members) = &yaml.data else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        let mut merged = Vec::new();
        for (key, value) in members {
            let line = key.span.start.line();
            let YamlData::Representation(name, _, tag) = &key.data else {
                return Err(not_a_name(line, self.lines));
            };
            // A member stands where its name does: its value may begin lines below.
            let node = Node { line, ..self.node(value)? };
            let is_ignored = tag.as_ref().is_some_and(|tag| tag.handle == "!" && tag.suffix == "ignore");
            match (self.reader, name.as_ref()) {
                // Envoy's, for what anchors are set in.
                (Reader::Envoy, _) if is_ignored => {}
                (Reader::Kubernetes, MERGE) => merged.extend(members_of(node)),
                (_, MERGE) => all.push((MERGE.to_owned(), with_merge_note(node))),
                _ => all.push((name.to_string(), node)),
            }
        }
        merged.retain(|(name, _)| !all.iter().any(|(own, _)| own == name));
        all.extend(merged);
        Ok(all)
    }
}

fn members_of(node: Node) -> Vec<(String, Node)> {
    match node.data {
        Data::Map(members) => members,
        Data::List(items) => items.into_iter().flat_map(members_of).collect(),
        Data::Scalar(_) => Vec::new(),
    }
}

fn with_merge_note(node: Node) -> Node {
    let hint = "Envoy does not support `<<`; write out the fields";
    Node { note: Some(Note::Hint(hint.to_owned())), ..node }
}

/// The line of the file in which a text begins, if each line of the text is a line of the file. It is not if YAML folds
/// lines, or if the text has `\n` for them.
fn line_of_text(text: &str, first: usize, file: &[&str]) -> Option<usize> {
    let text_begins = text.chars().take_while(|c| *c == '\n').count();
    let rows: Vec<&str> = text.trim_matches('\n').lines().collect();
    let mut below = rows.iter().zip(file.iter().skip(first.saturating_sub(1)));
    let is_line_by_line = rows.len() == 1 || below.all(|(row, line)| line.contains(row.trim()));
    first.checked_sub(text_begins).filter(|_| is_line_by_line)
}
