//! The policies of a configuration, the first that matches applying.

use super::allow_headers::{AllowHeaders, ListedHeaders};
use super::allow_methods::{AllowMethods, ListedMethods};
use super::allow_origin::AllowOrigin;
use super::decision::{Decision, Reason};
use super::response_edits::ResponseEdits;
use super::selector::{Selector, Target, host_of};
use super::{Blocking, FORBIDDEN, Mode, Policy, Strictness};
use crate::request::path::path_of;
use crate::request::{Remembering, RequestHead, RequestKind, readings};

/// All policies of a configuration, in order.
#[derive(Debug)]
pub struct PolicySet {
    policies: Vec<(Selector, Policy)>,
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
struct Choice {
    /// The place of the policy that applies; `None` if none does.
    place: Option<usize>,
    /// Whether the response would be another one for another origin, because that could choose another policy.
    is_vary_due: bool,
}

/// What all readings of a path lead to.
#[derive(Default)]
struct Choices {
    /// The different places.
    places: Vec<Option<usize>>,
    /// Whether it is due in one of them: what a cache has to know of a path does not depend on how it is read.
    is_vary_due: bool,
    /// Whether it is due in all of them: only then is a response touched that no policy enforces anything for.
    is_vary_sure: bool,
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

    /// One policy, which allows no one for a reason that lies not in the origin, and blocks nothing.
    #[must_use]
    pub fn allowing_no_one(name: &str, reason: Reason) -> Self {
        let policy = Policy {
            name: name.to_owned(),
            allow_origin: AllowOrigin::Nobody(reason),
            allow_credentials: false,
            allow_methods: AllowMethods::Listed(ListedMethods::default()),
            allow_headers: AllowHeaders::Listed(ListedHeaders::default()),
            allow_private_network: false,
            expose_headers: None,
            max_age: None,
            preflight_status: FORBIDDEN,
            // An upstream's is not vouched for by anyone then.
            allow_timing: true,
            blocking: Blocking::Never,
            mode: Mode::Enforce,
        };
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
        let target = self.target(head);
        if self.looks_at_path && !readings::is_one(&target.path) && self.is_chosen_by_path(&target) {
            return self.decide_on_readings(target, &Remembering::new(head));
        }
        let known = self.looks_at_origin.then(|| RequestKind::of(head));
        let choice = self.choose(known.as_ref(), head, |selector| selector.selects(&target, &target.path));
        // Where no policy applies, nothing else of the request has to be known.
        let decision = match (choice.place, known) {
            (None, None) => Decision::untouched(),
            (_, known) => self.decision(choice, known.unwrap_or_else(|| RequestKind::of(head)), head),
        };
        self.outcome(choice.place, decision, target)
    }

    /// Asks only for what some policy looks at.
    fn target(&self, head: &impl RequestHead) -> Target {
        let read = |is_needed: bool, name| is_needed.then(|| head.header(name)).flatten().unwrap_or_default();
        Target {
            host: host_of(read(self.looks_at_host, ":authority")),
            path: path_of(read(self.looks_at_path, ":path")),
            route: self.looks_at_route.then(|| head.route_name()).flatten().unwrap_or_default(),
        }
    }

    /// Whether another path could choose another policy.
    fn is_chosen_by_path(&self, target: &Target) -> bool {
        let may_apply = self.policies.iter().filter(|(selector, _)| selector.selects_but_for_path(target));
        may_apply
            .take_while(|(selector, _)| !selector.selects_by_target_alone())
            .any(|(selector, _)| selector.paths.is_some())
    }

