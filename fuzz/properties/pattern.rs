//! Patterns of origins: the filter accepts those that the contract names, and a set of them holds what each one says.
//!
//! The first line is the value of `Origin`, every other line a pattern.

use std::collections::HashSet;

use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::advice::suggestion;
use proxy_wasm_cors::origin::pattern::{OriginPattern, PortPattern};
use proxy_wasm_cors::origin::set::OriginSet;

use super::origin::{self, NaiveOrigin};

/// A pattern, read by hand.
#[derive(Debug, PartialEq, Eq)]
pub struct NaivePattern {
    scheme: String,
    host: String,
    is_wildcard: bool,
    port: NaivePort,
}

#[derive(Debug, PartialEq, Eq)]
enum NaivePort {
    Any,
    Only(Option<u32>),
}

/// Holds a set of the patterns, asked about the origin, against [`read`] and [`NaivePattern::matches`].
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.split('\n');
    let origin_text = lines.next().unwrap_or_default();
    let patterns: Vec<&str> = lines.collect();
    let mut set = OriginSet::default();
    let mut accepted = HashSet::new();
    for pattern in &patterns {
        if let Some(parsed) = parse(pattern) {
            assert_eq!(set.insert(&parsed), accepted.insert(*pattern), "{pattern:?} is new, or is not");
        }
    }
    if let (Some(origin), Some(naive)) = (Origin::parse(origin_text), origin::read(origin_text.as_bytes())) {
        let is_matched = patterns.iter().filter_map(|pattern| read(pattern)).any(|p| p.matches(&naive));
        assert_eq!(set.contains(&origin), is_matched, "{origin_text} under {patterns:?}");
    }
}

/// What the filter reads, after it was compared with what [`read`] does.
fn parse(text: &str) -> Option<OriginPattern<'_>> {
    let parsed = OriginPattern::parse(text);
    assert_eq!(parsed.is_ok(), read(text).is_some(), "{text:?}: {parsed:?}");
    if let Err(error) = &parsed {
        let (said, remedy) = (error.to_string(), error.remedy(text));
        assert!(!said.is_empty() && !remedy.is_empty(), "{text:?} is refused without a word");
        let advised = suggestion(text);
        assert!(
            advised.as_deref().is_none_or(|it| it != text && read(it).is_some()),
            "{text:?}: {advised:?}"
        );
    }
    if let Ok(pattern) = &parsed {
        // By this an origin that is among the patterns need not be parsed.
        let is_exact = !pattern.is_wildcard() && matches!(pattern.port(), PortPattern::Only(_));
        assert!(!is_exact || Origin::parse(text).is_some(), "{text:?} is a pattern and no origin");
    }
    parsed.ok()
}

/// Reads a pattern as an origin with something added to it.
pub fn read(text: &str) -> Option<NaivePattern> {
    const OF_NO_PAGE: [&str; 6] = ["file", "ws", "wss", "data", "blob", "about"];
    let (without_star, is_any_port) = match text.strip_suffix(":*") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let is_wildcard = without_star.contains("://*.");
    let NaiveOrigin { scheme, host, port } =
        origin::read(without_star.replacen("://*.", "://", 1).as_bytes())?;
    // What is found in place of `*.` has at least two bytes.
    let has_subdomains =
        origin::read(format!("{scheme}://{host}").as_bytes())?.has_name() && host.len() <= 251;
    let is_meaningful = !OF_NO_PAGE.contains(&&*scheme)
        && (has_subdomains || !is_wildcard)
        && (port.is_none() || !is_any_port);
    let port = if is_any_port { NaivePort::Any } else { NaivePort::Only(port) };
    is_meaningful.then_some(NaivePattern { scheme, host, is_wildcard, port })
}

impl NaivePattern {
    /// Whether the origin is one that the pattern stands for, label by label.
    pub fn matches(&self, origin: &NaiveOrigin) -> bool {
        let is_port = self.port == NaivePort::Any || self.port == NaivePort::Only(origin.port);
        self.scheme == origin.scheme && is_port && self.matches_host(origin)
    }

    fn matches_host(&self, origin: &NaiveOrigin) -> bool {
        if !self.is_wildcard {
            return self.host == origin.host;
        }
        let labels: Vec<&str> = origin.host.split('.').collect();
        let wanted: Vec<&str> = self.host.split('.').collect();
        origin.has_name() && labels.len() > wanted.len() && labels.ends_with(&wanted)
    }
}
