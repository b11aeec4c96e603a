//! The set of origins that a policy names, with look-ups by whole origins and whole labels.

use super::host::Host;
use super::numbering::Numbering;
use super::pattern::{OriginPattern, PortPattern};
use super::regex::dfa::Tables;
use super::{MAX_ORIGIN_BYTES, Origin};

/// A set of origin patterns. A look-up costs the same for ten patterns as for a hundred thousand, and for ten regexes
/// as for a thousand.
#[derive(Debug, Default)]
pub struct OriginSet {
    exact: Table,
    /// Origins without their port, each with any.
    any_port: Table,
    /// Under each host, the schemes and ports with which its subdomains match.
    subdomains: Table,
    regexes: Tables,
    /// Whether regexes match only pages that came over the network protected.
    is_secure_only: bool,
}

type SchemeAndPort = (Box<str>, PortPattern);

impl OriginSet {
    /// Adds a pattern; `false` if it is already there.
    pub fn insert(&mut self, pattern: &OriginPattern<'_>) -> bool {
        if let (true, Host::Name(base)) = (pattern.is_wildcard(), pattern.host()) {
            return self.insert_subdomains(base, (pattern.scheme().into(), pattern.port()));
        }
        match pattern.port() {
            PortPattern::Only(_) => self.exact.insert(pattern.as_str()),
            PortPattern::Any => {
                let text = pattern.as_str();
                self.any_port.insert(text.strip_suffix(":*").unwrap_or(text))
            }
        }
    }

    fn insert_subdomains(&mut self, base: &str, entry: SchemeAndPort) -> bool {
        let Some(entries) = self.subdomains.entry(base) else { return false };
        match entries.binary_search(&entry) {
            Ok(_) => false,
            Err(at) => {
                entries.insert(at, entry);
                true
            }
        }
    }

    /// Sets the regexes; with `is_secure_only` they match no page that came over the network unprotected.
    pub fn set_regexes(&mut self, regexes: Tables, is_secure_only: bool) {
        self.regexes = regexes;
        self.is_secure_only = is_secure_only;
    }

    /// Whether a pattern consists of exactly these bytes. Then they need not be parsed, because a pattern without a
    /// wildcard is an origin.
    #[must_use]
    pub fn has_exactly(&self, origin: &[u8]) -> bool {
        self.exact.has(origin)
    }

    /// Whether an origin is in the set.
    #[must_use]
    pub fn contains(&self, origin: &Origin<'_>) -> bool {
        self.has_exactly(origin.as_str().as_bytes())
            || self.any_port.has(origin.without_port().as_bytes())
            || self.contains_subdomain(origin)
            || self.matches_regex(origin)
    }

    fn matches_regex(&self, origin: &Origin<'_>) -> bool {
        self.regexes.is_match(origin.as_str()) && !(self.is_secure_only && origin.is_insecure())
    }

    /// Looks up each parent of the host in turn, from the longest: the number of labels limits the work, not the size
    /// of the set.
    fn contains_subdomain(&self, origin: &Origin<'_>) -> bool {
        let Host::Name(host) = origin.host() else { return false };
        // By bytes: what searches for characters takes longer.
        let mut parents =
            host.bytes().zip(1..).filter(|(byte, _)| *byte == b'.').filter_map(|(_, next)| host.get(next..));
        parents.any(|parent| {
            self.subdomains.get(parent.as_bytes()).is_some_and(|entries| is_among(entries, origin))
        })
    }
}

fn is_among(entries: &[SchemeAndPort], origin: &Origin<'_>) -> bool {
    let is_listed = |port: PortPattern| {
        entries.binary_search_by(|(scheme, known)| (&**scheme, *known).cmp(&(origin.scheme(), port))).is_ok()
    };
    is_listed(PortPattern::Any) || is_listed(PortPattern::Only(origin.port()))
}

