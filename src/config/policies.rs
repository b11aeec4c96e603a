//! The whole configuration: one policy, or `policies`.

use super::finding::{Findings, Path};
use super::object::Object;
use super::policy::{self, FIELDS};
use super::selectors;
use super::value::{Quoted, Value};
use crate::policy::Policy;
use crate::policy_set::PolicySet;
use crate::selector::Selector;

/// Reads a configuration; what comes back means something only if no problem was found.
pub fn read(value: &Value, findings: &mut Findings) -> PolicySet {
    let policies = match member(value, "policies") {
        Some(list) => several(value, list, findings),
        None => one(value, findings).into_iter().collect(),
    };
    PolicySet::new(policies)
}

fn one(value: &Value, findings: &mut Findings) -> Option<(Selector, Policy)> {
    let object = Object::read(value, Path::Root, &FIELDS, findings)?;
    if object.get("match").is_some() {
        findings.problem(
            &object.place("match"),
            "chooses among `policies`; write `{\"policies\": [...]}` around the policy, or remove `match`",
        );
    }
    Some((Selector::default(), policy::read(&object, findings)))
}

fn several(whole: &Value, list: &Value, findings: &mut Findings) -> Vec<(Selector, Policy)> {
    let Some(object) = Object::read(whole, Path::Root, &["policies"], &mut Findings::default()) else {
        return Vec::new();
    };
    refuse_fields_beside(whole, findings);
    let place = object.place("policies");
    if matches!(list, Value::List(items) if items.is_empty()) {
        findings.problem(&place, "is empty; write at least one policy");
    }
    let mut read: Vec<(Selector, Policy)> = Vec::new();
    for (at, item) in object.list("policies", "[{\"name\": \"api\", ...}]", findings).iter().enumerate() {
        let path = place.item(at);
        let Some(object) = Object::read(item, path, &FIELDS, findings) else { continue };
        check_order(&path, &read, findings);
        let selector = selectors::read(&object, findings);
        let policy = policy::read(&object, findings);
        check_name(&object, &policy, &read, findings);
        read.push((selector, policy));
    }
    read
}

fn refuse_fields_beside(whole: &Value, findings: &mut Findings) {
    let Value::Object(members) = whole else { return };
    for (name, _) in members.iter().filter(|(name, _)| name != "policies") {
        let message =
            format_args!("{} stands beside `policies`; write it in each policy that it is for", Quoted(name));
        findings.problem(&Path::Root.field(name), message);
    }
    if members.iter().filter(|(name, _)| name == "policies").count() > 1 {
        findings.problem(&Path::Root.field("policies"), "is there twice; write one list");
    }
}

fn check_order(path: &Path<'_>, before: &[(Selector, Policy)], findings: &mut Findings) {
    if let Some((_, policy)) = before.iter().find(|(selector, _)| selector.selects_everything()) {
        let name = Quoted(policy.name());
        findings.problem(path, format_args!("can never apply, since {name} before it matches every request; move it up, or give that one a `match`"));
    }
}

fn check_name(object: &Object<'_>, policy: &Policy, before: &[(Selector, Policy)], findings: &mut Findings) {
    let place = object.place("name");
    if object.get("name").is_none() {
        findings.problem(&place, "is missing; write a name for logs and metrics, such as `api`");
    } else if before.iter().any(|(_, other)| other.name() == policy.name()) {
        findings.problem(
            &place,
            format_args!("{} names a policy before it; write another name", Quoted(policy.name())),
        );
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Object(members) = value else { return None };
    members.iter().find(|(written, _)| written == name).map(|(_, value)| value)
}
