//! A text that a regular expression matches, made from the expression itself.
//!
//! Samples let the configuration be judged by what an expression really matches: a changed sample that still matches
//! is a proof that no reading of the expression's text could give. A sample is a guess where the syntax is richer
//! than what is read here, so whoever uses one asks the compiled expression first.

use std::iter::Peekable;
use std::str::Chars;

/// The longest sample in bytes: more than any origin has.
const MAX_SAMPLE_BYTES: usize = 512;
/// How deep groups are followed; the compiler of expressions allows fewer.
const MAX_DEPTH: u32 = 64;
/// A letter, where a class leaves the choice.
const LETTER: char = 'a';

/// Makes a text that `source` should match: of alternatives the first, of repetitions the least number but, where
/// any number will do, `repeats`, and `any` where any character will do. `None` if the expression is too deep or the
/// text too long.
#[must_use]
pub fn sample(source: &str, repeats: usize, any: char) -> Option<String> {
    let mut sampler = Sampler { rest: source.chars().peekable(), repeats, any, depth: 0 };
    sampler.alternatives()
}

struct Sampler<'a> {
    rest: Peekable<Chars<'a>>,
    repeats: usize,
    any: char,
    depth: u32,
}

impl Sampler<'_> {
    fn alternatives(&mut self) -> Option<String> {
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH)?;
        let first = self.sequence()?;
        while self.rest.next_if_eq(&'|').is_some() {
            self.sequence()?;
        }
        self.depth = self.depth.saturating_sub(1);
        Some(first)
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(next) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let atom = self.atom(next)?;
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
            '[' => Some(self.class().to_string()),
            '\\' => Some(escaped(self.rest.next()?)),
            '.' => Some(self.any.to_string()),
            '^' | '$' => Some(String::new()),
            literal => Some(literal.to_string()),
        }
    }

    fn group(&mut self) -> Option<String> {
        if self.rest.next_if_eq(&'?').is_some() {
            // `?:`, `?flags:`, `?<name>` and `?P<name>` all end at one of these.
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

    /// The first member of a class, for a negated one a letter.
    fn class(&mut self) -> char {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut first = None;
        while let Some(member) = self.rest.next() {
            let is_first = first.is_none();
            if member == ']' && !is_first {
                break;
            }
            let member = match member {
                '\\' => self.rest.next().and_then(|c| escaped(c).chars().next()).unwrap_or(LETTER),
                literal => literal,
            };
            first = first.or(Some(member));
        }
        if is_negated { LETTER } else { first.unwrap_or(LETTER) }
    }

    fn quantifier(&mut self) -> usize {
        let times = match self.rest.peek() {
            Some('*') => self.repeats,
            Some('?') => 0,
            Some('+') => self.repeats.max(1),
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
        'w' | 'D' | 'S' => LETTER.to_string(),
        's' => " ".to_owned(),
        'W' => "-".to_owned(),
        'b' | 'B' | 'A' | 'z' => String::new(),
        literal => literal.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, least: &str, one: &str) {
        assert_eq!(sample(source, 0, LETTER).as_deref(), Some(least));
        assert_eq!(sample(source, 1, LETTER).as_deref(), Some(one));
        let regex = regex_lite::Regex::new(&format!("^(?:{source})$")).unwrap();
        assert!(regex.is_match(least) && regex.is_match(one));
    }

    #[test]
    fn samples_match() {
        check(r"https://app\.example\.com", "https://app.example.com", "https://app.example.com");
        check(r"https?://.*\.a\.b", "http://.a.b", "http://a.a.b");
        check("https://(?:app|www)[.]a", "https://app.a", "https://app.a");
        check(r"x(?P<n>[0-9a-f-]{3,5}|y)+\d{2}", "x00011", "x00011");
        check(r"(?i:a)[^b]\w*$", "aa", "aaa");
        check(r"[\]x]\-[]]", "]-]", "]-]");
    }

    #[test]
    fn deep_long_or_broken_gives_none() {
        assert_eq!(sample(&"(".repeat(1000), 0, LETTER), None);
        assert_eq!(sample("a{1000}", 0, LETTER), None);
        assert_eq!(sample("(a{100}){100}", 0, LETTER), None);
        assert_eq!(sample("(a", 0, LETTER), None);
        assert_eq!(sample("a\\", 0, LETTER), None);
    }
}