/// Texts, and the schemes and ports attached to each, if any.
#[derive(Debug)]
struct Table {
    numbers: Numbering,
    /// By the number of the text.
    entries: Vec<Vec<SchemeAndPort>>,
    /// Whether there is a text of this many bytes; no text is longer than an origin. Most requests ask for another
    /// length, and need not be hashed.
    lengths: Box<[bool; MAX_ORIGIN_BYTES + 1]>,
}

impl Default for Table {
    fn default() -> Self {
        let lengths = Box::new([false; MAX_ORIGIN_BYTES + 1]);
        Self { numbers: Numbering::default(), entries: Vec::new(), lengths }
    }
}

impl Table {
    /// Adds a text with nothing attached to it; `false` if it is already there.
    fn insert(&mut self, text: &str) -> bool {
        self.note(text);
        // There is no entry with this number.
        self.numbers.set(text.as_bytes(), u32::MAX)
    }

    /// What is attached to a text, which is added if it is not there.
    fn entry(&mut self, text: &str) -> Option<&mut Vec<SchemeAndPort>> {
        self.note(text);
        let number = match self.numbers.get(text.as_bytes()) {
            Some(number) => number,
            None => {
                let next = u32::try_from(self.entries.len()).ok()?;
                self.entries.push(Vec::new());
                self.numbers.set(text.as_bytes(), next);
                next
            }
        };
        self.entries.get_mut(number as usize)
    }

    fn note(&mut self, text: &str) {
        if let Some(length) = self.lengths.get_mut(text.len()) {
            *length = true;
        }
    }

    fn has(&self, text: &[u8]) -> bool {
        self.number(text).is_some()
    }

    /// What is attached to a text, if anything is.
    fn get(&self, text: &[u8]) -> Option<&[SchemeAndPort]> {
        self.entries.get(self.number(text)? as usize).map(Vec::as_slice)
    }

    #[inline]
    fn number(&self, text: &[u8]) -> Option<u32> {
        let is_length = self.lengths.get(text.len()).copied().unwrap_or_default();
        is_length.then(|| self.numbers.get(text)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(patterns: &[&str], within: &[&str], without: &[&str]) {
        let mut set = OriginSet::default();
        for pattern in patterns {
            assert!(set.insert(&OriginPattern::parse(pattern).unwrap()), "{pattern}");
            assert!(!set.insert(&OriginPattern::parse(pattern).unwrap()), "{pattern} twice");
        }
        for text in within {
            assert!(set.contains(&Origin::parse(text).unwrap()), "{text} is in {patterns:?}");
        }
        for text in without {
            assert!(!set.contains(&Origin::parse(text).unwrap()), "{text} is not in {patterns:?}");
        }
    }

    #[test]
    fn exact() {
        check(
            &["https://example.com", "http://example.com:8080", "http://[::1]:90"],
            &["https://example.com", "http://example.com:8080", "http://[::1]:90"],
            &[
                "http://example.com",
                "https://example.com:8080",
                "https://a.example.com",
                "https://example.com.evil.org",
            ],
        );
    }

    #[test]
    fn any_port() {
        check(
            &["http://localhost:*", "http://[::1]:*"],
            &[
                "http://localhost",
                "http://localhost:1",
                "http://localhost:65535",
                "http://[::1]",
                "http://[::1]:9",
            ],
            &["https://localhost", "http://a.localhost", "http://127.0.0.1", "http://[::2]"],
        );
    }

    #[test]
    fn subdomains_are_whole_labels() {
        check(
            &["https://*.example.com", "http://*.example.com:8080", "https://*.deep.example.org:*"],
            &[
                "https://a.example.com",
                "https://a.b.c.example.com",
                "http://a.example.com:8080",
                "https://x.deep.example.org",
                "https://x.deep.example.org:444",
            ],
            &[
                "https://example.com",
                "https://evilexample.com",
                "https://evil_example.com",
                "https://a.example.com:8080",
                "https://a.example.com.evil.org",
                "http://a.example.com",
                "https://deep.example.org",
                "https://example.org",
            ],
        );
    }
}
