//! What the operator learns about a regex in `allow_origins`.

use super::finding::{Findings, Path, also};
use super::guard::Guard;
use super::switches::Switch;
use super::value::Quoted;
use crate::origin::regex::{OriginRegex, Verdict};

/// From this number of states on, an expression counts as large.
const LARGE: usize = 512;

impl Guard<'_> {
    /// One problem that names everything dangerous in a regex, and warnings about what is doubtful.
    pub fn check_regex(&self, path: &Path<'_>, source: &str, regex: &OriginRegex, findings: &mut Findings) {
        let verdict = regex.verdict();
        let mut dangers = open(verdict);
        dangers.extend(self.open_start(verdict));
        let is_open = !dangers.is_empty();
        let strange = self.strange(verdict, is_open);
        if self.allow_credentials {
            dangers.extend(strange);
            dangers.extend(self.insecure(verdict));
        } else {
            strange.iter().for_each(|said| findings.warning(path, format_args!("{} {said}", Quoted(source))));
        }
        if !dangers.is_empty() {
            findings.problem(path, format_args!("{} {}", Quoted(source), also(&dangers)));
        }
        for doubt in doubts(regex) {
            findings.warning(path, format_args!("{} {doubt}", Quoted(source)));
        }
    }

    /// An origin that ends like an intended one. If not even a hyphen separates the two, it is a slip that no switch
    /// lifts.
    fn open_start(&self, verdict: &Verdict) -> Option<String> {
        let open = verdict.open_start.as_ref().filter(|_| verdict.any.is_none())?;
        if !open.is_glued && self.switches.lifts(Switch::PublicSuffixWildcards) {
            return None;
        }
        let or = match open.is_glued {
            true => String::new(),
            false => format!(", {}", Switch::PublicSuffixWildcards),
        };
        Some(format!(
            r"is open before the host: it also matches `{}`; write a dot between, as in `https://(.+\.)?example\.com`{or}",
            open.origin
        ))
    }

    /// Whom the regex allows without spelling them out, unless something worse already says so.
    fn strange(&self, verdict: &Verdict, is_open: bool) -> Vec<String> {
        let switch = Switch::PublicSuffixWildcards;
        let mut said = Vec::new();
        let named = verdict.stranger.as_ref().filter(|_| !is_open);
        if let Some(stranger) = named.filter(|_| !self.switches.lifts(switch)) {
            let (origin, below) = (&stranger.origin, &stranger.below);
            let whose = match stranger.is_above_suffixes {
                true => "has public suffixes below it",
                false => "is a public suffix",
            };
            // A single label is a suffix by rule. For other names there are only hashes, which may be wrong.
            let certainty =
                if below.contains('.') { ", as far as a hash of the Public Suffix List tells" } else { "" };
            said.push(format!(
                "does not spell out whom it lets in: it also matches `{origin}`, and `{below}` {whose}{certainty}; write out every character of your domain, {switch}"
            ));
        }
        if let Some(address) = verdict.address.as_ref().filter(|_| !self.switches.lifts(switch)) {
            said.push(format!(
                "matches public addresses that it does not spell out, such as `{address}`; write out the address, {switch}"
            ));
        }
        said
    }

    fn insecure(&self, verdict: &Verdict) -> Option<String> {
        let switch = Switch::InsecureOriginsWithCredentials;
        let example = verdict.insecure.as_ref().filter(|_| !self.switches.lifts(switch))?;
        Some(format!(
            "matches `{example}` with credentials, and anyone on the network can alter such a page; begin it with `https://`, {switch}"
        ))
    }
}

/// What nobody can have meant, with credentials or without.
fn open(verdict: &Verdict) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(any) = &verdict.any {
        said.push(format!(
            "matches origins that nobody can have meant, such as `{any}`; name your hosts in it, or write `[\"*\"]` if you mean every origin"
        ));
    } else if let Some(end) = &verdict.open_end {
        said.push(format!(
            "is open at its end: it also matches `{end}`; end it with the host, and allow ports with `(:[0-9]+)?`"
        ));
    }
    said
}

fn doubts(regex: &OriginRegex) -> Vec<String> {
    let verdict = regex.verdict();
    let mut said = Vec::new();
    if let (Some((meant, loose)), None) = (&verdict.loose_dot, &verdict.any) {
        said.push(format!(
            "has a dot that matches any character: not only `{meant}` but also `{loose}`; write `\\.` for a dot"
        ));
    }
    if let Some(scheme) = verdict.extension {
        said.push(format!(
            "matches every extension (`{scheme}://`), whoever made it; write out the identifier of yours"
        ));
    }
    if verdict.is_never {
        said.push("never applies, for nothing that it matches is an origin with a host as browsers send it; write it in lower case, from the scheme (`https://`) to the host or port, and `null` and `file://` as texts".to_owned());
    }
    if regex.states() > LARGE {
        said.push(format!("is large ({} states); write it more simply, or as patterns", regex.states()));
    }
    said
}
