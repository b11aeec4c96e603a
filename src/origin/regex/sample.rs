//! Texts that a regular expression matches, made from the expression itself.
//!
//! Samples let the configuration be judged by what an expression really matches: a changed sample that still matches
//! is a proof that no reading of the expression's text could give. A sample is a guess where the syntax is richer
//! than what is read here, so whoever uses one asks the compiled expression first.

use std::collections::HashSet;
use std::iter::Peekable;
use std::str::Chars;

use crate::origin::fnv::BuildFnv;

/// The longest sample in bytes: more than any origin has.
const MAX_SAMPLE_BYTES: usize = 512;
/// How deep groups are followed; the compiler of expressions allows fewer.
const MAX_DEPTH: u32 = 64;
/// How many ways through the alternatives are taken.
const MAX_CHOICES: usize = 16;
/// The characters that a class is asked for, those first that can stand anywhere in a host and in a port.
const PREFERRED: &str = "a1bcdefghijklmnopqrstuvwxyz234567890-._:/";

/// What is chosen where an expression leaves a choice.
#[derive(Clone, Copy, Debug)]
struct Choices {
    /// Which alternative, counted round.
    alternative: usize,
    /// How often, where any number will do.
    repeats: usize,
    /// Which character, where any single one will do: a dot may well be meant for one.
    any: char,
}

/// Which character, where any number of any will do.
const ANY_REPEATED: &str = "a";

/// Different texts that `source` should match; none if the expression is deeper than what compiles.
pub fn samples(source: &str) -> impl Iterator<Item = String> {
    let is_alike_in_case = source.as_bytes().windows(3).any(|flag| flag == b"(?i");
    // Each alternative with both of the other choices, either way.
    let choices = (0..MAX_CHOICES * 4).map(|at| Choices {
        alternative: at / 4,
        repeats: at / 2 % 2,
        any: if at % 2 == 0 { '.' } else { 'a' },
    });
    let made = choices.filter_map(move |choices| {
        let mut sampler = Sampler { rest: source.chars().peekable(), choices, depth: 0 };
        let text = sampler.alternatives()?;
        Some(if is_alike_in_case { text.to_ascii_lowercase() } else { text })
    });
    // Most expressions leave few choices, and each sample is asked about several times.
    let mut seen = HashSet::<Box<str>, BuildFnv>::default();
    made.filter(move |text| seen.insert(text.as_str().into()))
}

struct Sampler<'a> {
    rest: Peekable<Chars<'a>>,
    choices: Choices,
    depth: u32,
}

