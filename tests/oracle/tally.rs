//! What was judged, and what was found.

use std::fmt;

use super::browser::{Browser, Fetched, Outcome};
use super::call::Call;

/// As many differences are shown of one policy.
const SHOWN: usize = 20;

/// Counts of calls, each judged in one browser.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) judged: usize,
    pub(crate) requests: usize,
    pub(crate) allowed: usize,
    pub(crate) refused: usize,
    pub(crate) wrong: usize,
    pub(crate) differences: Vec<String>,
}

impl Tally {
    /// Counts a call.
    pub(crate) fn add(
        &mut self,
        call: &Call<'_>,
        browser: Browser,
        fetched: &Fetched,
        differences: Vec<String>,
    ) {
        self.judged += 1;
        self.requests += fetched.exchanges.len();
        match fetched.outcome {
            Outcome::Response(_) => self.allowed += 1,
            Outcome::NetworkError => self.refused += 1,
            Outcome::Unsendable => {}
        }
        if differences.is_empty() {
            return;
        }
        self.wrong += 1;
        if self.differences.len() < SHOWN {
            let found = differences.join("; ");
            self.differences.push(format!("{call} in a {browser:?} browser: {found}"));
        }
    }

    /// Adds the counts of another.
    pub(crate) fn count(&mut self, other: &Self) {
        self.judged += other.judged;
        self.requests += other.requests;
        self.allowed += other.allowed;
        self.refused += other.refused;
        self.wrong += other.wrong;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { judged, requests, allowed, refused, .. } = self;
        write!(out, "{judged} calls with {requests} requests judged: {allowed} allowed, {refused} refused")
    }
}
