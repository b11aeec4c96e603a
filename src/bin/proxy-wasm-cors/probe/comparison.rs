//! Where a live endpoint answers differently than a policy says.

use std::collections::BTreeSet;

use proxy_wasm_cors::policy::decision::Action;
use proxy_wasm_cors::policy::set::PolicySet;

use crate::page::checks::{Headers, value};
use crate::page::course::{Answer, Exchange as Decided};
use crate::page::head::{Head, Target};

use super::inquiry::{Exchange, Inquiry};

/// What a policy decides on, and whether it is a list, of which the order does not matter.
const COMPARED: [(&str, bool); 7] = [
    ("access-control-allow-origin", false),
    ("access-control-allow-credentials", false),
    ("access-control-allow-methods", true),
    ("access-control-allow-headers", true),
    ("access-control-max-age", false),
    ("access-control-expose-headers", true),
    ("timing-allow-origin", false),
];

/// Something that is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The request it shows in, counted from 0.
    pub(crate) at: usize,
    /// The header, or `status`.
    pub(crate) what: String,
    pub(crate) policy: Option<String>,
    pub(crate) live: Option<String>,
}

/// All differences.
pub(crate) fn differences(inquiry: &Inquiry, policies: &PolicySet, target: &Target) -> Vec<Difference> {
    let all = inquiry.exchanges.iter().enumerate();
    all.flat_map(|(at, exchange)| in_exchange(at, exchange, policies, target)).collect()
}

fn in_exchange(at: usize, exchange: &Exchange, policies: &PolicySet, target: &Target) -> Vec<Difference> {
    let Exchange { request, answer } = exchange;
    let head = match request.is_preflight {
        true => Head::preflight(target, &request.call),
        false => Head::request(target, &request.call),
    };
    let decided = Decided::of(policies, head);
    // What a policy leaves to the upstream is not its own.
    let Answer::Known(status, headers) = &decided.answer else { return Vec::new() };
    let mut found = in_headers(at, headers, &answer.headers);
    let is_replied = matches!(decided.outcome.decision.action, Action::Reply { .. });
    if is_replied && *status != answer.status {
        let (policy, live) = (Some(status.to_string()), Some(answer.status.to_string()));
        found.insert(0, Difference { at, what: "status".to_owned(), policy, live });
    }
    found
}

fn in_headers(at: usize, policy: &Headers, live: &Headers) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, is_list) in COMPARED {
        let (policy, live) = (value(policy, name), value(live, name));
        // Without `allow_timing` it is left to the upstream.
        let is_left = name == "timing-allow-origin" && policy.is_none();
        if !is_left && !is_same(policy.as_deref(), live.as_deref(), is_list) {
            found.push(Difference { at, what: name.to_owned(), policy, live });
        }
    }
    // Others may add to it.
    let (policy, live) = (value(policy, "vary"), value(live, "vary"));
    let live_names = names(live.as_deref());
    if !live_names.contains("*") && !names(policy.as_deref()).is_subset(&live_names) {
        found.push(Difference { at, what: "vary".to_owned(), policy, live });
    }
    found
}

fn is_same(policy: Option<&str>, live: Option<&str>, is_list: bool) -> bool {
    if is_list { names(policy) == names(live) } else { policy == live }
}

fn names(list: Option<&str>) -> BTreeSet<String> {
    let items = list.unwrap_or_default().split(',').map(|item| item.trim().to_ascii_lowercase());
    items.filter(|item| !item.is_empty()).collect()
}
