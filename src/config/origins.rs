//! `allow_origins`: who may read responses.

use std::collections::HashSet;

use super::finding::{Findings, Path};
use super::guard::Guard;
use super::object::Object;
use super::switches::Switch;
use super::value::{Quoted, Value};
use crate::origin::advice::suggestion;
use crate::origin::fnv::BuildFnv;
use crate::origin::pattern::OriginPattern;
use crate::origin::regex::OriginRegex;
use crate::origin::regex::dfa::{Tables, TooLarge};
use crate::origin::regex::syntax::Node;
use crate::origin::set::OriginSet;
use crate::policy::allow_origin::AllowOrigin;

/// From so many regexes on, patterns are advised.
const MANY_REGEXES: usize = 100;

const EXAMPLE: &str = "[\"https://app.example.com\"]";

/// Reads `allow_origins`.
pub fn read(object: &Object<'_>, guard: &Guard<'_>, findings: &mut Findings) -> AllowOrigin {
    let place = object.place("allow_origins");
    let items = object.list("allow_origins", EXAMPLE, findings);
    match object.get("allow_origins") {
        None => findings
            .problem(&place, format_args!("is missing; write who may read responses, such as `{EXAMPLE}`")),
        Some((_, Value::List(list))) if list.is_empty() => {
            findings.problem(
                &place,
                format_args!("is empty, which allows no one; write `{EXAMPLE}`, or remove the filter"),
            );
        }
        Some(_) => {}
    }
    let mut reader = Reader {
        guard,
        findings,
        set: OriginSet::default(),
        regexes: Regexes::default(),
        any: false,
        null: false,
    };
    let is_any_alone = items.iter().all(|item| text_of(item) == Some("*"));
    for (at, item) in items.iter().enumerate() {
        reader.entry(&place.item(at), item, is_any_alone);
    }
    reader.compile_regexes(&place);
    match (reader.any, guard.allow_credentials) {
        (true, false) => AllowOrigin::Any,
        (true, true) => AllowOrigin::AnyWithCredentials,
        (false, _) => AllowOrigin::Listed { set: reader.set, null: reader.null },
    }
}

struct Reader<'a> {
    guard: &'a Guard<'a>,
    findings: &'a mut Findings,
    set: OriginSet,
    regexes: Regexes,
    any: bool,
    null: bool,
}

impl Reader<'_> {
    fn entry(&mut self, path: &Path<'_>, item: &Value, is_any_alone: bool) {
        match (text_of(item), item) {
            (Some("*"), _) => self.any(path, is_any_alone),
            (Some("null"), _) => self.null(path),
            (Some(text), _) => self.pattern(path, text),
            (None, Value::Object(members)) => self.object(path, members),
            (None, other) => self.findings.problem(
                path,
                format_args!("is {other}; write an origin, such as `\"https://app.example.com\"`"),
            ),
        }
    }

    fn any(&mut self, path: &Path<'_>, is_alone: bool) {
        if !is_alone {
            self.findings.problem(
                path,
                "`*` stands beside other origins, which it makes meaningless; remove it, or all others",
            );
        } else if self.guard.allow_credentials && !self.guard.switches.lifts(Switch::AnyOriginWithCredentials)
        {
            self.findings.problem(
                path,
                format_args!(
                    "`*` with `allow_credentials` lets every website act as the user; name the origins, or add `{}` to `dangerously_allow`",
                    Switch::AnyOriginWithCredentials.as_str()
                ),
            );
        } else if std::mem::replace(&mut self.any, true) {
            self.repeated(path, "*");
        }
    }

    fn null(&mut self, path: &Path<'_>) {
        if !self.guard.switches.lifts(Switch::NullOrigin) {
            self.findings.problem(
                path,
                format_args!(
                    "`null` is the origin of every sandboxed frame, so any website can have it; name the origins, or add `{}` to `dangerously_allow`",
                    Switch::NullOrigin.as_str()
                ),
            );
        } else if std::mem::replace(&mut self.null, true) {
            self.repeated(path, "null");
        }
    }

    fn pattern(&mut self, path: &Path<'_>, text: &str) {
        let pattern = match OriginPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                let (remedy, danger) = (error.remedy(text), self.danger_of_advice(path, text));
                return self
                    .findings
                    .problem(path, format_args!("{} {error}; {remedy}{danger}", Quoted(text)));
            }
        };
        self.guard.check_pattern(path, &pattern, self.findings);
        if !self.set.insert(&pattern) {
            self.repeated(path, text);
        }
    }

    /// What is advised may be dangerous in turn, and all is to be told at once.
    fn danger_of_advice(&self, path: &Path<'_>, text: &str) -> String {
        let mut findings = Findings::default();
        let advice = suggestion(text);
        if let Some(pattern) = advice.as_deref().and_then(|advice| OriginPattern::parse(advice).ok()) {
            self.guard.check_pattern(path, &pattern, &mut findings);
        }
        let dangers =
            findings.into_vec().into_iter().map(|finding| format!(". Even so, {}", finding.message));
        dangers.collect()
    }

    fn object(&mut self, path: &Path<'_>, members: &[(String, Value)]) {
        match members {
            [(kind, Value::Text(text))] if kind == "regex" => self.regex(path, text),
            [(kind, _)] if matches!(kind.as_str(), "prefix" | "suffix" | "contains") => {
                let (text, match_) = what_partial_matching_lets_in(kind);
                self.findings.problem(
                    path,
                    format_args!(
                        "`{kind}` also matches origins of others: with `{text}` it matches `{match_}`; write a pattern such as `https://*.example.com`"
                    ),
                );
            }
            [(kind, other)] if matches!(kind.as_str(), "exact" | "regex") => {
                self.findings.problem(path, format_args!("`{kind}` is {other}; write a text"));
            }
            _ => self.findings.problem(
                path,
                "is an object that is no origin; write a text, or one of `{\"exact\": \"https://app.example.com\"}` and `{\"regex\": \"https://app-[0-9]+\\\\.example\\\\.com\"}`",
            ),
        }
    }

    fn regex(&mut self, path: &Path<'_>, source: &str) {
        if !self.regexes.sources.insert(source.into()) {
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

    /// All at once: what a request costs does not depend on their number, so their size has to be limited together.
    fn compile_regexes(&mut self, place: &Path<'_>) {
        let count = self.regexes.nodes.len();
        if count >= MANY_REGEXES {
            self.findings.warning(
                place,
                format_args!("has {count} regexes; write patterns such as `https://*.tenant.example.com` where they do, which take less memory and load faster"),
            );
        }
        match Tables::new(&self.regexes.nodes) {
            Ok(tables) => self.set.set_regexes(tables, self.guard.needs_protection()),
            Err(TooLarge) => self.findings.problem(
                place,
                "has regexes that are too complex together; write fewer or simpler ones, or patterns such as `https://*.example.com`",
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
    sources: HashSet<Box<str>, BuildFnv>,
    nodes: Vec<Node>,
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

fn what_partial_matching_lets_in(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "prefix" => ("https://example.com", "https://example.com.evil.org"),
        "suffix" => ("example.com", "https://evilexample.com"),
        _ => ("example.com", "https://example.com.evil.org"),
    }
}
