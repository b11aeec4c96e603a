//! The whole configuration: one policy, or `policies`.

use super::finding::{Findings, Path};
use super::object::Object;
use super::policy::{self, FIELDS};
use super::selectors;
use super::value::{Quoted, Value};
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
    reader.read
}

/// What is known of the policies before the one that is read.
#[derive(Default)]
struct Reader<'a> {
    read: Vec<(Selector, Policy)>,
    names: Vec<&'a str>,
    /// The place in `read` of the first that matches every request.
    catch_all: Option<usize>,
}

impl<'a> Reader<'a> {
    fn policy(&mut self, item: &'a Value, path: Path<'a>, findings: &mut Findings) {
        let Some(object) = Object::read(item, path, &FIELDS, findings) else { return };
        if let Some((_, policy)) = self.catch_all.and_then(|at| self.read.get(at)) {
            let name = Quoted(policy.name());
            let remedy = match object.get("match") {
                Some(_) => "move it up, or give that one a `match`",
                None => "give one of the two a `match`, or remove one",
            };
            findings.problem(
                &path,
                format_args!("can never apply, since {name} before it matches every request; {remedy}"),
            );
        }
        let problems = findings.problems();
        let selector = selectors::read(&object, findings);
        // Of a faulty `match` it is not known what it was to select.
        if findings.problems() == problems && selector.selects_everything() && self.catch_all.is_none() {
            self.catch_all = Some(self.read.len());
        }
        self.check_name(&object, findings);
        self.read.push((selector, policy::read(&object, findings)));
    }

    fn check_name(&mut self, object: &Object<'a>, findings: &mut Findings) {
        let place = object.place("name");
        match object.get("name") {
            None => findings.problem(&place, "is missing; write a name for logs and metrics, such as `api`"),
            Some((_, Value::Text(name))) if self.names.contains(&name.as_str()) => {
                findings.problem(
                    &place,
                    format_args!("{} names a policy before it; write another name", Quoted(name)),
                );
            }
            Some((_, Value::Text(name))) => self.names.push(name),
            Some(_) => {}
        }
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
