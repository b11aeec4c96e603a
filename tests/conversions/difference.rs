//! Where a page gets more or less than where the file comes from.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::browser::{Browser, Fetched, Outcome};
use super::call::Call;
use super::calls::{self, Calls};
use super::case::Case;
use super::converted::says;
use super::service::Service;
use super::side::Side;

/// What the calls of a case showed: a call for each kind of difference that was seen.
#[derive(Default)]
pub(crate) struct Differences {
    pub(crate) calls: usize,
    /// Calls whose result somebody has written down, and that turned out differently.
    probes: Vec<String>,
    /// A page gets more.
    more: Option<String>,
    /// A page gets more of a service that lets everyone in by itself: no policy applies any longer.
    more_of_open: Option<String>,
    /// A page gets less, whatever the service says.
    less: Option<String>,
    /// A page gets less of a service that lets everyone in by itself.
    less_of_open: Option<String>,
    /// A preflight is kept for another time.
    kept: Option<String>,
}

/// Whether pages are expected to get more or less, by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) more: bool,
    pub(crate) less: bool,
}

impl Differences {
    /// Makes every call of a case on both sides, before both services.
    pub(crate) fn between(case: &Case, mut there: Side<'_>, mut here: Side<'_>) -> Self {
        let mut differences = Self::default();
        for probe in &case.probes {
            let there = outcome(&mut there, probe);
            let here = outcome(&mut here, probe);
            // Passing a path by can be said now, which gives a page what it got there.
            if there != probe["there"] || here != probe["here"] && here != there {
                differences.probes.push(format!("{probe}: {there} there, {here} here"));
            }
        }
        for service in [Service::Silent, Service::Open] {
            there.service = service;
            here.service = service;
            Calls::of(case).each(|call| {
                // As all that are shipped: a literal `*` covers `Authorization`.
                let there = Browser::Lenient.fetch(call, &mut there);
                let here = Browser::Lenient.fetch(call, &mut here);
                differences.add(call, service, &there, &here);
            });
        }
        differences
    }

    fn add(&mut self, call: &Call<'_>, service: Service, there: &Fetched, here: &Fetched) {
        self.calls += 1;
        let (there_gets, here_gets) = (gets(there), gets(here));
        let text = || {
            format!("{call} before a service that is {service:?}: there {there_gets:?}, here {here_gets:?}")
        };
        if exceeds(here_gets, there_gets) {
            let more = if service == Service::Silent { &mut self.more } else { &mut self.more_of_open };
            more.get_or_insert_with(text);
        }
        if exceeds(there_gets, here_gets) {
            let less = if service == Service::Silent { &mut self.less } else { &mut self.less_of_open };
            less.get_or_insert_with(text);
        }
        if service == Service::Silent
            && there_gets.is_some()
            && here_gets.is_some()
            && kept(there) != kept(here)
        {
            let (there, here) = (kept(there), kept(here));
            self.kept.get_or_insert_with(|| format!("{call}: kept {there:?} there, {here:?} here"));
        }
    }

    /// The differences that no note speaks of.
    pub(crate) fn unsaid(&self, notes: &[Value]) -> Vec<String> {
        let unless = |what: &str, call: &Option<String>, kinds: &[&str]| {
            let call = call.as_ref().filter(|_| !says(notes, kinds))?;
            Some(format!("a page gets {what}, and none of the notes is one of {kinds:?}: {call}"))
        };
        let kept = self.kept.as_ref().filter(|_| !speaks_of_age(notes));
        let differences = [
            unless("more", &self.more, &["wider", "ask"]),
            unless("more of an open service", &self.more_of_open, &["wider", "narrower", "ask"]),
            unless("less", &self.less, &["narrower", "ask"]),
            unless("less of an open service", &self.less_of_open, &["changed", "narrower", "ask"]),
            kept.map(|call| format!("no note speaks of how long a preflight is kept: {call}")),
        ];
        differences.into_iter().flatten().collect()
    }

    /// What differs from what is expected by hand.
    pub(crate) fn unexpected(&self, expected: Option<Expected>) -> Vec<String> {
        let Some(expected) = expected else { return vec!["it has no row in `expected.rs`".to_owned()] };
        let compare = |what: &str, expected: bool, call: &Option<String>| match (expected, call) {
            (true, None) => Some(format!("no page gets {what}, though that was expected")),
            (false, Some(call)) => Some(format!("a page gets {what}: {call}")),
            _ => None,
        };
        let differences =
            [compare("more", expected.more, &self.more), compare("less", expected.less, &self.less)];
        differences.into_iter().flatten().chain(self.probes.iter().cloned()).collect()
    }
}

/// The result of a call that somebody has written down.
fn outcome(side: &mut Side<'_>, probe: &Value) -> Value {
    let [silent, open] = [Service::Silent, Service::Open].map(|service| {
        side.service = service;
        let fetched = calls::probe(probe, |call| Browser::Lenient.fetch(call, side));
        gets(&fetched).is_some()
    });
    // Of other origins, most products leave the service's own headers as they are: that is `false` too.
    let is_left_to_the_service =
        !silent && open && [&probe["there"], &probe["here"]].contains(&&json!("upstream"));
    if is_left_to_the_service { json!("upstream") } else { json!(silent) }
}

fn speaks_of_age(notes: &[Value]) -> bool {
    notes.iter().any(|note| {
        let says = format!("{}{}", note["at"], note["text"]).to_ascii_lowercase().replace(['_', '-'], "");
        says.contains("maxage") || says.contains("seconds")
    })
}

/// The names that a page can read of a response, if it gets one.
fn gets(fetched: &Fetched) -> Option<&BTreeSet<String>> {
    match &fetched.outcome {
        Outcome::Response(names) => Some(names),
        Outcome::Unsendable | Outcome::NetworkError => None,
    }
}

/// What a service says itself; a proxy adds its own names.
const LOOKED_AT: [&str; 4] = ["content-type", "x-request-id", "x-job-id", "x-other"];

fn exceeds(one: Option<&BTreeSet<String>>, other: Option<&BTreeSet<String>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            LOOKED_AT.iter().any(|name| one.contains(*name) && !other.contains(*name))
        }
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// How long browsers keep a preflight, which is a day at most and 5 seconds if nothing says it:
/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.8 and on.
fn kept(fetched: &Fetched) -> Option<u64> {
    let preflight = fetched.exchanges.first().filter(|exchange| exchange.is_preflight)?;
    let age = preflight.reply.response.head.value("access-control-max-age");
    Some(age.map_or(5, |age| {
        age.trim().parse().map_or(5, |age: i64| u64::try_from(age).map_or(0, |age| age.min(86_400)))
    }))
}
