//! How the policy for a request is chosen, for people who ask. Only the command uses this, not the plugin.

use super::Policy;
use super::decision::Decision;
use super::selector::{Selector, Target};
use super::set::{Choice, PolicySet};
use crate::request::{RequestHead, RequestKind, readings};

/// What one or more readings of a path lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The first of the readings, without the query; `None` if the path has more than are made, and is taken to lead wherever
    /// it could.
    pub reading: Option<Vec<u8>>,
    /// The place of the policy that applies then; `None` if none does.
    pub place: Option<usize>,
    /// The places of the policies before it that are only for origins that they allow, and would apply to one of these.
    pub passed_over: Vec<usize>,
    /// What is decided then, but for the `Vary` that is due because other origins choose another policy.
    pub decision: Decision,
}

impl PolicySet {
    /// What the readings of a request's path lead to, first that of the path as it is. Most paths lead to one candidate.
    #[must_use]
    pub fn candidates(&self, head: &impl RequestHead) -> Vec<Candidate> {
        let target = self.target(head);
        let kind = RequestKind::of(head);
        let mut candidates: Vec<Candidate> = Vec::new();
        for (reading, choice) in self.read(&target, &kind, head) {
            let path = reading.as_ref().unwrap_or(&target.path);
            let passed_over = self.passed_over(choice, &target, path);
            let is_known =
                |known: &Candidate| known.place == choice.place && known.passed_over == passed_over;
            if !candidates.iter().any(is_known) {
                let policy = choice.place.and_then(|place| self.policy(place));
                let decision =
                    policy.map_or_else(Decision::untouched, |policy| policy.decide(kind.clone(), head));
                candidates.push(Candidate { reading, place: choice.place, passed_over, decision });
            }
        }
        candidates
    }

    fn read(
        &self,
        target: &Target,
        kind: &RequestKind,
        head: &impl RequestHead,
    ) -> Vec<(Option<Vec<u8>>, Choice)> {
        let is_one = readings::is_one(&target.path);
        if !is_one && target.path.len() > readings::MAX_BYTES {
            return self.choices(target, kind, head).into_iter().map(|choice| (None, choice)).collect();
        }
        let paths = if is_one { vec![target.path.clone()] } else { readings::of(&target.path) };
        let choose = |path: Vec<u8>| {
            let choice = self.choose(target, &path, Some(kind), head);
            (Some(path), choice)
        };
        paths.into_iter().map(choose).collect()
    }

    fn passed_over(&self, choice: Choice, target: &Target, path: &[u8]) -> Vec<usize> {
        let before = self.policies.iter().enumerate().take(choice.place.unwrap_or(usize::MAX));
        let is_passed_over = |(place, (selector, _)): (usize, &(Selector, Policy))| {
            (selector.allowed_origins_only && selector.selects(target, path)).then_some(place)
        };
        before.filter_map(is_passed_over).collect()
    }
}
