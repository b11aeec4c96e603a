//! The texts that the access log and the log show of a denial.

use std::fmt::{self, Write as _};

use crate::policy::Policy;
use crate::policy::decision::{Denial, Reason};

/// The longest origin that a log line shows, in bytes after escaping.
const MAX_LOGGED_BYTES: usize = 256;

/// What is told of the denials of one policy, prepared with it.
#[derive(Debug)]
pub struct Texts {
    /// What the access log shows of a denial, by its reason.
    outcomes: [String; Reason::ALL.len()],
    /// With which the log line of a denial begins.
    introduction: String,
}

impl Texts {
    /// Prepares the texts of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::new(policy.name(), policy.is_shadow())
    }

    fn new(policy: &str, is_shadow: bool) -> Self {
        let denied = if is_shadow { "shadow-denied" } else { "denied" };
        Self {
            outcomes: Reason::ALL.map(|reason| format!("{denied}:{reason}")),
            introduction: format!("{denied}: policy `{policy}`"),
        }
    }

    /// What the access log shows of a denial for this reason.
    #[must_use]
    pub fn outcome(&self, reason: Reason) -> Option<&str> {
        self.outcomes.get(reason as usize).map(String::as_str)
    }

    /// With which the log line of a denial begins.
    #[must_use]
    pub fn introduction(&self) -> &str {
        &self.introduction
    }
}

/// A denial in a log line: nothing of the request stands there unescaped.
#[derive(Debug)]
pub struct Told<'a>(pub &'a Denial);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, origin `", self.0.kind.as_str(), self.0.reason)?;
        for byte in self.0.origin.escape_ascii().take(MAX_LOGGED_BYTES) {
            f.write_char(char::from(byte))?;
        }
        f.write_str("`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decision::Kind;

    #[track_caller]
    fn outcomes(is_shadow: bool, denied: &str) {
        let texts = Texts::new("api", is_shadow);
        for reason in Reason::ALL {
            assert_eq!(texts.outcome(reason), Some(&*format!("{denied}:{}", reason.as_str())));
        }
        assert_eq!(texts.introduction(), format!("{denied}: policy `api`"));
    }

    #[track_caller]
    fn told(origin: &[u8], expected: &str) {
        let denial =
            Denial { kind: Kind::Preflight, reason: Reason::OriginMalformed, origin: origin.to_vec() };
        assert_eq!(Told(&denial).to_string(), format!("preflight, origin-malformed, origin `{expected}`"));
    }

    #[test]
    fn a_shadow_says_that_it_is_one() {
        outcomes(false, "denied");
        outcomes(true, "shadow-denied");
    }

    #[test]
    fn an_origin_is_escaped() {
        told(b"https://evil.example", "https://evil.example");
        told(b"", "");
        told(b"a\r\nb\t\x1b[31m\0", r"a\r\nb\t\x1b[31m\x00");
        told(b"\xff\xc3\xbc", r"\xff\xc3\xbc");
        told(br#"\"'"#, r#"\\\"\'"#);
    }

    #[test]
    fn an_origin_is_cut_after_its_escaping() {
        told(&[b'a'; MAX_LOGGED_BYTES], &"a".repeat(MAX_LOGGED_BYTES));
        told(&[b'a'; MAX_LOGGED_BYTES + 1], &"a".repeat(MAX_LOGGED_BYTES));
        told(&[0xff; MAX_LOGGED_BYTES], &r"\xff".repeat(MAX_LOGGED_BYTES / 4));
        assert_eq!(MAX_LOGGED_BYTES, 256);
    }
}