impl Sampler<'_> {
    fn alternatives(&mut self) -> Option<String> {
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH)?;
        let mut all = vec![self.sequence()?];
        while self.rest.next_if_eq(&'|').is_some() {
            all.push(self.sequence()?);
        }
        self.depth = self.depth.saturating_sub(1);
        let at = self.choices.alternative.checked_rem(all.len())?;
        Some(all.swap_remove(at))
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(next) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let mut atom = self.atom(next)?;
            if next == '.' && matches!(self.rest.peek(), Some('*' | '+' | '?' | '{')) {
                ANY_REPEATED.clone_into(&mut atom);
            }
            let times = self.quantifier();
            if atom.len().checked_mul(times)?.checked_add(text.len())? > MAX_SAMPLE_BYTES {
                return None;
            }
            text.push_str(&atom.repeat(times));
        }
        Some(text)
    }

    fn atom(&mut self, first: char) -> Option<String> {
        match first {
            '(' => self.group(),
            '[' => self.class().map(String::from),
            '\\' => Some(escaped(self.rest.next()?)),
            '.' => Some(self.choices.any.to_string()),
            '^' | '$' => Some(String::new()),
            literal => Some(literal.to_string()),
        }
    }

    fn group(&mut self) -> Option<String> {
        if self.rest.next_if_eq(&'?').is_some() {
            // `?:`, `?flags:`, `?<name>` and `?P<name>` all end at one of these; `(?flags)` is a group of nothing.
            while !matches!(self.rest.next()?, ':' | '>') {
                if self.rest.peek() == Some(&')') {
                    break;
                }
            }
        }
        let text = self.alternatives()?;
        self.rest.next_if_eq(&')')?;
        Some(text)
    }

    /// A member of a class.
    fn class(&mut self) -> Option<char> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        while let Some(member) = self.rest.next() {
            if member == ']' && !ranges.is_empty() {
                break;
            }
            let from = self.member(member)?;
            // A hyphen stands between the ends of a range, or for itself at the end of the class.
            let is_range = self.rest.peek() == Some(&'-') && !self.ends_after_hyphen();
            if is_range && from.len() == 1 {
                self.rest.next();
                let to = self.rest.next()?;
                ranges.push((from.first().copied()?.0, self.member(to)?.first().copied()?.1));
            } else {
                ranges.extend(from);
            }
        }
        let holds = |c: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != is_negated;
        PREFERRED.chars().find(|c| holds(*c)).or(ranges.first().map(|(from, _)| *from))
    }

    fn ends_after_hyphen(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next();
        ahead.next() == Some(']')
    }

    /// The characters that a member of a class stands for.
    fn member(&mut self, member: char) -> Option<Vec<(char, char)>> {
        if member != '\\' {
            return Some(vec![(member, member)]);
        }
        Some(match self.rest.next()? {
            'd' => vec![('0', '9')],
            'w' => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
            literal => vec![(literal, literal)],
        })
    }

    fn quantifier(&mut self) -> usize {
        let times = match self.rest.peek() {
            Some('*' | '?') => self.choices.repeats,
            Some('+') => self.choices.repeats.max(1),
            Some('{') => return self.counted(),
            _ => return 1,
        };
        self.rest.next();
        self.rest.next_if_eq(&'?');
        times
    }

    /// `{n}`, `{n,}` or `{n,m}`: n times.
    fn counted(&mut self) -> usize {
        let inside: String = self.rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
        self.rest.next_if_eq(&'?');
        inside.split(',').next().and_then(|least| least.trim().parse().ok()).unwrap_or(1)
    }
}

fn escaped(c: char) -> String {
    match c {
        'd' => "1".to_owned(),
        'w' | 'D' | 'S' => "a".to_owned(),
        's' => " ".to_owned(),
        'W' => "-".to_owned(),
        'b' | 'B' | 'A' | 'z' => String::new(),
        literal => literal.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text is among the samples, and the expression matches all of them.
    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let made: Vec<String> = samples(source).collect();
        let regex = regex_lite::Regex::new(&format!("^(?:{source})$")).unwrap();
        for text in &made {
            assert!(regex.is_match(text), "{source} does not match its sample {text}");
        }
        for text in expected {
            assert!(made.iter().any(|sample| sample == text), "{text} is not in {made:?}");
        }
    }

    #[test]
    fn samples_match() {
        check(r"https://app\.example\.com", &["https://app.example.com"]);
        check(r"https?://.*\.a\.b", &["http://.a.b", "https://a.a.b"]);
        check("https://(?:app|www)[.]a|x", &["https://app.a", "x"]);
        check("(a|b|(c|d))e", &["ae", "be", "ce"]);
        check(r"x(?P<n>[0-9a-f-]{3,5}|y)+\d{2}", &["xaaa11", "xy11"]);
        check(r"(?i:A)[^b]\w*$", &["aa", "aaa"]);
        check("(?i)A", &["a"]);
        check("https://.*.a.b", &["https://a.a.b", "https://.a.b", "https://aaaab"]);
        check(r"[\]x]\-[]]", &["x-]"]);
        check("[A-Za-z0-9.-]+[0-9]+[.-][^a-z]", &["a1-1"]);
        check(r"[A-Z][\d-][-a]", &["A1a"]);
    }

    #[test]
    fn deep_long_or_broken_gives_none() {
        for source in [&*"(".repeat(1000), "a{1000}", "(a{100}){100}", "(a", "a\\"] {
            assert_eq!(samples(source).next(), None, "{source}");
        }
    }
}
