//! What `explain` says about the policy that applies: which one it is, and why.

use proxy_wasm_cors::policy::Mode;
use proxy_wasm_cors::policy::decision::{Decision, Reason, Verdict};
use proxy_wasm_cors::policy::explanation::Candidate;
use proxy_wasm_cors::policy::set::{Outcome, PolicySet};

use crate::commands::explain::{item, line};
use crate::files::in_force::InForce;
use crate::page::head::{Head, Target};

/// How much of a reading is shown, in characters.
const SHOWN: usize = 100;

/// Prints which policy applies and how it came to be chosen.
pub(crate) fn print(target: &Target, in_force: &InForce, head: &Head, outcome: &Outcome) {
    let policies = &in_force.policies;
    let candidates = policies.candidates(head);
    let is_one_place = all_same(&candidates, |candidate| candidate.place);
    let is_one_decision =
        all_same(&candidates, |candidate| &candidate.decision) && !is_denied_for_path(&outcome.decision);
    if !is_one_place || !is_one_decision {
        print_readings(policies, &candidates);
    }
    let passed_over = passed_over(&candidates);
    print_passed_over(policies, &passed_over, head);
    let text = if in_force.is_stand_in {
        format!(
            "{}, which replaces the refused configuration and allows no origin",
            name(policies, outcome.place)
        )
    } else if !is_one_decision {
        strictest(policies, outcome)
    } else if !is_one_place {
        format!("{}, which comes first among these: they all decide the same", name(policies, outcome.place))
    } else {
        matching(target, policies, outcome, &passed_over)
    };
    line("policy", &text);
}

fn is_denied_for_path(decision: &Decision) -> bool {
    matches!(&decision.verdict, Verdict::Denied(denial) if denial.reason == Reason::PathNotNormalized)
}

fn all_same<'a, T: PartialEq>(candidates: &'a [Candidate], part: impl Fn(&'a Candidate) -> T) -> bool {
    let mut parts = candidates.iter().map(part);
    let first = parts.next();
    parts.all(|other| Some(other) == first)
}

fn print_readings(policies: &PolicySet, candidates: &[Candidate]) {
    let is_long = candidates.iter().any(|candidate| candidate.reading.is_none());
    line(
        "path",
        match is_long {
            true => "is too long to try every reading, so it counts for each policy that it could choose",
            false => "can be read in several ways, which choose",
        },
    );
    for candidate in candidates {
        let reading = candidate.reading.as_ref().map_or("some reading".to_owned(), |path| {
            path.escape_ascii().take(SHOWN).map(char::from).collect()
        });
        item(&reading, &name(policies, candidate.place));
    }
}

/// The places of the policies that are passed over for some reading, in order.
fn passed_over(candidates: &[Candidate]) -> Vec<usize> {
    let mut places: Vec<usize> =
        candidates.iter().flat_map(|candidate| candidate.passed_over.clone()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn print_passed_over(policies: &PolicySet, places: &[usize], head: &Head) {
    let origin = match head.get("origin") {
        Some(origin) => format!("`{}` is not one of them", origin.escape_debug()),
        None => "this request has no `Origin`".to_owned(),
    };
    let only = match places {
        [] => return,
        [_] => "applies only to the origins that it allows",
        _ => "apply only to the origins that they allow",
    };
    line("passed", &format!("over {}, which {only}; {origin}", names(policies, places)));
}

/// Why a policy applies although not all readings lead to it.
fn strictest(policies: &PolicySet, outcome: &Outcome) -> String {
    let Some(policy) = outcome.place.and_then(|place| policies.policy(place)) else {
        return format!("none of these enforces or watches: {}", untouched(&outcome.decision));
    };
    let which = if policy.mode() == Mode::Shadow { "in shadow mode" } else { "that enforces" };
    format!(
        "`{}`, the first of these {which}, as if it allowed no origin: they decide differently",
        policy.name()
    )
}

/// Why the policy applies to which every reading leads, or why none does.
fn matching(target: &Target, policies: &PolicySet, outcome: &Outcome, passed_over: &[usize]) -> String {
    let Some(place) = outcome.place else {
        let none = if passed_over.is_empty() { "none" } else { "no other" };
        return format!("{none} matches {}: {}", told(target), untouched(&outcome.decision));
    };
    let effect = match policies.policy(place).map(|policy| policy.mode()) {
        Some(Mode::Passthrough) => format!("; in passthrough mode {}", untouched(&outcome.decision)),
        _ => String::new(),
    };
    let name = name(policies, Some(place));
    let before: Vec<usize> = (0..place).filter(|place| !passed_over.contains(place)).collect();
    match (policies.policies().count(), before.as_slice()) {
        (1, _) => format!("{name}, the only one{effect}"),
        (_, []) => format!("{name} matches {}{effect}", told(target)),
        (_, before) => {
            let does = if before.len() == 1 { "does" } else { "do" };
            let before = names(policies, before);
            format!("{name} matches {}; {before} before it {does} not{effect}", told(target))
        }
    }
}

fn untouched(decision: &Decision) -> &'static str {
    match decision.response {
        None => "request and answer pass untouched",
        Some(_) => "the request passes untouched",
    }
}

/// What policies are chosen by.
fn told(target: &Target) -> String {
    let route = target.route.as_ref().map_or("no route".to_owned(), |route| format!("route `{route}`"));
    format!("host `{}`, path `{}` and {route}", target.host, target.path)
}

fn name(policies: &PolicySet, place: Option<usize>) -> String {
    match place.and_then(|place| policies.policy(place)) {
        Some(policy) => format!("`{}`", policy.name()),
        None => "no policy".to_owned(),
    }
}

fn names(policies: &PolicySet, places: &[usize]) -> String {
    let names: Vec<String> = places.iter().map(|place| name(policies, Some(*place))).collect();
    names.join(" and ")
}
