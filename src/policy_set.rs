//! The policies of a configuration, the first that matches applying.

use crate::decision::Decision;
use crate::policy::Policy;
use crate::request::RequestHead;
use crate::selector::{Selector, Target, host_of, is_normalized, path_of};

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
