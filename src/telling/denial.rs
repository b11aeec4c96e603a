//! The texts that the access log and the log show for a denial.

use std::fmt::{self, Write as _};

use crate::policy::decision::{Denial, Reason};
use crate::policy::{Mode, Policy};

/// The longest value of a request that a log line shows, in bytes after escaping.
const MAX_LOGGED_BYTES: usize = 256;

/// What is reported about the denials of one policy, prepared with the policy.
#[derive(Debug)]
pub struct Texts {
    /// What the access log shows for a denial, by its reason.
    outcomes: [String; Reason::ALL.len()],
    /// What it shows for a WebSocket handshake that is denied but goes on.
    open_websockets: [String; Reason::ALL.len()],
    /// The beginning of the log line for a denial.
    introduction: String,
}

impl Texts {
    /// Prepares the texts of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::new(policy.name(), policy.mode() == Mode::Shadow)
    }

    fn new(policy: &str, is_shadow: bool) -> Self {
        let denied = if is_shadow { "shadow-denied" } else { "denied" };
        // A shadow would say the same about what it would block.
        let open = if is_shadow { denied } else { "not-blocked" };
        Self {
            outcomes: Reason::ALL.map(|reason| format!("{denied}:{reason}")),
            open_websockets: Reason::ALL.map(|reason| format!("{open}:{reason}")),
            introduction: format!("{denied}: policy `{policy}`"),
        }
    }

    /// What the access log shows for a denial.
    #[must_use]
    pub fn outcome(&self, denial: &Denial) -> Option<&str> {
        let texts = if denial.is_open_websocket { &self.open_websockets } else { &self.outcomes };
        texts.get(denial.reason as usize).map(String::as_str)
    }

    /// The beginning of the log line for a denial.
    #[must_use]
    pub fn introduction(&self) -> &str {
        &self.introduction
    }
}

/// A denial in a log line: everything from the request is escaped.
#[derive(Debug)]
pub struct Told<'a> {
    /// What was denied.
    pub denial: &'a Denial,
    /// The `:authority` of the request.
    pub host: Vec<u8>,
    /// Its path, without the query, in which there may be secrets.
    pub path: Vec<u8>,
    /// Its method, or the one that its preflight asks for. Values that are no longer known are empty, and left out.
    pub method: Vec<u8>,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = Escaped(&self.denial.origin);
        write!(f, "{}, {}, origin {origin}", self.denial.kind.as_str(), self.denial.reason)?;
        for (name, value) in [("host", &self.host), ("path", &self.path), ("method", &self.method)] {
            if !value.is_empty() {
                write!(f, ", {name} {}", Escaped(value))?;
            }
        }
        match self.denial.reason {
            Reason::HeaderNotAllowed => write!(f, ", header {}", Escaped(&self.denial.refused)),
            _ => Ok(()),
        }
    }
}

/// Bytes of a request in backticks, escaped and cut.
#[derive(Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for byte in self.0.escape_ascii().take(MAX_LOGGED_BYTES) {
            f.write_char(char::from(byte))?;
        }
        f.write_str("`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decision::Kind;

    fn denial(reason: Reason, refused: &[u8], is_open_websocket: bool) -> Denial {
        let (origin, refused) = (b"https://evil.example".to_vec(), refused.to_vec());
        Denial { kind: Kind::Preflight, reason, origin, refused, is_open_websocket }
    }

    #[track_caller]
    fn outcomes(is_shadow: bool, denied: &str, open: &str) {
        let texts = Texts::new("api", is_shadow);
        for reason in Reason::ALL {
            let said = format!("{denied}:{}", reason.as_str());
            assert_eq!(texts.outcome(&denial(reason, b"", false)), Some(&*said));
            let said = format!("{open}:{}", reason.as_str());
            assert_eq!(texts.outcome(&denial(reason, b"", true)), Some(&*said));
        }
        assert_eq!(texts.introduction(), format!("{denied}: policy `api`"));
    }

    #[track_caller]
    fn escaped(bytes: &[u8], expected: &str) {
        assert_eq!(Escaped(bytes).to_string(), format!("`{expected}`"));
    }

    #[test]
    fn a_shadow_says_that_it_is_one() {
        outcomes(false, "denied", "not-blocked");
        outcomes(true, "shadow-denied", "shadow-denied");
    }

    #[test]
    fn a_line_says_what_was_called_and_what_was_refused() {
        let denial = denial(Reason::HeaderNotAllowed, b"x-a\n", false);
        let (host, path, method) = (b"api.example".to_vec(), b"/x".to_vec(), b"PUT".to_vec());
        let told = Told { denial: &denial, host, path, method };
        assert_eq!(
            told.to_string(),
            r"preflight, header-not-allowed, origin `https://evil.example`, host `api.example`, path `/x`, method `PUT`, header `x-a\n`"
        );
    }

    #[test]
    fn values_are_escaped() {
        escaped(b"https://evil.example", "https://evil.example");
        escaped(b"", "");
        escaped(b"a\r\nb\t\x1b[31m\0", r"a\r\nb\t\x1b[31m\x00");
        escaped(b"\xff\xc3\xbc", r"\xff\xc3\xbc");
        escaped(br#"\"'"#, r#"\\\"\'"#);
    }

    #[test]
    fn values_are_cut_after_their_escaping() {
        escaped(&[b'a'; MAX_LOGGED_BYTES], &"a".repeat(MAX_LOGGED_BYTES));
        escaped(&[b'a'; MAX_LOGGED_BYTES + 1], &"a".repeat(MAX_LOGGED_BYTES));
        escaped(&[0xff; MAX_LOGGED_BYTES], &r"\xff".repeat(MAX_LOGGED_BYTES / 4));
        assert_eq!(MAX_LOGGED_BYTES, 256);
    }
}
