//! What stands between brackets, and what a backslash stands for.

use super::Parser;
use crate::origin::regex::class::{Set, fold_case, one, perl, posix, range_of_chars};

impl Parser<'_> {
    /// Behind the opening bracket.
    pub(super) fn class(&mut self) -> Option<Set> {
        self.significant();
        let is_negated = self.next_if('^');
        let (mut set, mut is_first) = (0, true);
        while self.significant() == Some('-') {
            self.rest.next();
            (set, is_first) = (one(b'-'), false);
        }
        loop {
            let c = self.significant()?;
            self.rest.next();
            match c {
                ']' if !is_first => break,
                '[' => set |= self.named_class()?,
                _ => set |= self.class_item(c)?,
            }
            is_first = false;
        }
        let set = if self.folds_case { fold_case(set) } else { set };
        Some(if is_negated { !set } else { set })
    }

    /// `[:name:]`, behind its first bracket.
    fn named_class(&mut self) -> Option<Set> {
        let (inside, rest) = self.rest.as_str().strip_prefix(':')?.split_once(':')?;
        self.rest = rest.strip_prefix(']')?.chars();
        match inside.strip_prefix('^') {
            Some(name) => posix(name).map(|set| !set),
            None => posix(inside),
        }
    }

    /// A character, a range or an escape.
    fn class_item(&mut self, first: char) -> Option<Set> {
        let from = match self.class_char(first)? {
            Ok(c) => c,
            Err(set) => return Some(set),
        };
        let is_range = self.significant() == Some('-') && {
            let mut ahead = Self { rest: self.rest.clone(), ..*self };
            ahead.rest.next();
            !matches!(ahead.significant(), Some(']' | '-') | None)
        };
        if !is_range {
            return Some(range_of_chars(from, from));
        }
        self.rest.next();
        self.significant();
        let to = self.rest.next()?;
        Some(range_of_chars(from, self.class_char(to)?.ok()?))
    }

    fn class_char(&mut self, first: char) -> Option<Result<char, Set>> {
        if first != '\\' {
            return Some(Ok(first));
        }
        let c = self.rest.next()?;
        Some(match perl(c) {
            Some(set) => Err(set),
            None => Ok(self.escaped_char(c)?),
        })
    }

    /// The character that a backslash and this one stand for.
    pub(super) fn escaped_char(&mut self, c: char) -> Option<char> {
        let digits = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'a' => return Some('\x07'),
            'f' => return Some('\x0c'),
            't' => return Some('\t'),
            'n' => return Some('\n'),
            'r' => return Some('\r'),
            'v' => return Some('\x0b'),
            other => return (!other.is_ascii_alphanumeric()).then_some(other),
        };
        self.significant();
        let is_in_braces = self.next_if('{');
        let mut hex = String::new();
        while is_in_braces || hex.len() < digits {
            self.significant();
            match self.rest.next()? {
                '}' if is_in_braces => break,
                digit => hex.push(digit),
            }
        }
        self.significant();
        char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
    }
}
