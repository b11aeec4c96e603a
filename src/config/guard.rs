//! The dangers of an entry of `allow_origins`, unless a switch lifts the check.

use super::finding::{Findings, Path};
use super::switches::{Switch, Switches};
use super::value::Quoted;
use crate::origin::host::Host;
use crate::origin::pattern::OriginPattern;
use crate::origin::public_suffix::{is_parent_of_public_suffixes, is_public_suffix};

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
        let switch = Switch::InsecureOriginsWithCredentials;
        if pattern.is_insecure() && self.allow_credentials && !self.switches.lifts(switch) {
            findings.problem(
                path,
                format_args!(
                    "{} is allowed credentials, and anyone on the network can alter such a page; write `https://`, {switch}",
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

    fn check_public_suffix(&self, path: &Path<'_>, entry: &str, base: &str, findings: &mut Findings) {
        let what = match (is_public_suffix(base), is_parent_of_public_suffixes(base)) {
            (true, _) => "is a public suffix",
            (false, true) => "has public suffixes below it",
            (false, false) => return,
        };
        let switch = Switch::PublicSuffixWildcards;
        if self.switches.lifts(switch) {
            return;
        }
        // A single label is a suffix by rule. For other names there are only hashes, which may be wrong.
        let certainty =
            if base.contains('.') { ", as far as a hash of the Public Suffix List tells" } else { "" };
        let message = format!(
            "{} takes in names of many owners: `{base}` {what}{certainty}; name your own domain below it, {switch}",
            Quoted(entry)
        );
        if self.allow_credentials { findings.problem(path, message) } else { findings.warning(path, message) }
    }

    /// What is wrong with `*` in the policy.
    pub fn danger_of_any(&self) -> Option<String> {
        let switch = Switch::AnyOriginWithCredentials;
        let is_dangerous = self.allow_credentials && !self.switches.lifts(switch);
        is_dangerous.then(|| {
            format!(
                "`*` with `allow_credentials` lets every website act as the user; name the origins, {switch}"
            )
        })
    }

    /// What is wrong with `null` in the policy. With credentials it allows everyone, as `*` does.
    pub fn danger_of_null(&self) -> Option<String> {
        let mut missing = Vec::new();
        for switch in [Switch::NullOrigin, Switch::AnyOriginWithCredentials] {
            let is_needed = self.allow_credentials || switch == Switch::NullOrigin;
            if is_needed && !self.switches.lifts(switch) {
                missing.push(switch.as_str());
            }
        }
        let why = match self.allow_credentials {
            true => {
                "with `allow_credentials` lets every website act as the user, just as `*` does, since any website can have the origin `null` in a sandboxed frame"
            }
            false => "is the origin of every sandboxed frame, so any website can have it",
        };
        let missing = missing.join("` and `");
        (!missing.is_empty())
            .then(|| format!("`null` {why}; name the origins, or add `{missing}` to `dangerously_allow`"))
    }

    /// What is wrong with `file://` in the policy.
    pub fn danger_of_file(&self) -> Option<String> {
        let switch = Switch::FileOrigin;
        (!self.switches.lifts(switch)).then(|| {
            format!(
                "`file://` is the origin of every local file that an app shell opens, whoever wrote it; serve the page over `https`, or under a scheme of the app's own, such as `app://local`, {switch}"
            )
        })
    }

    /// Whether pages that came over the network unprotected are denied, as credentials require.
    pub fn needs_protection(&self) -> bool {
        self.allow_credentials && !self.switches.has(Switch::InsecureOriginsWithCredentials)
    }
}
