//! Regexes: an accepted one allows exactly the origins that it matches from end to end, by a matcher of another kind.
//!
//! The last line is the value of `Origin`, all before it the expression.

use std::collections::{BTreeSet, HashMap};

use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::regex::OriginRegex;
use proxy_wasm_cors::origin::regex::dfa::Tables;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};
use serde_json::json;

use super::configuration;

/// Holds the expression against [`NaiveRegex`], for the origin and for what is said to match.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (source, origin) = text.rsplit_once('\n').unwrap_or((text, ""));
    let config = json!({ "allow_origins": [{ "regex": source }], "allow_credentials": true });
    configuration::check(config.to_string().as_bytes());
    let (Ok(regex), Some(naive)) = (OriginRegex::read(source), NaiveRegex::parse(source)) else { return };
    let verdict = regex.verdict().clone();
    let named =
        [verdict.stranger.map(|stranger| stranger.origin), verdict.address, verdict.any, verdict.open_end];
    let more = [verdict.open_start.map(|open| open.origin), verdict.insecure];
    let Ok(tables) = Tables::new(&[regex.into_node()]) else { return };
    if Origin::parse(origin).is_some() {
        assert_eq!(tables.is_match(origin), naive.is_whole_match(origin), "{source:?} and {origin}");
    }
    for said in named.into_iter().chain(more).flatten() {
        assert!(tables.is_match(&said) && naive.is_whole_match(&said), "{source:?} was said to match {said}");
    }
}

/// An expression as a tree, which is matched by walking it.
pub struct NaiveRegex(Hir);

impl NaiveRegex {
    /// Reads an expression; `None` if it is none, or one that takes too long to walk.
    ///
    /// The filter's expressions know classes of ASCII only, as this does without Unicode.
    pub fn parse(source: &str) -> Option<Self> {
        let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(source).ok()?;
        (size(&hir) < 10_000).then_some(Self(hir))
    }

    /// Whether the whole text matches.
    pub fn is_whole_match(&self, text: &str) -> bool {
        let mut walk = Walk { text: text.as_bytes(), known: HashMap::new() };
        walk.ends(&self.0, 0).contains(&text.len())
    }
}

/// How often the parts of an expression are repeated at least, all in all.
fn size(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Repetition(Repetition { min, sub, .. }) => (*min).max(1).saturating_mul(size(sub)),
        HirKind::Capture(capture) => size(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(size).fold(1, u32::saturating_add)
        }
        _ => 1,
    }
}

/// A walk over a text, which goes no way twice.
struct Walk<'a> {
    text: &'a [u8],
    known: HashMap<(*const Hir, usize), Places>,
}

type Places = BTreeSet<usize>;

impl Walk<'_> {
    /// Where a match of the expression can end that begins at a place.
    fn ends(&mut self, hir: &Hir, start: usize) -> Places {
        if let Some(known) = self.known.get(&(&raw const *hir, start)) {
            return known.clone();
        }
        let ends = self.find_ends(hir, start);
        self.known.insert((&raw const *hir, start), ends.clone());
        ends
    }

    fn find_ends(&mut self, hir: &Hir, start: usize) -> Places {
        let rest = &self.text[start..];
        let at = |length: Option<usize>| length.map(|length| start + length).into_iter().collect();
        match hir.kind() {
            HirKind::Empty => at(Some(0)),
            HirKind::Literal(literal) => at(rest.starts_with(&literal.0).then_some(literal.0.len())),
            HirKind::Class(class) => at(rest.first().filter(|byte| holds(class, **byte)).map(|_| 1)),
            HirKind::Look(look) => at(is_at(*look, self.text, start).then_some(0)),
            HirKind::Capture(capture) => self.ends(&capture.sub, start),
            HirKind::Concat(parts) => {
                parts.iter().fold(Places::from([start]), |starts, part| self.ends_of_all(part, &starts))
            }
            HirKind::Alternation(parts) => parts.iter().flat_map(|part| self.ends(part, start)).collect(),
            HirKind::Repetition(repetition) => self.repeated(repetition, start),
        }
    }

    fn ends_of_all(&mut self, hir: &Hir, starts: &Places) -> Places {
        starts.iter().flat_map(|start| self.ends(hir, *start)).collect()
    }

    fn repeated(&mut self, repetition: &Repetition, start: usize) -> Places {
        let sub = &repetition.sub;
        let least =
            (0..repetition.min).fold(Places::from([start]), |starts, _| self.ends_of_all(sub, &starts));
        let (mut all, mut new) = (least.clone(), least);
        // Each round finds a place, or there is none left to find.
        for _ in repetition.min..repetition.max.unwrap_or(u32::MAX) {
            new = self.ends_of_all(sub, &new).difference(&all).copied().collect();
            all.extend(&new);
            if new.is_empty() {
                break;
            }
        }
        all
    }
}

fn holds(class: &Class, byte: u8) -> bool {
    match class {
        Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&byte)),
        Class::Unicode(class) => {
            class.iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
        }
    }
}

/// <https://docs.rs/regex-syntax/latest/regex_syntax/hir/enum.Look.html>, for a text without line ends.
fn is_at(look: Look, text: &[u8], at: usize) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let before = is_word(at.checked_sub(1).and_then(|before| text.get(before)));
    let after = is_word(text.get(at));
    match look {
        Look::Start | Look::StartLF | Look::StartCRLF => at == 0,
        Look::End | Look::EndLF | Look::EndCRLF => at == text.len(),
        Look::WordAscii | Look::WordUnicode => before != after,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => before == after,
        Look::WordStartAscii | Look::WordStartUnicode => !before && after,
        Look::WordEndAscii | Look::WordEndUnicode => before && !after,
        Look::WordStartHalfAscii | Look::WordStartHalfUnicode => !before,
        Look::WordEndHalfAscii | Look::WordEndHalfUnicode => !after,
    }
}
