//! What the guard says of a regex, against what the oracle says.

use proxy_wasm_cors::config::{self, Severity};
use serde_json::json;

use crate::verdict::Verdict;

/// As many failures are shown.
const SHOWN: usize = 40;

/// Whether it is excused that a regex was refused with the message.
type Excuse = fn(&str, &str) -> bool;

/// Why a regex that names whom it lets in may be refused all the same.
const EXCEPTIONS: [(&str, Excuse); 4] = [
    ("it reads like a glob, which would mean other origins", |regex, _message| regex.contains("/*")),
    ("only few top-level domains go on after `com`", |regex, _message| {
        regex.contains("com[") || regex.contains("com\\w")
    }),
    ("that a word cannot begin there is not taken into account", |regex, _message| regex.contains("\\b")),
    ("it is too complex to judge", |_regex, message| message.contains("too complex")),
];

/// Without credentials there is only a word more or less: it is asked for one in so many.
const WITHOUT_CREDENTIALS: usize = 4;

/// How many regexes got which verdict, and what did not hold.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) strangers: usize,
    pub(crate) named: usize,
    few: usize,
    above: usize,
    unlisted: usize,
    nobody: usize,
    unknown: Vec<String>,
    not_regexes: usize,
    excused: [usize; EXCEPTIONS.len()],
    pub(crate) failures: Vec<String>,
}

/// What became of a configuration with the regex in it.
#[derive(PartialEq)]
enum Fate {
    Refused(String),
    Warned,
    Silent,
}

impl Tally {
    /// Counts the verdict, and holds the guard to it.
    pub(crate) fn judge(&mut self, regex: &str, verdict: Verdict) {
        let Ok(compiled) = regex_lite::Regex::new(&format!("^(?:{regex})$")) else {
            self.not_regexes += 1;
            return;
        };
        match verdict {
            Verdict::Strangers(origin) => {
                self.strangers += 1;
                // The two engines agree, or the oracle has judged another regex.
                assert!(!origin.contains("://") || compiled.is_match(&origin), "{regex} and {origin}");
                self.never_in_silence(regex, &origin);
            }
            Verdict::Named => {
                self.named += 1;
                self.never_refused(regex);
            }
            Verdict::Few(_) => self.few += 1,
            Verdict::AboveSuffixes => self.above += 1,
            Verdict::Unlisted => self.unlisted += 1,
            Verdict::Nobody => self.nobody += 1,
            Verdict::Unknown => self.unknown.push(regex.to_owned()),
        }
    }

    /// Adds what another thread has found.
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.strangers += other.strangers;
        self.named += other.named;
        self.few += other.few;
        self.above += other.above;
        self.unlisted += other.unlisted;
        self.nobody += other.nobody;
        self.not_regexes += other.not_regexes;
        self.unknown.extend(other.unknown);
        self.failures.extend(other.failures);
        self.excused.iter_mut().zip(other.excused).for_each(|(count, more)| *count += more);
        self
    }

    fn never_in_silence(&mut self, regex: &str, origin: &str) {
        match fate(regex, true) {
            Fate::Refused(_) => {}
            Fate::Warned => self.fail("only warned of, with credentials", regex, origin),
            Fate::Silent => self.fail("silent, with credentials", regex, origin),
        }
        if self.strangers % WITHOUT_CREDENTIALS == 0 && fate(regex, false) == Fate::Silent {
            self.fail("silent, without credentials", regex, origin);
        }
    }

    fn never_refused(&mut self, regex: &str) {
        // Without credentials, less is refused.
        let Fate::Refused(message) = fate(regex, true) else { return };
        match EXCEPTIONS.iter().position(|(_reason, is_excused)| is_excused(regex, &message)) {
            Some(exception) => self.excused[exception] += 1,
            None => self.fail("refused", regex, &message),
        }
    }

    fn fail(&mut self, what: &str, regex: &str, detail: &str) {
        self.failures.push(format!("{what}: {regex}   ({detail})"));
    }

    /// Says how many there were of each.
    pub(crate) fn print(&self, suite: &str) {
        for failure in self.failures.iter().take(SHOWN) {
            println!("FAILED {failure}");
        }
        for kind in ["silent, with credentials", "only warned of", "silent, without", "refused"] {
            println!("{suite}: {} {kind}", self.failures.iter().filter(|it| it.starts_with(kind)).count());
        }
        for ((reason, _), count) in EXCEPTIONS.iter().zip(self.excused) {
            println!("{suite}: {count} named and refused, since {reason}");
        }
        self.unknown.iter().for_each(|regex| println!("not judged: {}", cut(regex)));
        println!(
            "{suite}: {} let strangers in, {} a few, {} named, {} free above \
             public suffixes, {} beyond known top-level domains, {} match nobody; {} not judged, {} not regexes",
            self.strangers,
            self.few,
            self.named,
            self.above,
            self.unlisted,
            self.nobody,
            self.unknown.len(),
            self.not_regexes
        );
    }
}

/// That `http` pages are let in too is another matter, and always lifted.
fn fate(regex: &str, credentials: bool) -> Fate {
    let config = json!({
        "allow_origins": [{"regex": regex}],
        "allow_credentials": credentials,
        "dangerously_allow": if credentials { vec!["insecure-origins-with-credentials"] } else { Vec::new() },
    });
    let loaded = config::load(Some(config.to_string().as_bytes()));
    // A switch may lift nothing; such a warning is not about the regex.
    let mut findings = loaded.findings.iter().filter(|finding| finding.path.starts_with("allow_origins"));
    if let Some(problem) = findings.clone().find(|finding| finding.severity == Severity::Problem) {
        return Fate::Refused(problem.message.clone());
    }
    if findings.next().is_some() { Fate::Warned } else { Fate::Silent }
}

fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
