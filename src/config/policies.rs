//! The whole configuration: one policy, or `policies`.

use super::coverage::Coverage;
use super::finding::{Findings, Path};
use super::object::{ON_INVALID, Object, is_name_of, member};
use super::policy::{self, FIELDS};
use super::selectors;
use super::value::{Quoted, Value};
use crate::origin::numbering::Numbering;
use crate::policy::allow_origin::AllowOrigin;
use crate::policy::selector::Selector;
use crate::policy::set::PolicySet;
use crate::policy::{Mode, Policy};

/// For this many parts of what a policy selects, the code looks for another policy, so that long lists do not cause
/// much work.
const MAX_PARTS: usize = 1000;

/// Reads a configuration; what comes back means something only if no problem was found.
pub fn read(value: &Value, findings: &mut Findings) -> PolicySet {
    let policies = match member(value, "policies") {
        Some(list) => {
            refuse_fields_beside(value, findings);
            several(list, findings)
        }
        None => one(value, findings).into_iter().collect(),
    };
    if !policies.is_empty() && policies.iter().all(|(_, policy)| policy.mode() == Mode::Passthrough) {
        let field = if member(value, "policies").is_some() { "policies" } else { "mode" };
        let message = "all requests are left alone, as every policy has the mode `passthrough`; write `\"enforce\"` as a mode, or remove the filter";
        findings.warning(&Path::Root.field(field), message);
    }
    PolicySet::new(policies)
}

fn one(value: &Value, findings: &mut Findings) -> Option<(Selector, Policy)> {
    // Also the name that the misspelt one may have meant.
    let known: Vec<&str> = FIELDS.into_iter().chain(["policies", ON_INVALID]).collect();
    let object = Object::read(value, Path::Root, &known, findings)?;
    if object.get("match").is_some() {
        findings.problem(
            &object.place("match"),
            "chooses among `policies`; write `{\"policies\": [...]}` around the policy, or remove `match`",
        );
    }
    let selector = Selector::default();
    let policy = policy::read(&object, &selector, findings);
    Some((selector, policy))
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
    reader.warn_of_left_out(&place, findings);
    reader.read
}

/// What is known about the policies read so far.
#[derive(Default)]
struct Reader<'a> {
    read: Vec<(Selector, Policy)>,
    /// For each policy, its place in the configuration, and whether it is known what it was meant to select.
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
        let policy = policy::read(&object, &selector, findings);
        self.read.push((selector, policy));
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
            // It is not known what a faulty `match` was meant to select; and origins that are not allowed go on to the
            // next policy.
            if *is_known && !selector.allowed_origins_only {
                coverage.add(at, selector);
            }
        }
    }

    /// A warning for each policy that passes on requests of other origins when no later policy takes them.
    fn warn_of_left_out(&self, place: &Path<'_>, findings: &mut Findings) {
        // It is not known what a faulty `match` was meant to select.
        if self.places.iter().any(|(_, is_known)| !is_known) {
            return;
        }
        let (choosing, others): (Vec<_>, Vec<_>) = (0_usize..)
            .zip(self.read.iter().zip(&self.places))
            .partition(|(_, ((selector, _), _))| selector.allowed_origins_only);
        let mut coverage = Coverage::default();
        for (at, ((selector, _), _)) in others {
            coverage.add(at, selector);
        }
        for (_, ((selector, policy), (item, _))) in choosing {
            let is_for_all = matches!(policy.allow_origin, AllowOrigin::Any);
            if !is_for_all && !selector.parts().take(MAX_PARTS).all(|part| coverage.covering(&part).is_some())
            {
                findings.warning(
                    &place.item(*item).field("match"),
                    "has `allowed_origins_only`, which leaves requests of other origins without a policy, so the upstream's own CORS headers reach their pages; add a policy without it after this one for the same requests",
                );
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
    let is_known = |name: &str| name == "policies" || is_name_of(name, ON_INVALID);
    for (name, _) in members.iter().filter(|(name, _)| !is_known(name)) {
        let message =
            format!("{} stands beside `policies`; write it in each policy that it is for", Quoted(name));
        findings.problem(&Path::Root.field(name), message);
    }
    if members.iter().filter(|(name, _)| name == "policies").count() > 1 {
        findings.problem(&Path::Root.field("policies"), "is there twice; write one list");
    }
}

/// Whether a policy that allows no one takes the place of a configuration with problems.
#[must_use]
pub fn denies_if_invalid(value: &Value, findings: &mut Findings) -> bool {
    let Value::Object(members) = value else { return false };
    let mut written = members.iter().filter(|(name, _)| is_name_of(name, ON_INVALID));
    let Some((name, on_invalid)) = written.next() else { return false };
    if written.next().is_some() {
        // A single policy reports this for each of its fields.
        if member(value, "policies").is_some() {
            findings.problem(&Path::Root.field(name), "is there twice; write it once");
        }
        return false;
    }
    match on_invalid {
        Value::Text(text) if text == "deny" => true,
        Value::Text(text) if text == "reject" => false,
        other => {
            let message = format!(
                "is {other}; write `\"reject\"` to refuse a configuration with problems, or `\"deny\"` to allow no origin until they are fixed"
            );
            findings.problem(&Path::Root.field(name), message);
            false
        }
    }
}