    /// The first policy that matches, where `selects` says what has to match beside the origin.
    fn choose(
        &self,
        kind: Option<&RequestKind>,
        head: &impl RequestHead,
        selects: impl Fn(&Selector) -> bool,
    ) -> Choice {
        let (mut is_origin_asked, mut is_any_enforced) = (false, false);
        for (at, (selector, policy)) in self.policies.iter().enumerate() {
            if !selects(selector) {
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
    fn decision(&self, choice: Choice, kind: RequestKind, head: &impl RequestHead) -> Decision {
        let policy = choice.place.and_then(|place| self.policy(place));
        let decision = policy.map_or_else(Decision::untouched, |policy| policy.decide(kind, head));
        if choice.is_vary_due { varied(decision) } else { decision }
    }

    /// Decides where a path has several readings: what is refused is not such a path, but a decision that depends on how
    /// it is read.
    fn decide_on_readings(&self, target: Target, head: &impl RequestHead) -> Outcome {
        let kind = RequestKind::of(head);
        let mut choices = self.choices(&target, &kind, head);
        // A request that meets no policy comes last.
        choices.places.sort_by_key(|place| place.unwrap_or(usize::MAX));
        let decision = |place: Option<usize>| {
            let policy = place.and_then(|place| self.policy(place));
            let is_enforced = policy.is_some_and(|policy| policy.mode() == Mode::Enforce);
            let is_vary_due = if is_enforced { choices.is_vary_due } else { choices.is_vary_sure };
            self.decision(Choice { place, is_vary_due }, kind.clone(), head)
        };
        let decisions: Vec<Decision> = choices.places.iter().copied().map(decision).collect();
        match (decisions.split_first(), choices.places.first()) {
            (Some((decision, others)), Some(place)) if others.iter().all(|other| other == decision) => {
                self.outcome(*place, decision.clone(), target)
            }
            _ => self.decide_strictly(&choices, kind, head, target),
        }
    }

    /// The different choices to which the readings lead.
    fn choices(&self, target: &Target, kind: &RequestKind, head: &impl RequestHead) -> Choices {
        if target.path.len() > readings::MAX_BYTES {
            return self.choices_of_any_path(target, kind, head);
        }
        let mut choices = Choices { is_vary_sure: true, ..Choices::default() };
        for path in readings::of(&target.path) {
            let choice = self.choose(Some(kind), head, |selector| selector.selects(target, &path));
            choices.is_vary_due |= choice.is_vary_due;
            choices.is_vary_sure &= choice.is_vary_due;
            if !choices.places.contains(&choice.place) {
                choices.places.push(choice.place);
            }
        }
        choices
    }

    /// The choices to which any path leads, for one that is too long to be read: no policy among them, unless one takes
    /// every path.
    fn choices_of_any_path(&self, target: &Target, kind: &RequestKind, head: &impl RequestHead) -> Choices {
        let mut places = Vec::new();
        let (mut is_origin_asked, mut is_any_enforced, mut is_none_left) = (false, false, true);
        for (at, (selector, policy)) in self.policies.iter().enumerate() {
            if !is_none_left || !selector.selects_but_for_path(target) {
                continue;
            }
            is_origin_asked |= selector.allowed_origins_only;
            is_any_enforced |= policy.mode() == Mode::Enforce;
            is_none_left = !selector.selects_by_target_alone();
            if !selector.allowed_origins_only || policy.allows_origin_of(kind, head) {
                places.push(Some(at));
            }
        }
        places.extend(is_none_left.then_some(None));
        let is_vary_due = is_origin_asked && is_any_enforced;
        Choices { places, is_vary_due, is_vary_sure: is_vary_due }
    }

    /// The strictest of several decisions: a page gets no more than any of them gives it.
    fn decide_strictly(
        &self,
        choices: &Choices,
        kind: RequestKind,
        head: &impl RequestHead,
        target: Target,
    ) -> Outcome {
        let with = |mode| {
            let chosen = choices.places.iter().copied().flatten();
            chosen.filter_map(move |at| Some((at, self.policy(at).filter(|policy| policy.mode() == mode)?)))
        };
        let strictness = with(Mode::Enforce)
            .fold(Strictness::default(), |strictness, (_, policy)| strictness.and(policy.strictness()));
        let (place, decision) = match with(Mode::Enforce).next().or_else(|| with(Mode::Shadow).next()) {
            Some((at, policy)) => (Some(at), policy.decide_on_ambiguous_path(strictness, kind, head)),
            None => (None, Decision::untouched()),
        };
        // Where no policy enforces, one that was passed over for its origins may.
        let decision = if choices.is_vary_sure { varied(decision) } else { decision };
        self.outcome(place, decision, target)
    }

    fn outcome(&self, place: Option<usize>, decision: Decision, target: Target) -> Outcome {
        let selector = place.and_then(|place| self.policies.get(place)).map(|(selector, _)| selector);
        let is_chosen_by_route = selector.is_some_and(|selector| selector.routes.is_some());
        Outcome { place, decision, route: is_chosen_by_route.then_some(target.route) }
    }
}

/// The decision, with `Origin` in the response's `Vary`.
fn varied(mut decision: Decision) -> Decision {
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
    use crate::policy::allow_headers::{AllowHeaders, ListedHeaders};
    use crate::policy::allow_methods::{AllowMethods, ListedMethods};
    use crate::policy::allow_origin::{AllowOrigin, ListedOrigins};
    use crate::policy::decision::Action;
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
            name: "a".to_owned(),
            allow_origin: AllowOrigin::Listed(ListedOrigins { set, ..ListedOrigins::default() }),
            allow_credentials: false,
            allow_methods: AllowMethods::Listed(ListedMethods::default()),
            allow_headers: AllowHeaders::Listed(ListedHeaders::default()),
            allow_private_network: false,
            expose_headers: None,
            max_age: None,
            preflight_status: 204,
            allow_timing: false,
            blocking: Blocking::Always,
            mode: Mode::Enforce,
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
