//! The policies of a configuration, the first that matches applying.

use super::decision::{Decision, Reason};
use super::response_edits::ResponseEdits;
use super::selector::{Selector, Target, host_of};
use super::{Mode, Policy};
use crate::request::path::path_of;
use crate::request::{Remembering, RequestHead, RequestKind, readings};

/// All policies of a configuration, in order.
#[derive(Debug)]
pub struct PolicySet {
    pub(super) policies: Vec<(Selector, Policy)>,
    looks_at_host: bool,
    looks_at_path: bool,
    looks_at_route: bool,
    looks_at_origin: bool,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The place of the policy that applies; `None` if none does.
    pub place: Option<usize>,
    /// Its decision.
    pub decision: Decision,
    /// The name of the request's route, if the policy was chosen by it: another one may mean another policy.
    pub route: Option<Vec<u8>>,
}

/// What one reading of a path leads to.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// The place of the policy that applies; `None` if none does.
    pub(super) place: Option<usize>,
    /// Whether the response would be another one for another origin, because that could choose another policy.
    pub(super) is_vary_due: bool,
}

impl PolicySet {
    /// Puts policies in order.
    #[must_use]
    pub fn new(policies: Vec<(Selector, Policy)>) -> Self {
        let some = |looks: fn(&Selector) -> bool| policies.iter().any(|(selector, _)| looks(selector));
        Self {
            looks_at_host: some(|selector| selector.hosts.is_some()),
            looks_at_path: some(|selector| selector.paths.is_some()),
            looks_at_route: some(|selector| selector.routes.is_some()),
            looks_at_origin: some(|selector| selector.allowed_origins_only),
            policies,
        }
    }

    /// One policy, which allows no one for a reason that has nothing to do with the origin, and blocks nothing.
    #[must_use]
    pub fn allowing_no_one(name: &str, reason: Reason) -> Self {
        let policy = Policy::allowing_no_one(name, reason);
        Self::new(vec![(Selector::default(), policy)])
    }

    /// The policies, in order.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().map(|(_, policy)| policy)
    }

    /// The policy at a place.
    #[must_use]
    pub fn policy(&self, place: usize) -> Option<&Policy> {
        self.policies.get(place).map(|(_, policy)| policy)
    }

    /// Decides what to do with a request and its response. If no policy applies, both pass untouched.
    pub fn decide(&self, head: &impl RequestHead) -> Outcome {
        self.decide_on(head)
    }

    // Not generic: the module would have all of it twice, for a head and for one that remembers.
    fn decide_on(&self, head: &dyn RequestHead) -> Outcome {
        if let Some(policy) = self.only().filter(|policy| policy.mode() != Mode::Passthrough) {
            let decision = policy.decide(RequestKind::of(head), head);
            return Outcome { place: Some(0), decision, route: None };
        }
        let target = self.target(head);
        if self.looks_at_path && !readings::is_one(&target.path) && self.is_chosen_by_path(&target) {
            return self.decide_on_readings(target, &Remembering::new(head));
        }
        let known = self.looks_at_origin.then(|| RequestKind::of(head));
        let choice = self.choose(&target, &target.path, known.as_ref(), head);
        let policy = choice.place.and_then(|place| self.policy(place));
        if policy.is_none_or(|policy| policy.mode() == Mode::Passthrough) && !choice.is_vary_due {
            // Nothing else of the request has to be known.
            let route = self.route(choice.place, target);
            return Outcome { place: choice.place, decision: Decision::untouched(), route };
        }
        let kind = known.unwrap_or_else(|| RequestKind::of(head));
        Outcome {
            place: choice.place,
            decision: self.decision(choice, kind, head),
            route: self.route(choice.place, target),
        }
    }

    /// The policy, if it is the only one and for every request, as most are.
    fn only(&self) -> Option<&Policy> {
        let looks = self.looks_at_host || self.looks_at_path || self.looks_at_route || self.looks_at_origin;
        match self.policies.as_slice() {
            [(_, policy)] if !looks => Some(policy),
            _ => None,
        }
    }

    /// Asks only for what some policy looks at.
    pub(super) fn target(&self, head: &dyn RequestHead) -> Target {
        let read = |is_needed: bool, name| is_needed.then(|| head.header(name)).flatten().unwrap_or_default();
        Target {
            host: host_of(read(self.looks_at_host, ":authority")),
            path: path_of(read(self.looks_at_path, ":path")),
            route: self.looks_at_route.then(|| head.route_name()).flatten().unwrap_or_default(),
        }
    }

    /// Whether another path could choose another policy.
    fn is_chosen_by_path(&self, target: &Target) -> bool {
        for (selector, _) in &self.policies {
            if selector.selects_but_for_path(target) {
                if selector.paths.is_some() {
                    return true;
                }
                if selector.selects_by_target_alone() {
                    return false;
                }
            }
        }
        false
    }

    /// The first policy that matches if the path is read in this way.
    pub(super) fn choose(
        &self,
        target: &Target,
        path: &[u8],
        kind: Option<&RequestKind>,
        head: &dyn RequestHead,
    ) -> Choice {
        let (mut is_origin_asked, mut is_any_enforced) = (false, false);
        for (at, (selector, policy)) in self.policies.iter().enumerate() {
            if !selector.selects(target, path) {
                continue;
            }
            let is_enforced = policy.mode() == Mode::Enforce;
            if selector.allowed_origins_only {
                is_origin_asked = true;
                is_any_enforced |= is_enforced;
                if !kind.is_some_and(|kind| policy.allows_origin_of(kind, head)) {
                    continue;
                }
            }
            let is_vary_due = is_origin_asked && (is_any_enforced || is_enforced);
            return Choice { place: Some(at), is_vary_due };
        }
        Choice { place: None, is_vary_due: is_any_enforced }
    }

    /// What a choice comes to.
    pub(super) fn decision(&self, choice: Choice, kind: RequestKind, head: &dyn RequestHead) -> Decision {
        let policy = choice.place.and_then(|place| self.policy(place));
        let decision = policy.map_or_else(Decision::untouched, |policy| policy.decide(kind, head));
        if choice.is_vary_due { varied(decision) } else { decision }
    }

    /// The route, if the policy was chosen by it.
    pub(super) fn route(&self, place: Option<usize>, target: Target) -> Option<Vec<u8>> {
        let (selector, _) = self.policies.get(place?)?;
        selector.routes.is_some().then_some(target.route)
    }
}

