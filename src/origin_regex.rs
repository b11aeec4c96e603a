//! A regular expression over serialized origins, where the operator wrote one.

use std::fmt;

use regex_lite::Regex;

use crate::origin::Origin;
use crate::regex_sample::sample;

/// A regular expression that matches whole origins.
#[derive(Debug)]
pub struct OriginRegex {
    source: Box<str>,
    whole: Regex,
    is_secure_only: bool,
}

/// Why an expression is refused. Its display says what is wrong, then after `;` what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegexError {
    /// It does not compile, as the compiler says.
    Syntax(String),
    /// It compiles alone, but not anchored.
    Unanchorable,
    /// It matches an origin that has nothing to do with any other, which is given.
    AnyOrigin(String),
    /// It matches origins that begin as a meant one does, such as the one given.
    OpenEnd(String),
    /// It matches hosts that end as a meant one does without a dot between, such as the one given.
    OpenStart(String),
    /// It matches a page that came over the network unprotected, such as the one given.
    Insecure(String),
}

impl OriginRegex {
    /// Compiles an expression, anchored at both ends.
    ///
    /// # Errors
    /// When it does not compile, or matches origins that nobody can have meant.
    pub fn compile(source: &str) -> Result<Self, RegexError> {
        Regex::new(source).map_err(|error| RegexError::Syntax(error.to_string()))?;
        let whole = Regex::new(&format!("^(?:{source})$")).map_err(|_| RegexError::Unanchorable)?;
        let regex = Self { source: source.into(), whole, is_secure_only: false };
        match regex.unmeant() {
            Some(error) => Err(error),
            None => Ok(regex),
        }
    }

