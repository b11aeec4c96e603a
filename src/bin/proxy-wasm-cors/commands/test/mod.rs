//! `test`: whether pages get what an expectations file says, under the configuration that it stands beside.

mod expectations;
mod fields;
mod junit;
pub(crate) mod schema;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::explain::{standing, unusable_text};
use crate::TestFormat;
use crate::entries::Standing;
use crate::files::in_force::InForce;
use crate::page::course::Course;
use crate::page::summary::Summary;
use crate::style::{BAD, say, styled};
use expectations::{Expectation, Expectations};

/// The exit code if a file cannot be read or contains no valid configuration.
const UNREADABLE: u8 = 2;

/// The results of the calls in a file.
struct Report {
    file: String,
    results: Vec<Tried>,
}

/// An expectation, and the result of its call.
struct Tried {
    expectation: Expectation,
    summary: Summary,
    standing: Standing,
}

/// Tries all calls. Ends with 1 if one does not turn out as expected, and with 2 if a file cannot be read.
pub(crate) fn run(files: &[PathBuf], format: TestFormat) -> ExitCode {
    let read: Vec<Result<Report, String>> = files.iter().map(|file| report(file)).collect();
    let unreadable: Vec<&String> = read.iter().filter_map(|report| report.as_ref().err()).collect();
    let is_unreadable = !unreadable.is_empty();
    unreadable.into_iter().for_each(|message| anstream::eprintln!("{message}"));
    let reports: Vec<Report> = read.into_iter().filter_map(Result::ok).collect();
    match format {
        TestFormat::Text => reports.iter().for_each(|report| say(&table::text(report))),
        TestFormat::Junit => match junit::text(&reports) {
            Ok(text) => say(text.trim_end()),
            Err(error) => anstream::eprintln!("{}: {error}", styled(BAD, "problem")),
        },
    }
    match (is_unreadable, reports.iter().all(Report::holds)) {
        (true, _) => ExitCode::from(UNREADABLE),
        (false, false) => ExitCode::FAILURE,
        (false, true) => ExitCode::SUCCESS,
    }
}

impl Report {
    fn holds(&self) -> bool {
        self.results.iter().all(Tried::holds)
    }
}

/// The calls of a file, or what is wrong with it or with the configuration that it names.
fn report(path: &Path) -> Result<Report, String> {
    let file = path.display().to_string();
    let documents = expectations::read(path).map_err(|faults| {
        let line = |fault: &fields::Fault| {
            let number = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{file}{number}: {}: {}", styled(BAD, "problem"), fault.text)
        };
        faults.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    let mut results = Vec::new();
    for document in documents {
        results.extend(try_all(document)?);
    }
    Ok(Report { file, results })
}

fn try_all(expectations: Expectations) -> Result<Vec<Tried>, String> {
    let file = &expectations.configuration;
    let in_force = InForce::load(file, expectations.filter.as_deref());
    match in_force.map_err(|unusable| unusable_text(file, unusable))? {
        // Expectations make no sense for a policy that replaces a mistake.
        in_force if in_force.is_stand_in => Err(super::check::text_of(file)),
        in_force => Ok(expectations.all.into_iter().map(|one| try_one(one, &in_force)).collect()),
    }
}

fn try_one(expectation: Expectation, in_force: &InForce) -> Tried {
    let Expectation { call, target, .. } = &expectation;
    let course = Course::of(&in_force.policies, target, call);
    let summary = Summary::of(&course, &in_force.policies);
    let standing = standing(&course, in_force, call, target);
    Tried { expectation, summary, standing }
}

impl Tried {
    fn holds(&self) -> bool {
        let Self { expectation: expected, summary: real, .. } = self;
        expected.page == real.page
            && expected.reason.is_none_or(|reason| Some(reason) == real.reason)
            && expected.policy.as_ref().is_none_or(|policy| Some(policy) == real.policy.as_ref())
    }
}