/// The decision, with `Origin` in the response's `Vary`.
pub(super) fn varied(mut decision: Decision) -> Decision {
    decision.response.get_or_insert_with(ResponseEdits::vary_alone).vary.origin = true;
    decision
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::origin::pattern::OriginPattern;
    use crate::origin::set::OriginSet;
    use crate::policy::Blocking;
    use crate::policy::allow_origin::{AllowOrigin, ListedOrigins};
    use crate::policy::decision::Action;
    use crate::policy::response_edits::HeaderValue;
    use crate::policy::selector::{HostPattern, PathPrefix, RoutePattern};

    /// A head that notes what it is asked for.
    struct Noting<'a> {
        headers: &'a [(&'static str, &'a str)],
        asked: RefCell<Vec<&'static str>>,
    }

    impl RequestHead for Noting<'_> {
        fn header(&self, name: &'static str) -> Option<Vec<u8>> {
            self.asked.borrow_mut().push(name);
            self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_bytes().to_vec())
        }

        fn route_name(&self) -> Option<Vec<u8>> {
            self.asked.borrow_mut().push("(route)");
            None
        }
    }

    const ORIGIN: (&str, &str) = ("origin", "https://a.example");
    const EVIL: (&str, &str) = ("origin", "https://b.example");
    const PUT: (&str, &str) = ("access-control-request-method", "PUT");

    fn only_a(selector: Selector) -> PolicySet {
        let mut set = OriginSet::default();
        set.insert(&OriginPattern::parse("https://a.example").unwrap());
        let policy = Policy {
            allow_origin: AllowOrigin::Listed(ListedOrigins { set, ..ListedOrigins::default() }.into()),
            preflight_status: 204,
            blocking: Blocking::Always,
            ..Policy::allowing_no_one("a", Reason::ConfigInvalid)
        };
        PolicySet::new(vec![(selector, policy)])
    }

    #[track_caller]
    fn asks(selector: Selector, headers: &[(&'static str, &'static str)], expected: &[&str]) {
        let set = only_a(selector);
        let head = Noting { headers, asked: RefCell::default() };
        set.decide(&head);
        assert_eq!(head.asked.take(), expected);
    }

    /// Each answer costs a call of the host, those with data the most.
    #[test]
    fn only_what_the_decision_depends_on_is_asked_for() {
        let one = Selector::default;
        let acrm = "access-control-request-method";
        asks(one(), &[], &["origin"]);
        asks(one(), &[ORIGIN], &["origin", acrm]);
        asks(one(), &[EVIL], &["origin", acrm, "sec-fetch-site", ":authority"]);
        asks(one(), &[EVIL, ("sec-fetch-site", "cross-site")], &["origin", acrm, "sec-fetch-site"]);
        let own = [EVIL, (":authority", "b.example")];
        asks(one(), &own, &["origin", acrm, "sec-fetch-site", ":authority", "x-forwarded-proto", ":scheme"]);
        asks(one(), &[EVIL, PUT, (":method", "OPTIONS")], &["origin", acrm, ":method"]);
        asks(
            one(),
            &[ORIGIN, PUT, (":method", "OPTIONS")],
            &[
                "origin",
                acrm,
                ":method",
                "access-control-request-private-network",
                "access-control-request-headers",
            ],
        );
        asks(one(), &[ORIGIN, (acrm, "")], &["origin", acrm]);
    }

    /// A page of another origin gets another answer, which a cache must not give to this one.
    #[test]
    fn a_long_path_may_lead_to_a_policy_for_certain_origins() {
        let paths = Some(vec![PathPrefix::new("/x")]);
        let set = only_a(Selector { paths, allowed_origins_only: true, ..Selector::default() });
        let long = "/".repeat(readings::MAX_BYTES + 1);
        let headers = [(":path", long.as_str()), EVIL];
        let outcome = set.decide(&Noting { headers: &headers, asked: RefCell::default() });
        assert_eq!((outcome.place, outcome.decision), (None, varied(Decision::untouched())));
    }

    /// The readings differ in who is passed over, and not in who applies.
    #[test]
    fn one_policy_by_all_readings_applies() {
        let paths = Some(vec![PathPrefix::new("/x")]);
        let mut policies =
            only_a(Selector { paths, allowed_origins_only: true, ..Selector::default() }).policies;
        let (_, open) = only_a(Selector::default()).policies.remove(0);
        policies.push((Selector::default(), Policy { allow_origin: AllowOrigin::Any, ..open }));
        let headers = [(":path", "//x"), EVIL];
        let outcome =
            PolicySet::new(policies).decide(&Noting { headers: &headers, asked: RefCell::default() });
        assert_eq!(outcome.place, Some(1));
        let edits = outcome.decision.response.unwrap();
        assert!(edits.allow_origin.is_some() && edits.vary.origin);
    }

    /// Whatever it could mean may be under no policy.
    #[test]
    fn a_long_ambiguous_path_does_not_open_what_no_policy_opens() {
        let paths = Some(vec![PathPrefix::new("/x")]);
        let set = only_a(Selector { paths, ..Selector::default() });
        let decide = |path: &str| {
            let headers = [(":path", path), ORIGIN];
            set.decide(&Noting { headers: &headers, asked: RefCell::default() }).decision
        };
        let is_allowed =
            |decision: Decision| decision.response.is_some_and(|edits| edits.allow_origin.is_some());
        assert!(is_allowed(decide("/x/y")) && is_allowed(decide("/x//y")));
        let long = format!("/x/{}/y", "/".repeat(readings::MAX_BYTES));
        assert!(!is_allowed(decide(&long)));
    }

    /// No reading of it is outside of the root.
    #[test]
    fn a_long_ambiguous_path_is_under_the_policy_for_every_path() {
        let set = only_a(Selector { paths: Some(vec![PathPrefix::new("/")]), ..Selector::default() });
        let origin_of = |path: &str| {
            let headers = [(":path", path), ORIGIN];
            let outcome = set.decide(&Noting { headers: &headers, asked: RefCell::default() });
            (outcome.place, outcome.decision.response.and_then(|edits| edits.allow_origin))
        };
        let allowed = (Some(0), Some(HeaderValue::Static("https://a.example")));
        for path in ["/a%20b".to_owned(), format!("/a%20b/{}", "c".repeat(readings::MAX_BYTES))] {
            assert_eq!(origin_of(&path), allowed, "{} bytes", path.len());
        }
        // It is not under the root.
        let rootless = format!("a%20b/{}", "c".repeat(readings::MAX_BYTES));
        assert_eq!(origin_of(&rootless), (Some(0), None));
    }

    /// Behind several proxies the scheme may be a list.
    #[test]
    fn the_first_scheme_of_a_list_is_the_browsers() {
        let set = only_a(Selector::default());
        let forwarded = |scheme| {
            let headers = [EVIL, (":authority", "b.example"), ("x-forwarded-proto", scheme)];
            let head = Noting { headers: &headers, asked: RefCell::default() };
            set.decide(&head).decision.action == Action::Forward
        };
        assert!(forwarded("https") && forwarded("https, http"));
        assert!(!forwarded("http") && !forwarded("http,https") && !forwarded(""));
    }

    #[test]
    fn only_what_some_policy_looks_at_is_asked_for() {
        let hosts = Some(vec![HostPattern::Exact("x".into())]);
        let paths = Some(vec![PathPrefix::new("/x")]);
        let routes = Some(vec![RoutePattern::Exact("x".into())]);
        asks(Selector { hosts, ..Selector::default() }, &[], &[":authority"]);
        asks(Selector { paths, ..Selector::default() }, &[(":path", "/x?y")], &[":path", "origin"]);
        asks(Selector { routes, ..Selector::default() }, &[], &["(route)"]);
        asks(Selector::default(), &[], &["origin"]);
        asks(Selector { allowed_origins_only: true, ..Selector::default() }, &[], &["origin"]);
        // However a path is read, each header is asked for once.
        let paths = Some(vec![PathPrefix::new("/x")]);
        asks(Selector { paths, ..Selector::default() }, &[(":path", "/x/../x%20y")], &[":path", "origin"]);
    }
}
