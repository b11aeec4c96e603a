//! The policy for a path that has several readings. They choose policies, or none, and what these decide is compared here.

use super::decision::Decision;
use super::selector::Target;
use super::set::{Choice, Outcome, PolicySet, varied};
use super::{Mode, Strictness};
use crate::request::{RequestHead, RequestKind, readings};

impl PolicySet {
    /// Decides where a path has several readings: what is refused is not such a path, but a decision that depends on how
    /// it is read.
    pub(super) fn decide_on_readings(&self, target: Target, head: &dyn RequestHead) -> Outcome {
        let kind = RequestKind::of(head);
        let choices = self.choices(&target, &kind, head);
        let mut decisions = choices.iter().map(|choice| self.decision(*choice, kind.clone(), head));
        let first = decisions.next().unwrap_or_else(Decision::untouched);
        let (place, decision) = match decisions.all(|other| other == first) {
            true => (choices.first().and_then(|choice| choice.place), first),
            false => self.decide_strictly(&choices, kind, head),
        };
        Outcome { place, decision, route: self.route(place, target) }
    }

    /// The choices to which the readings lead, one for each policy and in their order; that of none comes last.
    pub(super) fn choices(&self, target: &Target, kind: &RequestKind, head: &dyn RequestHead) -> Vec<Choice> {
        if target.path.len() > readings::MAX_BYTES {
            return self.choices_of_any_path(target, kind, head);
        }
        let mut choices: Vec<Choice> = Vec::new();
        // What a cache has to know of a path does not depend on how it is read; but a response that no policy enforces
        // anything for is touched only if all readings ask for it.
        let (mut is_vary_due, mut is_vary_sure) = (false, true);
        for path in readings::of(&target.path) {
            let choice = self.choose(target, &path, Some(kind), head);
            is_vary_due |= choice.is_vary_due;
            is_vary_sure &= choice.is_vary_due;
            let order = |choice: &Choice| choice.place.unwrap_or(usize::MAX);
            let at = choices.iter().take_while(|other| order(other) < order(&choice)).count();
            if choices.get(at).is_none_or(|known| known.place != choice.place) {
                choices.insert(at, choice);
            }
        }
        for choice in &mut choices {
            let policy = choice.place.and_then(|place| self.policy(place));
            let is_enforced = policy.is_some_and(|policy| policy.mode() == Mode::Enforce);
            choice.is_vary_due = if is_enforced { is_vary_due } else { is_vary_sure };
        }
        choices
    }

    /// The choices to which any path leads, for one that is too long to be read: no policy among them, unless one takes
    /// every path.
    fn choices_of_any_path(
        &self,
        target: &Target,
        kind: &RequestKind,
        head: &dyn RequestHead,
    ) -> Vec<Choice> {
        let mut places = Vec::new();
        let (mut is_origin_asked, mut is_any_enforced, mut is_none_left) = (false, false, true);
        for (at, (selector, policy)) in self.policies.iter().enumerate() {
            if !is_none_left || !selector.selects_but_for_path(target) {
                continue;
            }
            is_origin_asked |= selector.allowed_origins_only;
            is_any_enforced |= policy.mode() == Mode::Enforce;
            // What takes the slash that a path begins with takes every reading of it.
            let takes_all = selector.selects(target, target.path.get(..1).unwrap_or_default());
            is_none_left = selector.allowed_origins_only || !takes_all;
            if !selector.allowed_origins_only || policy.allows_origin_of(kind, head) {
                places.push(Some(at));
            }
        }
        places.extend(is_none_left.then_some(None));
        let is_vary_due = is_origin_asked && is_any_enforced;
        places.into_iter().map(|place| Choice { place, is_vary_due }).collect()
    }

    /// The strictest of several decisions: a page gets no more than any of them gives it.
    fn decide_strictly(
        &self,
        choices: &[Choice],
        kind: RequestKind,
        head: &dyn RequestHead,
    ) -> (Option<usize>, Decision) {
        let mut strictness = Strictness::default();
        let (mut enforced, mut shadow) = (None, None);
        for at in choices.iter().filter_map(|choice| choice.place) {
            let Some(policy) = self.policy(at) else { continue };
            match policy.mode() {
                Mode::Enforce => {
                    strictness = strictness.and(policy.strictness());
                    enforced = enforced.or(Some((at, policy)));
                }
                Mode::Shadow => shadow = shadow.or(Some((at, policy))),
                Mode::Passthrough => {}
            }
        }
        let (place, decision) = match enforced.or(shadow) {
            Some((at, policy)) => (Some(at), policy.decide_on_ambiguous_path(strictness, kind, head)),
            None => (None, Decision::untouched()),
        };
        // Where no policy enforces, one that was passed over for its origins may.
        let is_vary_due = choices.iter().all(|choice| choice.is_vary_due);
        (place, if is_vary_due { varied(decision) } else { decision })
    }
}
