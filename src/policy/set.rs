//! The policies of a configuration, the first that matches applying.

use super::Policy;
use super::decision::Decision;
use super::selector::{Selector, Target, host_of};
use crate::request::RequestHead;
use crate::request::path::{is_normalized, path_of};

/// All policies of a configuration, in order.
#[derive(Debug)]
pub struct PolicySet {
    policies: Vec<(Selector, Policy)>,
    looks_at_host: bool,
    looks_at_path: bool,
    looks_at_route: bool,
}

impl PolicySet {
    /// Puts policies in order.
    #[must_use]
    pub fn new(policies: Vec<(Selector, Policy)>) -> Self {
        let some = |looks: fn(&Selector) -> bool| policies.iter().any(|(selector, _)| looks(selector));
        Self {
            looks_at_host: some(Selector::looks_at_host),
            looks_at_path: some(Selector::looks_at_path),
            looks_at_route: some(Selector::looks_at_route),
            policies,
        }
    }

    /// The policies, in order.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().map(|(_, policy)| policy)
    }

    /// Decides what to do with a request and its response: the place of the policy that applies, and its decision.
    /// `None` if no policy applies, so that both pass untouched.
    pub fn decide(&self, head: &impl RequestHead) -> Option<(usize, Decision)> {
        let target = self.target(head);
        let mut candidates = self.policies.iter().enumerate();
        // Only a path that chooses needs one reading.
        if self.looks_at_path && !is_normalized(&target.path) {
            let (at, (_, policy)) =
                candidates.find(|(_, (selector, _))| selector.selects_but_for_path(&target))?;
            return Some((at, policy.decide_on_ambiguous_path(head)));
        }
        let (at, (_, policy)) = candidates.find(|(_, (selector, _))| selector.selects(&target))?;
        Some((at, policy.decide(head)))
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
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::origin::pattern::OriginPattern;
    use crate::origin::set::OriginSet;
    use crate::policy::allow_headers::{AllowHeaders, ListedHeaders};
    use crate::policy::allow_methods::{AllowMethods, ListedMethods};
    use crate::policy::allow_origin::AllowOrigin;
    use crate::policy::decision::Action;
    use crate::policy::selector::HostPattern;

    /// A head that notes what it is asked for.
    struct Noting<'a> {
        headers: &'a [(&'static str, &'static str)],
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
            allow_origin: AllowOrigin::Listed { set, null: false },
            allow_credentials: false,
            allow_methods: AllowMethods::Listed(ListedMethods::default()),
            allow_headers: AllowHeaders::Listed(ListedHeaders::default()),
            allow_private_network: false,
            expose_headers: None,
            max_age: None,
            preflight_status: 204,
            block_denied_requests: true,
            is_shadow: false,
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
        asks(one(), &[EVIL], &["origin", acrm, ":authority"]);
        let own = [EVIL, (":authority", "b.example")];
        asks(one(), &own, &["origin", acrm, ":authority", "x-forwarded-proto", ":scheme"]);
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

    /// Behind several proxies the scheme may be a list.
    #[test]
    fn the_first_scheme_of_a_list_is_the_browsers() {
        let set = only_a(Selector::default());
        let forwarded = |scheme| {
            let headers = [EVIL, (":authority", "b.example"), ("x-forwarded-proto", scheme)];
            let head = Noting { headers: &headers, asked: RefCell::default() };
            let decision = set.decide(&head).map(|(_, decision)| decision);
            decision.is_some_and(|decision| decision.action == Action::Forward)
        };
        assert!(forwarded("https") && forwarded("https, http"));
        assert!(!forwarded("http") && !forwarded("http,https") && !forwarded(""));
    }

    #[test]
    fn only_what_some_policy_looks_at_is_asked_for() {
        let hosts = Some(vec![HostPattern::Exact("x".into())]);
        asks(Selector::new(hosts, None, None), &[], &[":authority"]);
        asks(Selector::new(None, Some(vec!["/x".into()]), None), &[(":path", "/x?y")], &[":path", "origin"]);
        asks(Selector::new(None, None, Some(vec!["x".into()])), &[], &["(route)"]);
        asks(Selector::default(), &[], &["origin"]);
    }
}
