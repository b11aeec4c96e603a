//! What is wrong or doubtful in a configuration, and where.

use std::fmt;

use super::value::write_escaped;

/// One thing found in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it makes the filter refuse the configuration.
    pub severity: Severity,
    /// Where it is, as in `policies[1].allow_origins[2]`, with names as the operator wrote them.
    pub path: String,
    /// What is wrong, then after `;` what to write instead.
    pub message: String,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The configuration is refused.
    Problem,
    /// The configuration is accepted, but something in it does not do what it seems to.
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "config: {}: {}", self.path, self.message)
    }
}

/// Collects all findings, so that the operator can fix everything at once.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    problems: usize,
}

impl Findings {
    /// Adds a problem.
    pub fn problem(&mut self, path: &Path<'_>, message: impl fmt::Display) {
        self.add(Severity::Problem, path, &message);
    }

    /// Adds a warning.
    pub fn warning(&mut self, path: &Path<'_>, message: impl fmt::Display) {
        self.add(Severity::Warning, path, &message);
    }

    fn add(&mut self, severity: Severity, path: &Path<'_>, message: &dyn fmt::Display) {
        self.problems = self.problems.saturating_add(usize::from(severity == Severity::Problem));
        self.list.push(Finding { severity, path: path.to_string(), message: message.to_string() });
    }

    /// How many problems there are.
    #[must_use]
    pub fn problems(&self) -> usize {
        self.problems
    }

    /// The findings, in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Finding> {
        self.list
    }
}

/// Everything to say about one thing, one finding after the other.
pub fn also(said: &[String]) -> String {
    let mut all = String::new();
    for one in said {
        if !all.is_empty() {
            all.push_str(". Also, it ");
        }
        all.push_str(one);
    }
    all
}

/// How many of the findings are problems.
pub fn problems(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.severity == Severity::Problem).count()
}

/// A place in a configuration.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The whole.
    Root,
    /// A member of an object.
    Field(&'a Path<'a>, &'a str),
    /// An item of a list, counted from 0.
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The place of a member.
    #[must_use]
    pub fn field<'a>(&'a self, name: &'a str) -> Path<'a> {
        Path::Field(self, name)
    }

    /// The place of an item.
    #[must_use]
    pub fn item(&self, index: usize) -> Path<'_> {
        Path::Item(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => f.write_str("(whole)"),
            Path::Field(Path::Root, name) => write_name(name, f),
            Path::Field(parent, name) => {
                write!(f, "{parent}.")?;
                write_name(name, f)
            }
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// The longest name that a path shows, in characters.
const MAX_NAME_CHARS: usize = 100;

/// A name from the configuration may contain anything; it must not break or flood a line of the log.
fn write_name(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if name.is_empty() {
        return f.write_str("(empty)");
    }
    write_escaped(name.chars().take(MAX_NAME_CHARS), f)
}
