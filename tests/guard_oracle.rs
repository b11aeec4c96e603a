//! An oracle for the guard over regexes, which shares no code with it. Each regex becomes a deterministic automaton
//! that reads origins from their end, and the oracle walks it with the whole Public Suffix List. The guard never
//! silently accepts a regex that lets in whoever registers a name, and never refuses one that names whom it lets in.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "guard_oracle/addresses.rs"]
mod addresses;
#[path = "guard_oracle/fronts.rs"]
mod fronts;
#[path = "guard_oracle/grammar.rs"]
mod grammar;
#[path = "guard_oracle/known.rs"]
mod known;
#[path = "guard_oracle/names.rs"]
mod names;
#[path = "guard_oracle/ports.rs"]
mod ports;
#[path = "guard_oracle/property.rs"]
mod property;
#[path = "guard_oracle/reader.rs"]
mod reader;
#[path = "guard_oracle/suffixes.rs"]
mod suffixes;
#[path = "guard_oracle/verdict.rs"]
mod verdict;
#[path = "guard_oracle/written.rs"]
mod written;

use std::num::NonZero;
use std::thread;

use property::Tally;
use verdict::Oracle;

const GENERATED: usize = 3_200;

#[test]
fn regexes_of_the_cases() {
    holds("guard oracle, cases", written::regexes());
}

#[test]
fn regexes_of_a_grammar() {
    let tally = holds("guard oracle, grammar", grammar::regexes(GENERATED));
    assert!(tally.strangers > 1_000 && tally.named > 300, "the grammar has become one-sided");
}

/// Judges all of them, and fails where the guard says something else.
fn holds(suite: &str, regexes: impl IntoIterator<Item = String>) -> Tally {
    let oracle = Oracle::new();
    let regexes: Vec<String> = regexes.into_iter().collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let tally = thread::scope(|scope| {
        let judge = |first: usize| {
            let (oracle, regexes) = (&oracle, &regexes);
            scope.spawn(move || judged(oracle, regexes.iter().skip(first).step_by(threads)))
        };
        let judging: Vec<_> = (0..threads).map(judge).collect();
        let tallies = judging.into_iter().map(|thread| thread.join().expect("a thread judges to its end"));
        tallies.fold(Tally::default(), Tally::with)
    });
    tally.print(suite);
    assert!(tally.failures.is_empty(), "{suite}: {} regexes failed", tally.failures.len());
    tally
}

fn judged<'r>(oracle: &Oracle, regexes: impl Iterator<Item = &'r String>) -> Tally {
    let mut tally = Tally::default();
    regexes.for_each(|regex| tally.judge(regex, oracle.judge(regex)));
    tally
}
