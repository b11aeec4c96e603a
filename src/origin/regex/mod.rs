//! A regular expression over serialized origins, where the operator wrote one.

pub mod sample;

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

use super::host::Host;
use super::public_suffix::is_public_suffix;
use super::{Origin, split_at_scheme};
use sample::samples;

/// The most memory that a compiled expression takes, in bytes. What an expression costs a request grows with it.
const MAX_COMPILED_BYTES: usize = 256 << 10;

/// A name that nobody has in mind.
const STRANGER: &str = "nobodymeantthis";

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
    /// It is empty.
    Empty,
    /// It does not compile, as the compiler says.
    Syntax(String),
    /// It compiles alone, but not anchored.
    Unanchorable,
    /// It matches origins that have nothing to do with each other, such as the one given.
    AnyOrigin(String),
    /// It matches origins that begin as a meant one does, such as the one given.
    OpenEnd(String),
    /// It matches a page that came over the network unprotected, such as the one given.
    Insecure(String),
}

impl OriginRegex {
    /// Compiles an expression, anchored at both ends.
    ///
    /// # Errors
    /// When it does not compile, or matches origins that nobody can have meant.
    pub fn compile(source: &str) -> Result<Self, RegexError> {
        if source.is_empty() {
            return Err(RegexError::Empty);
        }
        build(source).map_err(|error| RegexError::Syntax(error.to_string()))?;
        let whole = build(&format!("^(?:{source})$")).map_err(|_| RegexError::Unanchorable)?;
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
            let (_scheme, rest) = split_at_scheme(&text)?;
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
            let mut replaced = dots.filter_map(|at| {
                let (before, after) = (text.get(..at)?, text.get(at.checked_add(1)?..)?);
                Some(format!("{before}x{after}"))
            });
            let loose = replaced.find(|candidate| self.matches_text(candidate))?;
            Some((text.clone(), loose))
        })
    }

    /// A text that matches and is no origin, where no origin is seen to match: the expression can never apply.
    #[must_use]
    pub fn matched_non_origin(&self) -> Option<String> {
        if self.samples().next().is_some() {
            return None;
        }
        samples(&self.source).find(|text| self.whole.is_match(text))
    }

    /// A public suffix under which every name matches.
    #[must_use]
    pub fn public_suffix(&self) -> Option<String> {
        let text = self.samples().find(|text| self.matches_any_name_beside(text))?;
        registrable_domain(&text).map(|(_label, suffix)| suffix.to_owned())
    }

    fn unmeant(&self) -> Option<RegexError> {
        let mut unrelated = unrelated_origins().into_iter().filter(|text| self.matches_text(text));
        if let (Some(any), Some(_)) = (unrelated.next(), unrelated.next()) {
            return Some(RegexError::AnyOrigin(any));
        }
        let longer = |text: &String| replace_host(text, &format!("{}.evil.example", host_of(text)?));
        self.samples()
            .filter_map(|text| longer(&text))
            .find(|text| self.matches_text(text))
            .map(RegexError::OpenEnd)
    }

    /// The origin of a stranger that matches because nothing, or only a dot that stands for any character, parts what
    /// is free in front from the host.
    #[must_use]
    pub fn open_start(&self) -> Option<String> {
        self.samples().find_map(|text| {
            let host = host_of(&text)?;
            // In `.*.example.com` the second dot may be the `l` of `evil`.
            let parent = host.split_once('.').map(|(_label, parent)| parent);
            let glued = [Some(host), parent].into_iter().flatten().map(|end| format!("evil{end}"));
            let hosts = glued.filter(|host| is_registrable(host));
            let mut strangers = hosts.filter_map(|host| replace_host(&text, &host));
            // Where any name will do, that is another fault: a public suffix.
            strangers.find(|text| self.matches_text(text) && !self.matches_any_name_beside(text))
        })
    }

    /// Whether any name under the public suffix of this origin matches too.
    fn matches_any_name_beside(&self, text: &str) -> bool {
        let stranger = registrable_domain(text)
            .and_then(|(_label, suffix)| replace_host(text, &format!("{STRANGER}.{suffix}")));
        stranger.is_some_and(|stranger| self.matches_text(&stranger))
    }

    /// Origins that match, made from the expression.
    fn samples(&self) -> impl Iterator<Item = String> {
        let mut made = Vec::new();
        for text in samples(&self.source) {
            made.extend([format!("https://{text}"), text]);
        }
        made.into_iter().filter(|text| self.matches_text(text))
    }

    fn matches_text(&self, text: &str) -> bool {
        Origin::parse(text).is_some_and(|origin| self.matches(&origin))
    }
}

fn build(source: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(source).size_limit(MAX_COMPILED_BYTES).build()
}

/// Origins that no two policies have in common; an expression that matches two of them matches nearly all.
fn unrelated_origins() -> Vec<String> {
    const SHAPES: [(&str, &str, &str); 3] = [("https", "", ""), ("http", "", ""), ("https", "www.", ":8443")];
    let mut origins = Vec::new();
    for suffix in [".com", ".net", ".org", ".io", ".dev", ""] {
        for (scheme, front, port) in SHAPES {
            origins.push(format!("{scheme}://{front}{STRANGER}{suffix}{port}"));
        }
    }
    origins
}

fn host_of(origin: &str) -> Option<&str> {
    match Origin::parse(origin)?.host() {
        Host::Name(name) => Some(name),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// The label and the public suffix of an origin whose host is just these two: someone can own it. Loopback names are
/// no one's.
fn registrable_domain(origin: &str) -> Option<(&str, &str)> {
    let host = host_of(origin)?;
    host.split_once('.').filter(|_| is_registrable(host))
}

fn is_registrable(host: &str) -> bool {
    let is_below_suffix = host.split_once('.').is_some_and(|(_label, suffix)| is_public_suffix(suffix));
    is_below_suffix && !is_public_suffix(host) && !Host::Name(host).is_loopback()
}

fn replace_host(origin: &str, host: &str) -> Option<String> {
    let parsed = Origin::parse(origin)?;
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", parsed.scheme()))
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("is empty and matches nothing; write an expression, or remove the entry")
            }
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
            Self::Insecure(example) => write!(
                f,
                "matches `{example}`, a page that anyone on the network can change, with credentials; begin it with `https://`, or add `insecure-origins-with-credentials` to `dangerously_allow`"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
