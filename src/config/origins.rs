//! `allow_origins`: who may read responses.

use super::finding::{Findings, Path};
use super::guard::Guard;
use super::object::Object;
use super::partial;
use super::value::{Quoted, Value};
use super::written::as_entries;
use crate::origin::advice::suggestion;
use crate::origin::numbering::Numbering;
use crate::origin::pattern::{OriginPattern, PatternError};
use crate::origin::regex::OriginRegex;
use crate::origin::regex::dfa::{Tables, TooLarge};
use crate::origin::regex::syntax::Node;
use crate::policy::allow_origin::{AllowOrigin, ListedOrigins};

/// From this number of regexes on, the advice is to write patterns.
const MANY_REGEXES: usize = 100;

const EXAMPLE: &str = "[\"https://app.example.com\"]";

/// Reads `allow_origins`, which may be missing where `is_needed` is false.
pub fn read(object: &Object<'_>, guard: &Guard<'_>, is_needed: bool, findings: &mut Findings) -> AllowOrigin {
    let place = object.place("allow_origins");
    let items = object.list("allow_origins", EXAMPLE, findings);
    match object.get("allow_origins") {
        None if !is_needed => {}
        None => findings
            .problem(&place, format_args!("is missing; write who may read responses, such as `{EXAMPLE}`")),
        Some((_, Value::List(list))) if list.is_empty() && is_needed => {
            findings.problem(
                &place,
                format_args!("is empty, which allows no one; write `{EXAMPLE}`, or remove the filter"),
            );
        }
        Some(_) => {}
    }
    let mut reader =
        Reader { guard, findings, listed: ListedOrigins::default(), regexes: Regexes::default(), any: false };
    let is_any_alone = items.iter().all(|item| text_of(item) == Some("*"));
    for (at, item) in items.iter().enumerate() {
        reader.entry(&place.item(at), item, is_any_alone);
    }
    reader.compile_regexes(&place);
    match (reader.any, guard.allow_credentials) {
        (true, false) => AllowOrigin::Any,
        (true, true) => AllowOrigin::AnyWithCredentials,
        (false, _) => AllowOrigin::Listed(reader.listed.into()),
    }
}

struct Reader<'a> {
    guard: &'a Guard<'a>,
    findings: &'a mut Findings,
    listed: ListedOrigins,
    regexes: Regexes,
    any: bool,
}

