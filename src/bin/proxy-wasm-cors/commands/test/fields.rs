//! The fields of an expectations file, each of its type, and everything that is wrong with them, with its line.

use proxy_wasm_cors::config::Value;

use crate::files::document::Node;

/// A map of fields, with only the known ones.
pub(super) struct Fields<'a> {
    node: &'a Node,
    /// Its path, as messages write it.
    at: String,
}

/// What is wrong with a file.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

/// What is wrong, and in which line.
pub(super) struct Fault {
    /// `None` if it is the file.
    pub(super) line: Option<usize>,
    pub(super) text: String,
}

impl Faults {
    pub(super) fn add(&mut self, line: usize, at: &str, message: &str) {
        self.0.push(Fault { line: Some(line), text: format!("{at}: {message}") });
    }
}

impl<'a> Fields<'a> {
    /// Reads a map, which may have only these fields.
    pub(super) fn read(node: &'a Node, at: &str, known: &[&str], faults: &mut Faults) -> Option<Self> {
        if !node.is_map() {
            let place = if at.is_empty() { "(whole)" } else { at };
            faults.add(
                node.line,
                place,
                &format!("is {}; write the fields `{}`", node.to_value(), known.join("`, `")),
            );
            return None;
        }
        let fields = Self { node, at: at.to_owned() };
        for (name, member) in node.members().filter(|(name, _)| !known.contains(name)) {
            let name = name.escape_debug().to_string();
            let message = format!("`{name}` is not a known field; {}", guess(&name, known));
            faults.add(member.line, &fields.place(&name), &message);
        }
        Some(fields)
    }

    /// The path of a field.
    pub(super) fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// A field, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        self.node.get(&[name])
    }

    /// A field that has to be there.
    pub(super) fn needed(&self, name: &str, example: &str, faults: &mut Faults) -> Option<&'a Node> {
        let node = self.get(name);
        if node.is_none() {
            faults.add(
                self.node.line,
                &self.place(name),
                &format!("is missing; write it, as in `{name}: {example}`"),
            );
        }
        node
    }

    /// A text that is parsed.
    pub(super) fn text<T>(
        &self,
        name: &str,
        example: &str,
        read: impl Fn(&str) -> Result<T, String>,
        faults: &mut Faults,
    ) -> Option<T> {
        let node = self.get(name)?;
        text(node, &self.place(name), example, read, faults)
    }

    /// `true` or `false`; absent it is `false`.
    pub(super) fn flag(&self, name: &str, faults: &mut Faults) -> bool {
        match self.get(name).map(|node| (node, node.to_value())) {
            None => false,
            Some((_, Value::Bool(flag))) => flag,
            Some((node, value)) => {
                let message = format!("is {value}; write `true` or `false`, without quotes");
                faults.add(node.line, &self.place(name), &message);
                false
            }
        }
    }

    /// The items of a list, each with its path; absent it is empty.
    pub(super) fn items(&self, name: &str, example: &str, faults: &mut Faults) -> Vec<(String, &'a Node)> {
        let Some(node) = self.get(name) else { return Vec::new() };
        if !matches!(node.to_value(), Value::List(_)) {
            let message = format!("is {}; write a list, such as `{example}`", node.to_value());
            faults.add(node.line, &self.place(name), &message);
            return Vec::new();
        }
        let place = self.place(name);
        node.children().into_iter().enumerate().map(|(at, item)| (format!("{place}[{at}]"), item)).collect()
    }
}

/// What a reader makes of a text.
pub(super) fn text<T>(
    node: &Node,
    at: &str,
    example: &str,
    read: impl Fn(&str) -> Result<T, String>,
    faults: &mut Faults,
) -> Option<T> {
    let Some(text) = node.text() else {
        faults.add(node.line, at, &format!("is {}; write a text, such as `{example}`", node.to_value()));
        return None;
    };
    match read(text) {
        Ok(value) => Some(value),
        Err(message) => {
            faults.add(node.line, at, &format!("`{}`: {message}", text.escape_debug()));
            None
        }
    }
}

/// What a name was probably meant to be.
pub(super) fn guess(name: &str, known: &[&str]) -> String {
    /// As similar as names that differ in a letter or two.
    const NEAR: f64 = 0.6;
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&name.to_ascii_lowercase(), known);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|nearest| likeness(nearest) >= NEAR) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("write one of `{}`", known.join("`, `")),
    }
}