    /// Restricts the expression to pages that came over the network protected, as credentials ask for.
    ///
    /// # Errors
    /// When the expression is seen to match others, which would then be refused without a word.
    pub fn secure_only(mut self) -> Result<Self, RegexError> {
        let insecure = self.samples().find_map(|text| {
            let (_scheme, rest) = text.split_once("://")?;
            let candidate = format!("http://{rest}");
            let is_insecure =
                Origin::parse(&candidate).is_some_and(|origin| self.matches(&origin) && origin.is_insecure());
            is_insecure.then_some(candidate)
        });
        if let Some(example) = insecure {
            return Err(RegexError::Insecure(example));
        }
        self.is_secure_only = true;
        Ok(self)
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the whole origin matches.
    #[must_use]
    pub fn matches(&self, origin: &Origin<'_>) -> bool {
        self.whole.is_match(origin.as_str()) && !(self.is_secure_only && origin.is_insecure())
    }

    /// Two origins, the first meant and the second surely not, that both match because a dot stands for any
    /// character.
    #[must_use]
    pub fn loose_dot(&self) -> Option<(String, String)> {
        self.samples().find_map(|text| {
            let dots = text.match_indices('.').map(|(at, _)| at);
            let replaced = dots.filter_map(|at| {
                let (before, after) = (text.get(..at)?, text.get(at.checked_add(1)?..)?);
                Some(format!("{before}-{after}"))
            });
            let loose = replaced.into_iter().find(|candidate| self.matches_text(candidate))?;
            Some((text.clone(), loose))
        })
    }

    /// A text that matches and is no origin: the expression, or a branch of it, can never apply.
    #[must_use]
    pub fn matched_non_origin(&self) -> Option<String> {
        sample(&self.source, 1, 'a').filter(|text| self.whole.is_match(text) && !text.contains("://"))
    }

    fn unmeant(&self) -> Option<RegexError> {
        if let Some(any) = unrelated_origins().find(|text| self.matches_text(text)) {
            return Some(RegexError::AnyOrigin(any));
        }
        self.samples().find_map(|text| {
            let longer = format!("{text}.evil.example");
            if self.matches_text(&longer) {
                return Some(RegexError::OpenEnd(longer));
            }
            let evil = with_glued_label(&text)?;
            self.matches_text(&evil).then_some(RegexError::OpenStart(evil))
        })
    }

    /// Origins that match, made from the expression.
    fn samples(&self) -> impl Iterator<Item = String> {
        let made = [(0, '.'), (0, 'a'), (1, 'a')]
            .into_iter()
            .filter_map(|(repeats, any)| sample(&self.source, repeats, any));
        made.filter(|text| self.matches_text(text))
    }

    fn matches_text(&self, text: &str) -> bool {
        Origin::parse(text).is_some_and(|origin| self.matches(&origin))
    }
}

/// Origins that no two policies have in common; an expression that matches one matches nearly all.
fn unrelated_origins() -> impl Iterator<Item = String> {
    const HOSTS: [&str; 9] = [
        "nobodymeantthis.com",
        "nobodymeantthis.net",
        "nobodymeantthis.org",
        "nobodymeantthis.io",
        "nobodymeantthis.dev",
        "nobody-meant-this.app",
        "www.nobodymeantthis.com",
        "nobodymeantthis",
        "198.51.100.7",
    ];
    let origin = |scheme, host, port| format!("{scheme}://{host}{port}");
    ["https", "http"].into_iter().flat_map(move |scheme| {
        HOSTS
            .into_iter()
            .flat_map(move |host| ["", ":8443"].into_iter().map(move |port| origin(scheme, host, port)))
    })
}

/// The origin with a label glued in front of a host of two labels, which makes it the domain of someone else. With
/// more labels it may well be a subdomain that was meant.
fn with_glued_label(origin: &str) -> Option<String> {
    let (scheme, host) = origin.split_once("://")?;
    (host.matches('.').count() == 1).then(|| format!("{scheme}://evil{host}"))
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(
                f,
                "is no regular expression ({error}); check it, or write a pattern such as `https://*.example.com`"
            ),
            Self::Unanchorable => f.write_str(
                "cannot be anchored at both ends; write it without a comment of the `x` flag at its end",
            ),
            Self::AnyOrigin(example) => write!(
                f,
                "matches origins that nobody can have meant, such as `{example}`; name your hosts in it, or write `*` if you mean every origin"
            ),
            Self::OpenEnd(example) => write!(
                f,
                "is open at its end: it also matches `{example}`; end it with the host, and allow ports with `(:[0-9]+)?`"
            ),
            Self::OpenStart(example) => write!(
                f,
                r"is open before the host: it also matches `{example}`; write a dot between, as in `https://(.+\.)?example\.com`"
            ),
            Self::Insecure(example) => write!(
                f,
                "matches `{example}`, a page that anyone on the network can change, with credentials; begin it with `https://`, or add `insecure-origins-with-credentials` to `dangerously_allow`"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(source: &str) -> OriginRegex {
        OriginRegex::compile(source).unwrap_or_else(|error| panic!("{source} {error}"))
    }

    #[track_caller]
    fn matches(source: &str, text: &str, expected: bool) {
        let origin = Origin::parse(text).unwrap();
        assert_eq!(compile(source).matches(&origin), expected, "{source} on {text}");
    }

    #[test]
    fn the_whole_origin_matches() {
        matches(r"https://app\.example\.com", "https://app.example.com", true);
        matches(r"https://app\.example\.com", "https://app.example.com.evil.org", false);
        matches(r"https://app\.example\.com", "https://app.example.com:8080", false);
        matches(r"^https://app\.example\.com$", "https://app.example.com", true);
        matches(r"https://a\.example|https://b\.example", "https://b.example", true);
        matches(r"https://a\.example|https://b\.example", "https://a.example.evil.org", false);
        matches(r"https://pr-[0-9]+\.preview\.example\.com", "https://pr-7.preview.example.com", true);
    }

    #[track_caller]
    fn refused(source: &str, error: &RegexError) {
        assert_eq!(OriginRegex::compile(source).expect_err(source), *error);
    }

    #[test]
    fn what_nobody_can_have_meant() {
        for source in [
            ".*",
            ".+",
            "https://.+",
            "https?://.*",
            "[a-z]+://.*",
            r"https://[a-z.]+",
            r"https://[^.]+\.com",
        ] {
            let error = OriginRegex::compile(source).expect_err(source);
            assert!(matches!(error, RegexError::AnyOrigin(_)), "{source} {error}");
        }
        refused(r"https://example\.com.*", &RegexError::OpenEnd("https://example.com.evil.example".into()));
        refused(r"https://.*example\.com", &RegexError::OpenStart("https://evilexample.com".into()));
        refused(r"(?x)https://a\.example # c", &RegexError::Unanchorable);
    }

    #[test]
    fn what_somebody_may_mean() {
        compile(r"https://(.+\.)?example\.com(:[0-9]+)?");
        compile(r"https://.*\.example\.com");
        compile(r"https://[a-z]*app\.example\.com");
        compile("moz-extension://[0-9a-f-]{36}");
        compile(r"http://localhost(:\d+)?");
    }

    #[test]
    fn what_does_not_compile() {
        for source in ["(", "a{2,1}", "[z-a]", "a)|(b", r"\p{L}", "(a{1000}){1000}"] {
            let error = OriginRegex::compile(source).expect_err(source);
            assert!(matches!(error, RegexError::Syntax(_)), "{source} {error}");
        }
    }

    #[test]
    fn loose_dots_are_seen() {
        let (meant, loose) = compile("https://app.example.com").loose_dot().unwrap();
        assert_eq!((meant.as_str(), loose.as_str()), ("https://app.example.com", "https://app-example.com"));
        assert_eq!(compile(r"https://.*\.example\.com").loose_dot(), None);
        assert_eq!(compile(r"foo\.test").matched_non_origin().as_deref(), Some("foo.test"));
    }

    #[test]
    fn with_credentials_only_protected_pages() {
        for source in [
            r"https?://app\.example\.com",
            r"(https|http)://app\.example\.com",
            r"[a-z]+://app\.example\.com",
        ] {
            let error = compile(source).secure_only().expect_err(source);
            assert_eq!(error, RegexError::Insecure("http://app.example.com".into()));
        }
        assert!(compile(r"https?://localhost(:\d+)?").secure_only().is_ok());
        let mixed = compile(r"https://a\.example|http://b\.example").secure_only().unwrap();
        assert!(mixed.matches(&Origin::parse("https://a.example").unwrap()));
        assert!(!mixed.matches(&Origin::parse("http://b.example").unwrap()), "never silently insecure");
    }
}
