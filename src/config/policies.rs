//! The whole configuration: one policy, or `policies`.

use super::coverage::Coverage;
use super::finding::{Findings, Path};
use super::object::Object;
use super::policy::{self, FIELDS};
use super::selectors;
use super::value::{Quoted, Value};
use crate::origin::numbering::Numbering;
use crate::policy::Policy;
use crate::policy::selector::Selector;
use crate::policy::set::PolicySet;

/// Reads a configuration; what comes back means something only if no problem was found.
pub fn read(value: &Value, findings: &mut Findings) -> PolicySet {
    let policies = match member(value, "policies") {
        Some(list) => {
            refuse_fields_beside(value, findings);
            several(list, findings)
        }
        None => one(value, findings).into_iter().collect(),
    };
    PolicySet::new(policies)
}

fn one(value: &Value, findings: &mut Findings) -> Option<(Selector, Policy)> {
    // Also the name that whoever misspelt it may have meant.
    let known: Vec<&str> = FIELDS.into_iter().chain(["policies"]).collect();
    let object = Object::read(value, Path::Root, &known, findings)?;
    if object.get("match").is_some() {
        findings.problem(
            &object.place("match"),
            "chooses among `policies`; write `{\"policies\": [...]}` around the policy, or remove `match`",
        );
    }
    Some((Selector::default(), policy::read(&object, findings)))
}

fn several(list: &Value, findings: &mut Findings) -> Vec<(Selector, Policy)> {
    let place = Path::Root.field("policies");
    let Value::List(items) = list else {
        let message = format!("is {list}; write a list, such as `[{{\"name\": \"api\", ...}}]`");
        findings.problem(&place, message);
        return Vec::new();
    };
    if items.is_empty() {
        findings.problem(&place, "is empty; write at least one policy");
    }
    let mut reader = Reader::default();
    for (at, item) in items.iter().enumerate() {
        reader.policy(item, place.item(at), findings);
    }
    reader.refuse_covered(&place, findings);
    reader.read
}

/// What is known of the policies that were read.
#[derive(Default)]
struct Reader<'a> {
    read: Vec<(Selector, Policy)>,
    /// Of each that was read, its place in the configuration, and whether it is known what it was to select.
    places: Vec<(usize, bool)>,
    /// The names of policies; in the table, where the first is that has the same name as a metric.
    names: Vec<&'a str>,
    metrics: Numbering,
}

impl<'a> Reader<'a> {
    fn policy(&mut self, item: &'a Value, path: Path<'a>, findings: &mut Findings) {
        let Some(object) = Object::read(item, path, &FIELDS, findings) else { return };
        let problems = findings.problems();
        let selector = selectors::read(&object, findings);
        if let Path::Item(_, at) = path {
            self.places.push((at, findings.problems() == problems));
        }
        self.check_name(&object, findings);
        self.read.push((selector, policy::read(&object, findings)));
    }

    /// A problem for each policy that can never apply.
    fn refuse_covered(&self, place: &Path<'_>, findings: &mut Findings) {
        let mut coverage = Coverage::default();
        for (at, ((selector, _), (item, is_known))) in self.read.iter().zip(&self.places).enumerate() {
            let covering = if *is_known { coverage.covering(selector) } else { coverage.everything() };
            if let Some((_, earlier)) = covering.and_then(|at| self.read.get(at)) {
                let name = Quoted(earlier.name());
                let what = match coverage.everything() {
                    Some(_) => "every request",
                    None => "all that it matches",
                };
                findings.problem(
                    &place.item(*item),
                    format_args!(
                        "can never apply, since {name} before it matches {what}; move it above {name}, narrow the `match` of {name}, or remove one of the two"
                    ),
                );
            }
            // Of a faulty `match` it is not known what it was to select.
            if *is_known {
                coverage.add(at, selector);
            }
        }
    }

    fn check_name(&mut self, object: &Object<'a>, findings: &mut Findings) {
        let place = object.place("name");
        let name = match object.get("name") {
            None => {
                return findings
                    .problem(&place, "is missing; write a name for logs and metrics, such as `api`");
            }
            Some((_, Value::Text(name))) => name.as_str(),
            Some(_) => return,
        };
        let metric = name.replace('-', "_");
        let before = self.metrics.get(metric.as_bytes()).and_then(|at| self.names.get(at as usize));
        let is_there = |name: &str| self.metrics.get(format!("={name}").as_bytes()).is_some();
        if is_there(name) {
            findings.problem(
                &place,
                format_args!("{} names a policy before it; write another name", Quoted(name)),
            );
        } else if let Some(before) = before {
            findings.warning(
                &place,
                format_args!(
                    "{} has the same metric names as {} before it in Prometheus' format, where `-` becomes `_`; write a name that differs in more than that, or make it a label with `stats_tags`",
                    Quoted(name),
                    Quoted(before)
                ),
            );
        }
        let at = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        if before.is_none() {
            self.metrics.set(metric.as_bytes(), at);
        }
        self.metrics.set(format!("={name}").as_bytes(), at);
        self.names.push(name);
    }
}

fn refuse_fields_beside(whole: &Value, findings: &mut Findings) {
    let Value::Object(members) = whole else { return };
    for (name, _) in members.iter().filter(|(name, _)| name != "policies") {
        let message =
            format!("{} stands beside `policies`; write it in each policy that it is for", Quoted(name));
        findings.problem(&Path::Root.field(name), message);
    }
    if members.iter().filter(|(name, _)| name == "policies").count() > 1 {
        findings.problem(&Path::Root.field("policies"), "is there twice; write one list");
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Object(members) = value else { return None };
    members.iter().find(|(written, _)| written == name).map(|(_, value)| value)
}
