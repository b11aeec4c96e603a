//! What `test` prints for build servers: <https://github.com/testmoapp/junitxml>.

use quick_junit::{NonSuccessKind, Report as Document, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::table::{details, title};
use super::{Report, Tried};

/// All files as one document, a suite each.
pub(super) fn text(reports: &[Report]) -> Result<String, SerializeError> {
    let mut document = Document::new("proxy-wasm-cors test");
    for report in reports {
        let mut suite = TestSuite::new(&report.file);
        suite.add_test_cases(report.results.iter().map(|tried| case(&report.file, tried)));
        document.add_test_suite(suite);
    }
    document.to_string()
}

fn case(file: &str, tried: &Tried) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !tried.holds() {
        let lines: Vec<String> =
            details(tried).into_iter().map(|(label, text)| format!("{label}: {text}")).collect();
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(lines.iter().take(2).cloned().collect::<Vec<_>>().join("; "));
        status.set_description(lines.join("\n"));
    }
    let mut case = TestCase::new(title(tried), status);
    case.set_classname(file);
    let place = [("file", file.to_owned()), ("line", tried.expectation.line.to_string())];
    case.extra.extend(place.map(|(name, value)| (name.into(), value.into())));
    case
}