impl Reader<'_> {
    fn entry(&mut self, path: &Path<'_>, item: &Value, is_any_alone: bool) {
        match (text_of(item), item) {
            (Some("*"), _) => self.any(path, is_any_alone),
            (Some(text @ "null"), _) => {
                self.switched(path, text, self.guard.danger_of_null(), |listed| &mut listed.null);
            }
            (Some(text @ "file://"), _) => {
                self.switched(path, text, self.guard.danger_of_file(), |listed| &mut listed.file);
            }
            (Some(text @ "same-site"), _) => self.switched(path, text, None, |listed| &mut listed.same_site),
            (Some(text), _) => match remedy_of_word(text) {
                Some(remedy) => {
                    self.findings.problem(path, format_args!("{} is not an origin; {remedy}", Quoted(text)));
                }
                None => self.pattern(path, text),
            },
            (None, Value::Object(members)) => self.object(path, members),
            (None, other) => self.findings.problem(
                path,
                format_args!("is {other}; write an origin, such as `\"https://app.example.com\"`"),
            ),
        }
    }

    fn any(&mut self, path: &Path<'_>, is_alone: bool) {
        let danger = self.guard.danger_of_any();
        match (is_alone, danger) {
            (false, danger) => self.findings.problem(
                path,
                format_args!(
                    "`*` stands beside other origins, which it makes meaningless; remove it, or all others{}",
                    even_so(danger)
                ),
            ),
            (true, Some(danger)) => self.findings.problem(path, danger),
            (true, None) if std::mem::replace(&mut self.any, true) => self.repeated(path, "*"),
            (true, None) => {}
        }
    }

    /// An origin that has a name of its own, such as `null`, and is allowed unless something speaks against it.
    fn switched(
        &mut self,
        path: &Path<'_>,
        text: &str,
        danger: Option<String>,
        allowed: fn(&mut ListedOrigins) -> &mut bool,
    ) {
        if let Some(danger) = danger {
            self.findings.problem(path, danger);
        } else if std::mem::replace(allowed(&mut self.listed), true) {
            self.repeated(path, text);
        }
    }

    fn pattern(&mut self, path: &Path<'_>, text: &str) {
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                let remedy = match error {
                    PatternError::Several => as_entries(text),
                    _ => error.remedy(text),
                };
                let danger = even_so(self.danger_of_advice(path, suggestion(text)));
                return self
                    .findings
                    .problem(path, format_args!("{} {error}; {remedy}{danger}", Quoted(text)));
            }
        };
        self.guard.check_pattern(path, &pattern, self.findings);
        if !self.listed.set.insert(&pattern) {
            self.repeated(path, text);
        }
    }

    /// What is advised may itself be dangerous, and the operator should hear everything at once.
    fn danger_of_advice(&self, path: &Path<'_>, advice: Option<String>) -> Vec<String> {
        let mut findings = Findings::default();
        if let Some(pattern) = advice.as_deref().and_then(|advice| OriginPattern::parse(advice).ok()) {
            self.guard.check_pattern(path, &pattern, &mut findings);
        }
        findings.into_vec().into_iter().map(|finding| finding.message).collect()
    }

    fn object(&mut self, path: &Path<'_>, members: &[(String, Value)]) {
        match members {
            [(kind, Value::Text(text))] if kind == "regex" => self.regex(path, text),
            [(kind, value)] if partial::KINDS.contains(&kind.as_str()) => self.partial(path, kind, value),
            [(kind, other)] if matches!(kind.as_str(), "exact" | "regex") => {
                self.findings.problem(path, format_args!("`{kind}` is {other}; write a text"));
            }
            _ => self.findings.problem(
                path,
                "is an object that does not name an origin; write a text, or one of `{\"exact\": \"https://app.example.com\"}` and `{\"regex\": \"https://app-[0-9]+\\\\.example\\\\.com\"}`",
            ),
        }
    }

    fn partial(&mut self, path: &Path<'_>, kind: &str, value: &Value) {
        let text = match value {
            Value::Text(text) => text.as_str(),
            _ => "no text",
        };
        if partial::means_every_origin(text) {
            let danger = even_so(self.guard.danger_of_any());
            let message =
                format_args!("`{{\"{kind}\": \"{text}\"}}` means every origin; write `[\"*\"]`{danger}");
            return self.findings.problem(path, message);
        }
        let (example, stranger) = partial::stranger(kind, text);
        let meant = partial::meant(kind, text);
        let remedy = match &meant {
            Some(pattern) => format!("`{pattern}`"),
            None => "a pattern such as `https://*.example.com`".to_owned(),
        };
        let danger = even_so(self.danger_of_advice(path, meant));
        self.findings.problem(
            path,
            format_args!(
                "`{kind}` also matches origins of others: with {} it matches {}; write {remedy}{danger}",
                Quoted(&example),
                Quoted(&stranger)
            ),
        );
    }

    fn regex(&mut self, path: &Path<'_>, source: &str) {
        if !self.regexes.sources.set(source.as_bytes(), 0) {
            return self.repeated(path, source);
        }
        match OriginRegex::read(source) {
            Err(error) => self.findings.problem(path, format_args!("{} {error}", Quoted(source))),
            Ok(regex) => {
                self.guard.check_regex(path, source, &regex, self.findings);
                self.regexes.nodes.push(regex.into_node());
            }
        }
    }

    /// All together: the cost of a request does not depend on their number, so the limit is on their total size.
    fn compile_regexes(&mut self, place: &Path<'_>) {
        let count = self.regexes.nodes.len();
        if count >= MANY_REGEXES {
            self.findings.warning(
                place,
                format_args!("has {count} regexes; write patterns such as `https://*.tenant.example.com` where you can: they load faster"),
            );
        }
        match Tables::new(&self.regexes.nodes) {
            Ok(tables) => self.listed.set.set_regexes(tables, self.guard.needs_protection()),
            Err(TooLarge) => self.findings.problem(
                place,
                "has regexes that are too complex together; write fewer or simpler ones, or patterns",
            ),
        }
    }

    fn repeated(&mut self, path: &Path<'_>, text: &str) {
        self.findings.warning(path, format_args!("{} is there twice; remove one", Quoted(text)));
    }
}

/// The regexes of a policy.
#[derive(Default)]
struct Regexes {
    sources: Numbering,
    nodes: Vec<Node>,
}

/// What to write instead of a word that other products use for origins.
fn remedy_of_word(text: &str) -> Option<&'static str> {
    if text.contains('.') {
        return None;
    }
    let letters = text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase());
    match letters.collect::<String>().as_str() {
        "samesite" => Some("write `same-site`"),
        "self" | "sameorigin" => Some("remove it, as pages of the API's own origin need no CORS"),
        _ => None,
    }
}

/// The text of an entry that is one, `{"exact": "..."}` too.
fn text_of(item: &Value) -> Option<&str> {
    match item {
        Value::Text(text) => Some(text),
        Value::Object(members) => match members.as_slice() {
            [(kind, Value::Text(text))] if kind == "exact" => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// What else there is to say about the advice.
fn even_so(dangers: impl IntoIterator<Item = String>) -> String {
    dangers.into_iter().map(|danger| format!(". Even so, {danger}")).collect()
}
