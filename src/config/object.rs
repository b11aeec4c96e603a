//! Reading the members of an object: known names in either case style, none twice, none unknown.

use super::finding::{Findings, Path};
use super::nearest::guess;
use super::value::{Quoted, Value};
use super::written::{Written, items};

/// The field of the whole configuration that says what becomes of one with problems.
pub const ON_INVALID: &str = "on_invalid";

/// From this number of problems on, nothing is guessed about other names.
const MAX_GUESSES: usize = 100;

/// An object whose known members are taken one by one.
pub struct Object<'a> {
    members: &'a [(String, Value)],
    path: Path<'a>,
    known: &'a [&'static str],
}

impl<'a> Object<'a> {
    /// Reads an object, with a problem for each member that is not among `known` and for each that comes twice.
    /// `known` are in `snake_case`; `camelCase` is accepted too.
    ///
    /// `None`, with a problem, if the value is not an object.
    pub fn read(
        value: &'a Value,
        path: Path<'a>,
        known: &'a [&'static str],
        findings: &mut Findings,
    ) -> Option<Self> {
        let Value::Object(members) = value else {
            let example = known.first().unwrap_or(&"");
            findings
                .problem(&path, format_args!("is {value}; write an object with fields, such as `{example}`"));
            return None;
        };
        let object = Self { members, path, known };
        object.check_names(findings);
        Some(object)
    }

    fn check_names(&self, findings: &mut Findings) {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for (name, _) in self.members {
            let path = self.path.field(name);
            let Some(known) = self.known.iter().find(|known| is_name_of(name, known)) else {
                let guess = match is_name_of(name, ON_INVALID) {
                    true => " here; write it at the top, beside `policies`".to_owned(),
                    // Comparing names takes time, which must not add up when there are many.
                    false if findings.problems() < MAX_GUESSES => format!("; {}", self.guess(name)),
                    false => "; remove it".to_owned(),
                };
                findings.problem(&path, format_args!("{} is not a known field{guess}", Quoted(name)));
                continue;
            };
            match seen.iter().find(|(before, _)| before == known) {
                None => seen.push((known, name)),
                Some((_, before)) => {
                    let before = Quoted(before);
                    findings.problem(
                        &path,
                        format_args!("is given twice, first as {before}; keep one of the two"),
                    );
                }
            }
        }
    }

    /// What an unknown name was probably meant to be, in its own case style.
    fn guess(&self, name: &str) -> String {
        let is_camel = name.bytes().any(|b| b.is_ascii_uppercase());
        let known =
            self.known.iter().map(|known| if is_camel { camel_case(known) } else { (*known).to_owned() });
        let known: Vec<String> = known.collect();
        guess(name, &known.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The place of a member, as it is written or, if it is missing, as it would be.
    #[must_use]
    pub fn place(&self, name: &'static str) -> Path<'_> {
        self.path.field(self.get(name).map_or(name, |(written, _)| written))
    }

    /// A known member as its name is written, and its value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&'a str, &'a Value)> {
        self.members
            .iter()
            .find(|(written, _)| is_name_of(written, name))
            .map(|(written, value)| (written.as_str(), value))
    }

    /// Reports that a member is not what it should be.
    pub fn wrong_type(&self, name: &'static str, expected: &str, findings: &mut Findings) {
        if let Some((written, value)) = self.get(name) {
            findings.problem(&self.path.field(written), format_args!("is {value}; write {expected}"));
        }
    }

    /// A member that is `true` or `false`. An absent or wrong one is `false`; a wrong one is also a problem.
    pub fn flag(&self, name: &'static str, findings: &mut Findings) -> bool {
        match self.get(name) {
            None => false,
            Some((_, Value::Bool(flag))) => *flag,
            Some(_) => {
                self.wrong_type(name, "`true` or `false`, without quotes", findings);
                false
            }
        }
    }

    /// A member that is a text. An absent or wrong one is `None`; a wrong one is also a problem.
    pub fn text(&self, name: &'static str, expected: &str, findings: &mut Findings) -> Option<&'a str> {
        match self.get(name)? {
            (_, Value::Text(text)) => Some(text),
            _ => {
                self.wrong_type(name, expected, findings);
                None
            }
        }
    }

    /// A member that is a list. An absent or wrong one is empty; a wrong one is also a problem.
    pub fn list(&self, name: &'static str, example: &str, findings: &mut Findings) -> &'a [Value] {
        match self.get(name) {
            None => &[],
            Some((_, Value::List(items))) => items,
            Some((_, value)) => {
                self.wrong_type(name, &as_list(name, value, example), findings);
                &[]
            }
        }
    }

    /// The texts of a member that is a list of texts, each with its place in the list. Everything else in it is a
    /// problem.
    pub fn texts(&self, name: &'static str, example: &str, findings: &mut Findings) -> Vec<(usize, &'a str)> {
        let place = self.place(name);
        let items = self.list(name, example, findings).iter().enumerate();
        items
            .filter_map(|(at, item)| match item {
                Value::Text(text) => Some((at, text.as_str())),
                other => {
                    findings.problem(
                        &place.item(at),
                        format_args!("is {other}; write a text, as in `{example}`"),
                    );
                    None
                }
            })
            .collect()
    }
}

/// The list that a text was meant to be, if it is one.
fn as_list(name: &str, value: &Value, example: &str) -> String {
    let items = match value {
        // Only a route may have a space in its name.
        Value::Text(text) if name == "routes" => vec![text.as_str()],
        Value::Text(text) => items(text),
        _ => Vec::new(),
    };
    match items.is_empty() {
        true => format!("a list, such as `{example}`"),
        false => format!("the list {}", Written(&items)),
    }
}

/// Whether a written name is the known one, in `snake_case` or in `camelCase`.
#[must_use]
pub fn is_name_of(written: &str, known: &str) -> bool {
    written == known || written == camel_case(known)
}

/// The first member with this name in either style, if the value is an object.
#[must_use]
pub fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Object(members) = value else { return None };
    members.iter().find(|(written, _)| is_name_of(written, name)).map(|(_, value)| value)
}

/// A name in `camelCase`.
#[must_use]
pub fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for (at, word) in name.split('_').enumerate() {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|c| if at == 0 { c } else { c.to_ascii_uppercase() }));
        camel.extend(letters);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings_of(json: &str) -> Vec<String> {
        let value: Value = serde_json::from_str(json).unwrap();
        let mut findings = Findings::default();
        let object = Object::read(&value, Path::Root, &["max_age", "allow_origins", "name"], &mut findings);
        if let Some(object) = object {
            object.flag("name", &mut findings);
            object.texts("allow_origins", "[\"https://a.example\"]", &mut findings);
        }
        findings.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_case_styles_are_one_name() {
        assert!(is_name_of("allow_origins", "allow_origins") && is_name_of("allowOrigins", "allow_origins"));
        assert!(!is_name_of("AllowOrigins", "allow_origins") && !is_name_of("alloworigins", "allow_origins"));
        assert!(findings_of(r#"{"maxAge":1,"allowOrigins":[]}"#).is_empty());
    }

    #[test]
    fn unknown_repeated_and_wrong_members() {
        assert_eq!(
            findings_of("[]"),
            ["config: (whole): is a list; write an object with fields, such as `max_age`"]
        );
        assert_eq!(
            findings_of(r#"{"max_agee":1,"maxAge":1,"max_age":2,"name":"x","allowOrigins":["a",1]}"#),
            [
                "config: max_agee: `max_agee` is not a known field; did you mean `max_age`?",
                "config: max_age: is given twice, first as `maxAge`; keep one of the two",
                "config: name: is the text `x`; write `true` or `false`, without quotes",
                "config: allowOrigins[1]: is the number `1`; write a text, as in `[\"https://a.example\"]`",
            ]
        );
        assert_eq!(
            findings_of("{\"a\\nb\":1}"),
            ["config: a\\nb: `a\\nb` is not a known field; write one of `name`, `max_age`, `allow_origins`"]
        );
        assert_eq!(
            findings_of(r#"{"":1}"#),
            ["config: (empty): `` is not a known field; write one of `name`, `max_age`, `allow_origins`"]
        );
        assert_eq!(
            findings_of(r#"{"maxAges":1}"#),
            ["config: maxAges: `maxAges` is not a known field; did you mean `maxAge`?"]
        );
    }
}
