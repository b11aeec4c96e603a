//! The dangers that an entry of `allow_origins` can hold, as far as no switch lifts the check.

use super::finding::{Findings, Path};
use super::switches::{Switch, Switches};
use super::value::Quoted;
use crate::origin::host::Host;
use crate::origin::pattern::OriginPattern;
use crate::origin::public_suffix::{is_parent_of_public_suffixes, is_public_suffix};
use crate::origin::regex::{OriginRegex, RegexError};

/// What decides on the dangers of an origin.
pub struct Guard<'a> {
    /// Whether the policy sends credentials.
    pub allow_credentials: bool,
    /// The checks that are lifted.
    pub switches: &'a Switches,
}

impl Guard<'_> {
    /// A problem if a pattern is dangerous, a warning if it is doubtful.
    pub fn check_pattern(&self, path: &Path<'_>, pattern: &OriginPattern<'_>, findings: &mut Findings) {
        if pattern.is_insecure() && self.needs_protection() {
            let switch = Switch::InsecureOriginsWithCredentials.as_str();
            findings.problem(
                path,
                format_args!(
                    "{} is a page that anyone on the network can change, with credentials; write `https://`, or add `{switch}` to `dangerously_allow`",
                    Quoted(pattern.as_str()),
                ),
            );
        }
        if let (true, Host::Name(base), false) =
            (pattern.is_wildcard(), pattern.host(), pattern.host().is_loopback())
        {
            self.check_public_suffix(path, pattern.as_str(), base, findings);
        }
    }

    /// Compiles a regex.
    ///
    /// # Errors
    /// When it does not compile, or is dangerous whatever its public suffix.
    pub fn compile(&self, source: &str) -> Result<OriginRegex, RegexError> {
        let regex = OriginRegex::compile(source)?;
        if self.needs_protection() { regex.secure_only() } else { Ok(regex) }
    }

    /// A problem if a regex is dangerous for its public suffix, a warning if it is doubtful.
    pub fn check_regex(&self, path: &Path<'_>, regex: &OriginRegex, findings: &mut Findings) {
        let source = Quoted(regex.as_str());
        let switch = Switch::PublicSuffixWildcards;
        if let Some(example) = regex.open_start().filter(|_| !self.switches.lifts(switch)) {
            let switch = switch.as_str();
            return findings.problem(
                path,
                format_args!(
                    r"{source} is open before the host: it also matches `{example}`; write a dot between, as in `https://(.+\.)?example\.com`, or add `{switch}` to `dangerously_allow`"
                ),
            );
        }
        let loose_dot = regex.loose_dot();
        // Where a dot may be a letter, the last label of what matches need be no suffix at all.
        let suffix = regex.public_suffix().filter(|suffix| suffix.contains('.') || loose_dot.is_none());
        if let Some(suffix) = suffix {
            self.check_public_suffix(path, regex.as_str(), &suffix, findings);
        }
        if let Some((meant, loose)) = loose_dot {
            findings.warning(
                path,
                format_args!("{source} has a dot that matches any character: not only `{meant}` but also `{loose}`; write `\\.` for a dot"),
            );
        }
        if let Some(text) = regex.matched_non_origin() {
            let text = Quoted(&text);
            findings.warning(
                path,
                format_args!("{source} matches {text}, which no browser sends; write it in lower case, from the scheme (`https://`) to the host or port"),
            );
        }
    }

    fn check_public_suffix(&self, path: &Path<'_>, entry: &str, base: &str, findings: &mut Findings) {
        let switch = Switch::PublicSuffixWildcards;
        let what = match (is_public_suffix(base), is_parent_of_public_suffixes(base)) {
            _ if self.switches.lifts(switch) => return,
            (true, _) => "is a public suffix",
            (false, true) => "holds public suffixes",
            (false, false) => return,
        };
        let message = format!(
            "{} takes in names of many owners, for `{base}` {what}; name your own domain below it, or add `{}` to `dangerously_allow`",
            Quoted(entry),
            switch.as_str()
        );
        if self.allow_credentials && is_public_suffix(base) {
            findings.problem(path, message);
        } else {
            findings.warning(path, message);
        }
    }

    fn needs_protection(&self) -> bool {
        self.allow_credentials && !self.switches.lifts(Switch::InsecureOriginsWithCredentials)
    }
}
